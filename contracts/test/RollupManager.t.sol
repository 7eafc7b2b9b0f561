// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPausing} from "../src/interfaces/IPausing.sol";
import {IRollupManager} from "../src/interfaces/IRollupManager.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {ITimelock} from "../src/interfaces/ITimelock.sol";
import {RollupManager} from "../src/manager/RollupManager.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

contract RollupManagerTest is SettlementFixture {
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));

    function test_register_makesTheSettlement() public {
        ISettlement implementation = implementationOf(8);
        vm.prank(ADMIN);
        ISettlement second = manager.register(implementation, genesis());

        vm.assertEq(address(manager.settlementOf(8)), address(second));
        vm.assertEq(second.rollupId(), 8);
        vm.assertEq(second.state().verifiedStateRoot, GENESIS_ROOT);
        vm.assertEq(second.windowLengths().commitWindow, COMMIT_WINDOW);
        vm.assertEq(second.rewardPolicy().priceWei, REWARD);

        IRollupManager.Rollup memory rollup = manager.rollupOf(8);
        vm.assertEq(address(rollup.settlement), address(second));
        vm.assertEq(rollup.implementation, address(implementation));
        vm.assertEq(rollup.verifier, address(verifier));
        vm.assertEq(rollup.policy.threshold, 1);
        vm.assertEq(rollup.rewardSource, address(second));
        vm.assertEq(rollup.operators, address(operators));
        vm.assertEq(rollup.sequencer, SEQUENCER);
        vm.assertEq(rollup.pause.until, 0);
    }

    function test_register_emits() public {
        ISettlement implementation = implementationOf(8);
        // The manager has made one contract before.
        address second = vm.computeCreateAddress(address(manager), 2);
        vm.expectEmit(address(manager));
        emit IRollupManager.RollupRegistered(8, second, address(implementation));
        vm.prank(ADMIN);
        vm.assertEq(address(manager.register(implementation, genesis())), second);
    }

    function test_register_revertsWithAlreadyRegistered() public {
        ISettlement implementation = implementationOf(7);
        vm.expectRevert(
            abi.encodeWithSelector(IRollupManager.AlreadyRegistered.selector, 7, address(settlement))
        );
        vm.prank(ADMIN);
        manager.register(implementation, genesis());
    }

    function test_register_revertsWithWrongImplementation() public {
        ISettlement.Config memory other = config();
        other.rollupId = 8;
        other.manager = ALICE;
        ISettlement implementation = newSettlement(other);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRollupManager.WrongImplementation.selector, address(implementation), "manager"
            )
        );
        vm.prank(ADMIN);
        manager.register(implementation, genesis());
    }

    function test_register_revertsWithNotFieldElement() public {
        ISettlement implementation = implementationOf(8);
        vm.expectRevert(abi.encodeWithSelector(ISequences.NotFieldElement.selector, FIELD_MODULUS));
        vm.prank(ADMIN);
        ISettlement.Genesis memory bad = genesis();
        bad.stateRoot = bytes32(FIELD_MODULUS);
        manager.register(implementation, bad);
    }

    function test_lookups_revertWithUnknownRollup() public {
        bytes memory unknown = abi.encodeWithSelector(IRollupManager.UnknownRollup.selector, 8);
        vm.expectRevert(unknown);
        manager.settlementOf(8);
        vm.expectRevert(unknown);
        manager.rollupOf(8);
        vm.expectRevert(unknown);
        vm.prank(GUARDIAN);
        manager.pause(8);
    }

    function testFuzz_rollups_arePages(uint256 first, uint256 count) public {
        registerUpTo(11);
        first = bound(first, 0, 8);
        if (count % 2 == 0) count = bound(count, 0, 8);
        vm.assertEq(manager.rollupCount(), 5);
        uint256[] memory page = manager.rollups(first, count);
        uint256 rest = first < 5 ? 5 - first : 0;
        vm.assertEq(page.length, count < rest ? count : rest);
        for (uint256 i = 0; i < page.length; i++) {
            vm.assertEq(page[i], 7 + first + i);
        }
    }

    function test_pauseAll_pausesWhatItCan() public {
        registerUpTo(10);
        vm.prank(GUARDIAN);
        manager.pause(8);
        vm.roll(1100);
        vm.prank(GUARDIAN);
        manager.pauseAll(0, type(uint256).max);
        vm.assertEq(manager.settlementOf(7).pauseOf().since, 1100);
        vm.assertEq(manager.settlementOf(8).pauseOf().since, 1000);
        vm.assertEq(manager.settlementOf(9).pauseOf().since, 1100);
        vm.assertEq(manager.settlementOf(10).pauseOf().since, 1100);
    }

    function test_pauseAll_canBeDoneInParts() public {
        registerUpTo(10);
        vm.prank(GUARDIAN);
        manager.pauseAll(1, 2);
        vm.assertEq(manager.settlementOf(7).pauseOf().since, 0);
        vm.assertEq(manager.settlementOf(8).pauseOf().since, 1000);
        vm.assertEq(manager.settlementOf(9).pauseOf().since, 1000);
        vm.assertEq(manager.settlementOf(10).pauseOf().since, 0);
    }

    function test_setGuardian_throughTheTimelock() public {
        throughTimelock(address(manager), abi.encodeCall(IRollupManager.setGuardian, (BOB)));
        vm.assertEq(manager.guardian(), BOB);
        vm.prank(BOB);
        manager.pause(7);
        vm.expectRevert(abi.encodeWithSelector(IRollupManager.NotAllowed.selector, GUARDIAN, "guardian"));
        vm.prank(GUARDIAN);
        manager.pauseAll(0, 1);
    }

    function test_constructor_revertsWithInvalidTimelock() public {
        vm.expectRevert(abi.encodeWithSelector(IRollupManager.InvalidTimelock.selector, ALICE));
        new RollupManager(ITimelock(ALICE), GUARDIAN);
    }

    /// Every function, by everybody who has no right to it: nothing changes.
    function test_attack_rolesOfOthers() public {
        bytes[] memory calls = new bytes[](9);
        string[] memory roles = new string[](9);
        (calls[0], roles[0]) = (abi.encodeCall(IRollupManager.register, (settlement, genesis())), "admin");
        (calls[1], roles[1]) = (abi.encodeCall(IRollupManager.extendPause, (7, 1)), "admin");
        (calls[2], roles[2]) = (abi.encodeCall(IRollupManager.waiveCooldown, (7)), "admin");
        (calls[3], roles[3]) = (abi.encodeCall(IRollupManager.resume, (7)), "guardian");
        (calls[4], roles[4]) = (abi.encodeCall(IRollupManager.pause, (7)), "guardian");
        (calls[5], roles[5]) = (abi.encodeCall(IRollupManager.pauseAll, (0, 1)), "guardian");
        (calls[6], roles[6]) = (abi.encodeCall(IRollupManager.upgrade, (7, settlement, "")), "timelock");
        (calls[7], roles[7]) =
        (abi.encodeCall(IRollupManager.resolveDisagreement, (7, 1, new bytes32[](0))), "timelock");
        (calls[8], roles[8]) = (abi.encodeCall(IRollupManager.setGuardian, (ALICE)), "timelock");

        address[4] memory callers = [ADMIN, GUARDIAN, SEQUENCER, STRANGER];
        for (uint256 i = 0; i < calls.length; i++) {
            bytes32 role = keccak256(bytes(roles[i]));
            for (uint256 j = 0; j < callers.length; j++) {
                if (callers[j] == ADMIN && role == keccak256("admin")) continue;
                // The administrator may resume as well.
                if (callers[j] == ADMIN && i == 3) continue;
                if (callers[j] == GUARDIAN && role == keccak256("guardian")) continue;
                vm.prank(callers[j]);
                (bool done, bytes memory reason) = address(manager).call(calls[i]);
                vm.assertFalse(done);
                vm.assertEq(
                    keccak256(reason),
                    keccak256(
                        abi.encodeWithSelector(IRollupManager.NotAllowed.selector, callers[j], roles[i])
                    )
                );
            }
        }
        vm.assertEq(manager.guardian(), GUARDIAN);
        vm.assertEq(settlement.pauseOf().since, 0);
    }

    /// The implementation itself is nobody's settlement: it cannot be begun, and it takes nothing.
    function test_attack_initialiseTheImplementation() public {
        ISettlement implementation = implementationOf(8);
        vm.expectRevert(abi.encodeWithSelector(IPausing.NotManager.selector, STRANGER, address(manager)));
        vm.prank(STRANGER);
        implementation.initialise(genesis());
        // Nor can the settlement be begun once more.
        vm.expectRevert(abi.encodeWithSelector(ISequences.AlreadyInitialised.selector));
        vm.prank(address(manager));
        settlement.initialise(genesis());
    }

    /// ETH that nothing is said about would be rewards by accident; whatever has no function is refused as well.
    function test_proxy_takesNoPlainPayments() public {
        vm.deal(STRANGER, 1 ether);
        vm.prank(STRANGER);
        (bool paid,) = address(settlement).call{value: 1 ether}("");
        vm.assertFalse(paid);
        vm.prank(STRANGER);
        (bool called,) = address(settlement).call(hex"12345678");
        vm.assertFalse(called);
    }

    function implementationOf(uint256 rollupId) private returns (ISettlement) {
        ISettlement.Config memory settings = config();
        settings.rollupId = rollupId;
        return newSettlement(settings);
    }

    function registerUpTo(uint256 rollupId) private {
        for (uint256 id = 8; id <= rollupId; id++) {
            ISettlement implementation = implementationOf(id);
            vm.prank(ADMIN);
            manager.register(implementation, genesis());
        }
    }
}
