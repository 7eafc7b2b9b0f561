// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Bridge} from "../src/Bridge.sol";
import {IBridge} from "../src/interfaces/IBridge.sol";
import {IForcedInbox} from "../src/interfaces/IForcedInbox.sol";
import {IExitRoots} from "../src/interfaces/IExitRoots.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {Poseidon2} from "../src/libraries/Poseidon2.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

/// A settlement and its bridge, together.
contract SettlementBridgeTest is SettlementFixture {
    bytes32 private constant ROOT = bytes32(uint256(0xabc));
    uint64 private constant LEAST = 890_880;

    Bridge private ether_;

    function setUp() public override {
        super.setUp();
        begin();
    }

    /// A settlement of a new manager, behind a bridge that was made for it, with operators.
    function begin() private {
        // Timelock and manager come behind the bridge, then the manager's first proxy.
        ether_ = new Bridge(
            IExitRoots(created(created(address(this), nextNonce() + 2), 1)),
            100,
            IForcedInbox(address(0)),
            new bytes32[](0)
        );
        bridge = ether_;
        deploy(config());
    }

    /// A deposit is taken, leaves again in the same batch, and is claimed once the sequence is verified.
    function test_depositAndWithdrawal() public {
        vm.deal(BOB, 1 ether);
        vm.prank(BOB);
        ether_.deposit{value: 1 ether}(ROOT);
        uint64 number = sequence(abi.encodePacked("messages", ROOT, uint64(1e9), uint8(1)));

        bytes32 exitRoot = bytes32(Poseidon2.hash3(Poseidon2.constants(), 10, 0x0b0b0000 << 128, 1e9));
        address recipient = address(0x0b0b);
        vm.expectRevert(abi.encodeWithSelector(IBridge.NoExits.selector, number));
        ether_.claim(number, recipient, 1e9, 0, new bytes32[](0));

        bytes32[] memory inputs = settlement.publicInputsOf(number, exitRoot, address(0));
        bytes memory proof = abi.encodePacked(keccak256(abi.encodePacked(inputs)));
        commit(ALICE, number, proof);
        rollToReveal(number);
        vm.prank(ALICE);
        settlement.revealProof(number, proof, ROOT, exitRoot);
        vm.assertEq(settlement.exitRootOf(number), exitRoot);
        ether_.claim(number, recipient, 1e9, 0, new bytes32[](0));
        vm.assertEq(recipient.balance, 1 ether);
        vm.assertEq(address(ether_).balance, 0);
    }

    function test_sequence_revertsWithWhatTheBridgeSays_andChangesNothing() public {
        bytes[] memory batches = new bytes[](1);
        batches[0] = abi.encodePacked("messages", ROOT, uint64(1e9), uint8(1));
        vm.expectRevert(abi.encodeWithSelector(IBridge.WrongDeposit.selector, 0, 0));
        vm.prank(SEQUENCER);
        settlement.sequence(1, batches, ROOT);
        vm.assertEq(settlement.state().lastSequence, 0);
    }

    function test_attack_depositsWithoutBridge() public {
        bridge = IBridge(address(0));
        deploy(config());
        sequence(hex"6100");
        bytes[] memory batches = new bytes[](2);
        batches[0] = hex"00";
        batches[1] = abi.encodePacked("messages", ROOT, uint64(1e9), uint8(1));
        vm.expectRevert(abi.encodeWithSelector(ISequences.DepositsWithoutBridge.selector, 1));
        vm.prank(SEQUENCER);
        settlement.sequence(2, batches, ROOT);
    }

    function test_attack_bridgeOfAnother() public {
        ISettlement.Config memory settings = config();
        settings.rollupId = 8;
        ISettlement implementation = newSettlement(settings);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.InvalidConfig.selector, "bridge"));
        vm.prank(ADMIN);
        manager.register(implementation, genesis());
    }

    function test_constructor_revertsWithBlobsBesideABridge() public {
        ISettlement.Config memory settings = config();
        settings.allowsBlobs = true;
        vm.expectRevert(abi.encodeWithSelector(ISettlement.InvalidConfig.selector, "allowsBlobs"));
        newSettlement(settings);
    }

    function sequence(bytes memory batch) private returns (uint64) {
        bytes[] memory batches = new bytes[](1);
        batches[0] = batch;
        uint64 first = nextBatch();
        vm.prank(SEQUENCER);
        return settlement.sequence(first, batches, ROOT);
    }

    function nextNonce() private view returns (uint64) {
        return vm.getNonce(address(this));
    }

    /// Address of the contract that `maker` makes with this nonce.
    function created(address maker, uint64 nonce) private pure returns (address) {
        vm.assertTrue(nonce < 0x80);
        return address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", maker, uint8(nonce))))));
    }
}
