// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Bridge} from "../src/Bridge.sol";
import {IForcedInbox} from "../src/interfaces/IForcedInbox.sol";
import {IBridge} from "../src/interfaces/IBridge.sol";
import {ExitTree} from "../src/libraries/ExitTree.sol";
import {Poseidon2} from "../src/libraries/Poseidon2.sol";
import {BridgeFixture} from "./BridgeFixture.sol";

/// Asks for its exit again while it is paid.
contract Reentering {
    Bridge private immutable _bridge;
    bytes private _call;
    uint256 public refusals;

    constructor(Bridge bridge_) {
        _bridge = bridge_;
    }

    function arm(bytes calldata again) external {
        _call = again;
    }

    receive() external payable {
        (bool done,) = address(_bridge).call(_call);
        if (!done) refusals++;
    }
}

/// Refuses payments until it is told otherwise.
contract Stubborn {
    bool public willing;

    function agree() external {
        willing = true;
    }

    receive() external payable {
        require(willing);
    }
}

/// Answers payments with more than anybody wants to copy.
contract Verbose {
    receive() external payable {
        assembly {
            return(0, 100000)
        }
    }
}

contract BridgeClaimTest is BridgeFixture {
    Exit[4] private exits;

    function setUp() public override {
        super.setUp();
        exits[0] = Exit(ALICE, LEAST);
        exits[1] = Exit(BOB, 2 * LEAST);
        exits[2] = Exit(BOB, 2 * LEAST);
        verify(3, exits);
        bridge.fund{value: 1 ether}();
    }

    function test_claim_paysTheRecipientWhoeverAsks() public {
        vm.expectEmit(address(bridge));
        emit IBridge.ExitClaimed(3, 4, ALICE, LEAST);
        vm.prank(BOB);
        claim(0);
        vm.assertEq(ALICE.balance, uint256(LEAST) * 1 gwei);
        vm.assertEq(bridge.available(), 1 ether - uint256(LEAST) * 1 gwei);
        vm.assertTrue(bridge.isClaimed(3, 4));
        // Two equal exits are two exits.
        claim(1);
        claim(2);
        vm.assertEq(BOB.balance, 4 * uint256(LEAST) * 1 gwei);
    }

    function test_claim_inASequenceOfManyBatches() public {
        (bytes32 right, bytes32[] memory lower) = treeOf(exits, 1);
        bytes32[] memory path = new bytes32[](4);
        (path[0], path[1], path[2], path[3]) = (lower[0], lower[1], bytes32(0), bytes32(uint256(77)));
        bytes memory table = Poseidon2.constants();
        uint256 pair = Poseidon2.hash3(table, 11, 0, uint256(right));
        settlement.verify(9, bytes32(Poseidon2.hash3(table, 11, pair, 77)));
        bridge.claim(9, BOB, 2 * LEAST, 5, path);
        vm.assertTrue(bridge.isClaimed(9, 16 + 5));
    }

    function test_attack_doubleClaim() public {
        claim(0);
        vm.expectRevert(abi.encodeWithSelector(IBridge.AlreadyClaimed.selector, 3, 4));
        claim(0);
        // Another spelling of the same path: bits above it, or a sibling above the modulus.
        (, bytes32[] memory path) = treeOf(exits, 0);
        vm.expectRevert(abi.encodeWithSelector(IBridge.InvalidPath.selector, 4, 2));
        bridge.claim(3, ALICE, LEAST, 4, path);
        vm.assertEq(ALICE.balance, uint256(LEAST) * 1 gwei);
    }

    function test_attack_claimOfAnothersExit() public {
        (, bytes32[] memory path) = treeOf(exits, 1);
        refusesAsWrong(ALICE, 2 * LEAST, 1, path);
        refusesAsWrong(BOB, 3 * LEAST, 1, path);
    }

    function test_attack_wrongPath() public {
        (, bytes32[] memory path) = treeOf(exits, 0);
        for (uint256 bits = 1; bits < 4; bits++) {
            refusesAsWrong(ALICE, LEAST, bits, path);
        }
        for (uint256 i = 0; i < 2; i++) {
            path[i] ^= bytes32(uint256(1));
            refusesAsWrong(ALICE, LEAST, 0, path);
            path[i] ^= bytes32(uint256(1));
        }
        refusesAsWrong(ALICE, LEAST, 0, new bytes32[](0));
        path[0] = bytes32(Poseidon2.MODULUS);
        vm.expectRevert(abi.encodeWithSelector(ExitTree.NotFieldElement.selector, path[0]));
        bridge.claim(3, ALICE, LEAST, 0, path);
        vm.expectRevert(abi.encodeWithSelector(IBridge.InvalidPath.selector, 0, 65));
        bridge.claim(3, ALICE, LEAST, 0, new bytes32[](65));
    }

    /// A node has another tag than a leaf: its children are no exit.
    function test_attack_nodeAsLeaf() public {
        bytes memory table = Poseidon2.constants();
        uint256 lamports = LEAST;
        uint256 recipient = uint256(uint160(ALICE));
        settlement.verify(4, bytes32(Poseidon2.hash3(table, 11, recipient, lamports)));
        vm.prank(ALICE);
        try bridge.claim(4, ALICE, LEAST, 0, new bytes32[](0)) {
            revert("claimed");
        } catch {}
        vm.assertEq(ALICE.balance, 0);
    }

    function test_attack_claimOnUnverifiedSequence() public {
        (, bytes32[] memory path) = treeOf(exits, 0);
        vm.expectRevert(abi.encodeWithSelector(IBridge.NoExits.selector, 4));
        bridge.claim(4, ALICE, LEAST, 0, path);
        // An empty tree has no leaf, whatever hashes to 0.
        vm.expectRevert(abi.encodeWithSelector(IBridge.NoExits.selector, 0));
        bridge.claim(0, ALICE, LEAST, 0, path);
    }

    function test_attack_reentrancyOnClaim() public {
        Reentering recipient = new Reentering(bridge);
        exits[3] = Exit(address(recipient), LEAST);
        verify(5, exits);
        (, bytes32[] memory path) = treeOf(exits, 3);
        recipient.arm(abi.encodeCall(IBridge.claim, (5, address(recipient), LEAST, 3, path)));
        bridge.claim(5, address(recipient), LEAST, 3, path);
        vm.assertEq(address(recipient).balance, uint256(LEAST) * 1 gwei);
        vm.assertEq(recipient.refusals(), 1);
        vm.assertEq(bridge.available(), 1 ether - uint256(LEAST) * 1 gwei);
    }

    function test_attack_recipientThatRefuses() public {
        Stubborn recipient = new Stubborn();
        exits[3] = Exit(address(recipient), LEAST);
        verify(5, exits);
        (, bytes32[] memory path) = treeOf(exits, 3);
        uint256 amount = uint256(LEAST) * 1 gwei;
        vm.expectRevert(abi.encodeWithSelector(IBridge.TransferRefused.selector, address(recipient), amount));
        bridge.claim(5, address(recipient), LEAST, 3, path);
        vm.assertFalse(bridge.isClaimed(5, 7));
        vm.assertEq(bridge.available(), 1 ether);
        recipient.agree();
        bridge.claim(5, address(recipient), LEAST, 3, path);
        vm.assertEq(address(recipient).balance, amount);
    }

    function test_attack_hugeReturnData() public {
        Verbose recipient = new Verbose();
        exits[3] = Exit(address(recipient), LEAST);
        verify(5, exits);
        (, bytes32[] memory path) = treeOf(exits, 3);
        bridge.claim{gas: 400_000}(5, address(recipient), LEAST, 3, path);
        vm.assertEq(address(recipient).balance, uint256(LEAST) * 1 gwei);
    }

    /// What waits in the inbox, or was sent back, is not there for exits.
    function test_attack_claimFromTheInbox() public {
        Bridge poor = new Bridge(settlement, DEADLINE, IForcedInbox(address(0)), new bytes32[](0));
        vm.deal(ALICE, 2 ether);
        vm.prank(ALICE);
        poor.deposit{value: 1 ether}(WALLET);
        vm.prank(ALICE);
        poor.deposit{value: 1 ether}(WALLET);
        poor.returnDeposit();
        (, bytes32[] memory path) = treeOf(exits, 0);
        uint256 amount = uint256(LEAST) * 1 gwei;
        vm.expectRevert(abi.encodeWithSelector(IBridge.InsufficientBacking.selector, 0, amount));
        poor.claim(3, ALICE, LEAST, 0, path);
        poor.fund{value: amount}();
        poor.claim(3, ALICE, LEAST, 0, path);
        vm.prank(ALICE);
        vm.assertEq(poor.withdrawRefund(), 1 ether);
    }

    function testFuzz_claim_takesExactlyTheExits(
        address recipient,
        uint64 lamports,
        uint256 bits,
        uint256 siblings
    ) public {
        (, bytes32[] memory path) = treeOf(exits, bits % 4);
        if (siblings % 3 == 0) path[0] = bytes32(siblings % Poseidon2.MODULUS);
        vm.prank(ALICE);
        try bridge.claim(3, recipient, lamports, bits, path) {
            revert("claimed");
        } catch {}
        vm.assertEq(bridge.available(), 1 ether);
    }

    function claim(uint256 index) private {
        (, bytes32[] memory path) = treeOf(exits, index);
        bridge.claim(3, exits[index].recipient, exits[index].lamports, index, path);
    }

    function refusesAsWrong(address recipient, uint64 lamports, uint256 bits, bytes32[] memory path) private {
        Exit[4] memory none;
        (none[0].recipient, none[0].lamports) = (recipient, lamports);
        bytes32 root = bytes32(leafOf(none[0]));
        bytes memory table = Poseidon2.constants();
        for (uint256 i = 0; i < path.length; i++) {
            (uint256 own, uint256 beside) = (uint256(root), uint256(path[i]));
            root = bytes32(
                (bits >> i) & 1 == 0
                    ? Poseidon2.hash3(table, 11, own, beside)
                    : Poseidon2.hash3(table, 11, beside, own)
            );
        }
        vm.expectRevert(abi.encodeWithSelector(IBridge.WrongExit.selector, 3, root));
        bridge.claim(3, recipient, lamports, bits, path);
    }
}
