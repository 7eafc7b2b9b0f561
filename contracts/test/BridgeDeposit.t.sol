// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Bridge} from "../src/Bridge.sol";
import {IForcedInbox} from "../src/interfaces/IForcedInbox.sol";
import {IBridge} from "../src/interfaces/IBridge.sol";
import {IExitRoots} from "../src/interfaces/IExitRoots.sol";
import {BridgeFixture} from "./BridgeFixture.sol";

contract BridgeDepositTest is BridgeFixture {
    function test_deposit_waitsInTheInbox() public {
        vm.expectEmit(address(bridge));
        emit IBridge.DepositQueued(0, ALICE, WALLET, LEAST);
        vm.assertEq(deposit(ALICE, WALLET, LEAST), 0);
        vm.roll(1001);
        vm.assertEq(deposit(BOB, bytes32(uint256(2)), 5 * LEAST), 1);

        IBridge.Deposit memory second = bridge.depositOf(1);
        vm.assertEq(second.recipient, bytes32(uint256(2)));
        vm.assertEq(second.lamports, 5 * LEAST);
        vm.assertEq(second.blockNumber, 1001);
        vm.assertEq(second.depositor, BOB);
        vm.assertEq(bridge.depositCount(), 2);
        vm.assertEq(bridge.consumedCount(), 0);
        vm.assertEq(bridge.available(), 0);
        vm.assertEq(address(bridge).balance, 6 * uint256(LEAST) * 1 gwei);
    }

    function test_deposit_revertsWithNotWholeLamports() public {
        refuses(WALLET, 1 ether + 1, abi.encodeWithSelector(IBridge.NotWholeLamports.selector, 1 ether + 1));
    }

    function test_deposit_revertsWithDepositTooSmall() public {
        uint256 amount = (LEAST - 1) * 1 gwei;
        bytes memory reason = abi.encodeWithSelector(IBridge.DepositTooSmall.selector, LEAST - 1, LEAST);
        refuses(WALLET, amount, reason);
        refuses(WALLET, 0, abi.encodeWithSelector(IBridge.DepositTooSmall.selector, 0, LEAST));
    }

    function test_deposit_revertsWithDepositTooLarge() public {
        uint256 most = 1 << 63;
        bytes memory reason = abi.encodeWithSelector(IBridge.DepositTooLarge.selector, most + 1, most);
        refuses(WALLET, (most + 1) * 1 gwei, reason);
        deposit(ALICE, WALLET, uint64(most - LEAST));
        reason = abi.encodeWithSelector(IBridge.DepositTooLarge.selector, LEAST + 1, LEAST);
        refuses(WALLET, uint256(LEAST + 1) * 1 gwei, reason);
        deposit(ALICE, WALLET, LEAST);
    }

    function test_deposit_revertsWithRefusedRecipient() public {
        bytes32 exit = bytes32(abi.encodePacked("polyproof:l1", ALICE));
        bytes32[3] memory refused = [bytes32(0), RESERVED, exit];
        for (uint256 i = 0; i < refused.length; i++) {
            bytes memory reason = abi.encodeWithSelector(IBridge.RefusedRecipient.selector, refused[i]);
            refuses(refused[i], 1 ether, reason);
        }
        deposit(ALICE, exit ^ bytes32(uint256(1) << 160), LEAST);
    }

    function test_consume_takesTheNextOnesInOrder() public {
        for (uint256 i = 0; i < 5; i++) {
            deposit(ALICE, bytes32(i + 1), LEAST + uint64(i));
        }
        bytes[] memory batches = new bytes[](3);
        batches[0] = batch(0, 2);
        batches[1] = batch(2, 2);
        batches[2] = batch(2, 3);
        vm.expectEmit(address(bridge));
        emit IBridge.DepositsConsumed(0, 3);
        sequence(batches);
        vm.assertEq(bridge.consumedCount(), 3);
        vm.assertEq(bridge.available(), (3 * uint256(LEAST) + 3) * 1 gwei);
        sequence(one(batch(3, 3)));
        vm.assertEq(bridge.consumedCount(), 3);
        sequence(one(batch(3, 5)));
        vm.assertEq(bridge.consumedCount(), 5);
        vm.assertEq(bridge.available(), address(bridge).balance);
    }

    /// A lamport that no deposit brought would be paid from what others deposited.
    function test_attack_mintingByADepositThatNobodyMade() public {
        wrong(one(abi.encodePacked("messages", WALLET, LEAST, uint8(1))), 0, 0);
        deposit(ALICE, WALLET, LEAST);
        wrong(one(abi.encodePacked("messages", WALLET, LEAST + 1, uint8(1))), 0, 0);
        wrong(one(abi.encodePacked("messages", bytes32(uint256(2)), LEAST, uint8(1))), 0, 0);
        bytes memory twice = abi.encodePacked("messages", WALLET, LEAST, WALLET, LEAST, uint8(2));
        wrong(one(twice), 0, 1);
        bytes[] memory batches = new bytes[](2);
        batches[0] = batch(0, 1);
        batches[1] = batch(0, 1);
        wrong(batches, 1, 1);
        // Entries that are not there are all zero.
        wrong(one(abi.encodePacked(batch(0, 1), bytes32(0), uint64(0), uint8(1))), 0, 0);
        vm.assertEq(bridge.consumedCount(), 0);
        sequence(one(batch(0, 1)));
        wrong(one(abi.encodePacked(bytes32(0), uint64(0), uint8(1))), 0, 1);
    }

    function test_attack_reorderingTheInbox() public {
        deposit(ALICE, WALLET, LEAST);
        deposit(BOB, bytes32(uint256(2)), LEAST);
        wrong(one(batch(1, 2)), 0, 0);
    }

    function test_consume_revertsWithMalformedDeposits() public {
        bytes memory malformed = abi.encodeWithSelector(IBridge.MalformedDeposits.selector, 0);
        vm.expectRevert(malformed);
        sequence(one(""));
        vm.expectRevert(malformed);
        sequence(one(abi.encodePacked(new bytes(39), uint8(1))));
        vm.expectRevert(malformed);
        sequence(one(hex"ff"));
        vm.expectRevert(abi.encodeWithSelector(IBridge.MalformedDeposits.selector, 1));
        bytes[] memory batches = new bytes[](2);
        batches[0] = hex"00";
        batches[1] = hex"01";
        sequence(batches);
    }

    function test_attack_consumingAsSomebodyElse() public {
        deposit(ALICE, WALLET, LEAST);
        bytes[] memory batches = one(batch(0, 1));
        vm.expectRevert(abi.encodeWithSelector(IBridge.NotSettlement.selector, ALICE));
        vm.prank(ALICE);
        bridge.consume(batches);
    }

    function test_attack_sequencerCensorsADeposit() public {
        deposit(ALICE, WALLET, LEAST);
        vm.roll(1000 + DEADLINE);
        sequence(one(hex"00"));
        vm.roll(1001 + DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(IBridge.DepositOverdue.selector, 0, 0));
        sequence(one(hex"00"));
        bytes[] memory batches = new bytes[](2);
        batches[0] = hex"00";
        batches[1] = batch(0, 1);
        vm.expectRevert(abi.encodeWithSelector(IBridge.DepositOverdue.selector, 0, 0));
        sequence(batches);
        (batches[0], batches[1]) = (batches[1], batches[0]);
        sequence(batches);
        vm.assertEq(bridge.consumedCount(), 1);
    }

    /// Many overdue deposits do not have to be in one sequence.
    function test_attack_floodingTheInboxToStopTheRollup() public {
        for (uint256 i = 0; i < 50; i++) {
            deposit(ALICE, WALLET, LEAST);
        }
        vm.roll(10_000);
        for (uint64 i = 0; i < 50; i++) {
            vm.expectRevert(abi.encodeWithSelector(IBridge.DepositOverdue.selector, 0, i));
            sequence(one(hex"00"));
            sequence(one(batch(i, i + 1)));
        }
        sequence(one(hex"00"));
    }

    function test_returnDeposit_skipsTheNextOneAndOwesIt() public {
        deposit(ALICE, WALLET, LEAST);
        deposit(BOB, bytes32(uint256(2)), 2 * LEAST);
        vm.expectEmit(address(bridge));
        emit IBridge.DepositReturned(0, ALICE, LEAST);
        bridge.returnDeposit();
        vm.assertTrue(bridge.isReturned(0));
        wrong(one(batch(0, 1)), 0, 1);
        sequence(one(batch(1, 2)));
        vm.assertEq(bridge.available(), 2 * uint256(LEAST) * 1 gwei);

        vm.expectRevert(abi.encodeWithSelector(IBridge.NothingToRefund.selector, BOB));
        vm.prank(BOB);
        bridge.withdrawRefund();
        vm.prank(ALICE);
        vm.assertEq(bridge.withdrawRefund(), uint256(LEAST) * 1 gwei);
        vm.assertEq(ALICE.balance, uint256(LEAST) * 1 gwei);
        vm.expectRevert(abi.encodeWithSelector(IBridge.NothingToRefund.selector, ALICE));
        vm.prank(ALICE);
        bridge.withdrawRefund();
        vm.expectRevert(abi.encodeWithSelector(IBridge.NoDeposit.selector));
        bridge.returnDeposit();
    }

    function test_attack_returningADepositAsSomebodyElse() public {
        deposit(ALICE, WALLET, LEAST);
        vm.expectRevert(abi.encodeWithSelector(IBridge.NotSequencer.selector, ALICE, address(this)));
        vm.prank(ALICE);
        bridge.returnDeposit();
    }

    function test_constructor_revertsWithInvalidBridge() public {
        vm.expectRevert(abi.encodeWithSelector(IBridge.InvalidBridge.selector, "settlement"));
        new Bridge(IExitRoots(address(0)), DEADLINE, IForcedInbox(address(0)), new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(IBridge.InvalidBridge.selector, "deadlineBlocks"));
        new Bridge(settlement, 0, IForcedInbox(address(0)), new bytes32[](0));
    }

    function refuses(bytes32 recipient, uint256 amount, bytes memory reason) private {
        uint64 count = bridge.depositCount();
        vm.deal(ALICE, amount);
        vm.expectRevert(reason);
        vm.prank(ALICE);
        bridge.deposit{value: amount}(recipient);
        vm.assertEq(bridge.depositCount(), count);
    }

    function wrong(bytes[] memory batches, uint256 number, uint64 index) private {
        vm.expectRevert(abi.encodeWithSelector(IBridge.WrongDeposit.selector, number, index));
        sequence(batches);
    }
}
