// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ForcedInbox} from "../src/ForcedInbox.sol";
import {IBridge} from "../src/interfaces/IBridge.sol";
import {IForcedInbox} from "../src/interfaces/IForcedInbox.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {ForcedInboxFixture} from "./ForcedInboxFixture.sol";

contract ForcedInboxTest is ForcedInboxFixture {
    function test_force_queuesTheBatchOfTheSignedMessage() public {
        for (uint64 nonce = 0; nonce < 4; nonce++) {
            vm.assertEq(
                keccak256(INBOX.messageOf(rich.payer, RECIPIENT, LAMPORTS + nonce)),
                keccak256(rich.messages[nonce])
            );
            uint64 due = 1000 + DEADLINE + nonce * SPACING;
            vm.expectEmit(address(INBOX));
            emit IForcedInbox.WithdrawalForced(
                nonce, rich.payer, RECIPIENT, LAMPORTS + nonce, nonce, due, rich.rs[nonce], rich.ss[nonce]
            );
            vm.assertEq(force(rich, nonce), nonce);
            IForcedInbox.Entry memory entry = INBOX.entryOf(nonce);
            vm.assertEq(entry.dataHash, keccak256(rich.batches[nonce]));
            vm.assertEq(entry.payer, rich.payer);
            vm.assertEq(entry.blockNumber, 1000);
            vm.assertEq(entry.dueBlock, due);
        }
        vm.assertEq(INBOX.nonceOf(rich.payer), 4);
        vm.assertEq(settlement.rewards(), 4 * FEE);
        vm.assertEq(address(INBOX).balance, 0);
    }

    function test_force_revertsWithWrongFee() public {
        vm.expectRevert(abi.encodeWithSelector(IForcedInbox.WrongFee.selector, FEE - 1, FEE));
        INBOX.force{value: FEE - 1}(rich.payer, RECIPIENT, LAMPORTS, rich.rs[0], rich.ss[0]);
    }

    function test_force_revertsWithWithdrawalTooSmall() public {
        vm.expectRevert(abi.encodeWithSelector(IForcedInbox.WithdrawalTooSmall.selector, 890_879, 890_880));
        INBOX.force{value: FEE}(rich.payer, RECIPIENT, 890_879, rich.rs[0], rich.ss[0]);
    }

    /// Somebody forces what the payer signed once more, or for another recipient, amount or payer.
    function test_attack_replayedOrChangedSignature() public {
        bytes memory wrong = abi.encodeWithSelector(IForcedInbox.WrongSignature.selector, rich.payer, 0);
        vm.expectRevert(wrong);
        INBOX.force{value: FEE}(rich.payer, address(this), LAMPORTS, rich.rs[0], rich.ss[0]);
        vm.expectRevert(wrong);
        INBOX.force{value: FEE}(rich.payer, RECIPIENT, LAMPORTS + 1, rich.rs[0], rich.ss[0]);
        vm.expectRevert(abi.encodeWithSelector(IForcedInbox.WrongSignature.selector, poor.payer, 0));
        INBOX.force{value: FEE}(poor.payer, RECIPIENT, LAMPORTS, rich.rs[0], rich.ss[0]);
        force(rich, 0);
        vm.expectRevert(abi.encodeWithSelector(IForcedInbox.WrongSignature.selector, rich.payer, 1));
        INBOX.force{value: FEE}(rich.payer, RECIPIENT, LAMPORTS, rich.rs[0], rich.ss[0]);
    }

    function test_consume_takesEntriesInOrder() public {
        force(rich, 0);
        force(poor, 0);
        sequence(OTHER_BATCH);
        sequence(poor.batches[0], rich.batches[0]); // the first one is not its turn: a batch like any other
        vm.assertEq(INBOX.nextEntry(), 1);
        vm.expectEmit(address(INBOX));
        emit IForcedInbox.WithdrawalsIncluded(1, 2);
        sequence(OTHER_BATCH, poor.batches[0]);
        vm.assertEq(INBOX.nextEntry(), 2);
        sequence(OTHER_BATCH);
    }

    function test_consume_revertsWithNotBridge() public {
        vm.expectRevert(
            abi.encodeWithSelector(IForcedInbox.NotBridge.selector, address(this), address(bridge))
        );
        INBOX.consume(new bytes[](0));
    }

    /// The sequencer leaves a withdrawal out for ever: when it is overdue, nothing else can be sequenced.
    function test_attack_sequencerCensorship() public {
        force(rich, 0);
        vm.roll(1000 + DEADLINE);
        sequence(OTHER_BATCH);
        vm.roll(1001 + DEADLINE);
        bytes memory refusal = abi.encodeWithSelector(IForcedInbox.WithdrawalOverdue.selector, 0, 0);
        vm.expectRevert(refusal);
        sequence(OTHER_BATCH);
        vm.expectRevert(refusal);
        sequence(OTHER_BATCH, rich.batches[0]);
        vm.expectRevert(refusal);
        sequence(abi.encodePacked(rich.batches[0], uint8(0)));
        sequence(rich.batches[0], OTHER_BATCH);
        sequence(OTHER_BATCH);
    }

    /// The sequencer fills the queue itself: entries fall due one after the other, and other batches go between them.
    function test_attack_floodedQueue() public {
        for (uint64 nonce = 0; nonce < 4; nonce++) {
            force(poor, nonce);
        }
        force(rich, 0);
        vm.roll(1001 + DEADLINE);
        sequence(poor.batches[0], OTHER_BATCH);
        vm.roll(1000 + DEADLINE + SPACING);
        sequence(OTHER_BATCH);
        vm.roll(1001 + DEADLINE + 4 * SPACING);
        vm.expectRevert(abi.encodeWithSelector(IForcedInbox.WithdrawalOverdue.selector, 0, 1));
        sequence(rich.batches[0]);
        for (uint64 nonce = 1; nonce < 4; nonce++) {
            sequence(poor.batches[nonce]);
        }
        sequence(rich.batches[0], OTHER_BATCH);
    }

    /// Deposits that wait too long must not keep an overdue withdrawal out, which has no room for them.
    function test_attack_overdueDepositsAgainstAnOverdueWithdrawal() public {
        bridge.deposit{value: 0.01 ether}(bytes32(uint256(1)));
        force(rich, 0);
        vm.roll(1001 + DEADLINE);
        vm.expectRevert(abi.encodeWithSelector(IBridge.DepositOverdue.selector, 1, 0));
        sequence(rich.batches[0], OTHER_BATCH);
        bytes memory deposit = abi.encodePacked("a", bytes32(uint256(1)), uint64(10_000_000), uint8(1));
        sequence(rich.batches[0], deposit);
        vm.assertEq(INBOX.nextEntry(), 1);
        vm.assertEq(bridge.consumedCount(), 1);
    }

    /// Whatever is forced, sequenced and waited for: entries are taken in order, once, and while one is overdue nothing else is.
    function testFuzz_consume_nothingOverduePasses(uint256 seed) public {
        uint64 forced = 0;
        for (uint256 step = 0; step < 24; step++) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint64 next = INBOX.nextEntry();
            if (seed % 4 == 0 && forced < 8) {
                force(forced < 4 ? rich : poor, forced % 4);
                forced++;
            } else if (seed % 4 == 1) {
                vm.roll(block.number + (seed >> 8) % 60);
            } else {
                bool isNext = seed % 4 == 2 && next < forced;
                bool isOverdue = next < forced && block.number > INBOX.entryOf(next).dueBlock;
                bytes memory data = isNext ? batchOf(next) : OTHER_BATCH;
                if (isOverdue && !isNext) {
                    vm.expectRevert(abi.encodeWithSelector(IForcedInbox.WithdrawalOverdue.selector, 0, next));
                }
                sequence(data);
                vm.assertEq(INBOX.nextEntry(), isNext ? next + 1 : next);
            }
            vm.assertEq(INBOX.entryCount(), forced);
        }
    }

    function test_constructor_revertsWithInvalidInbox() public {
        vm.expectRevert(abi.encodeWithSelector(IForcedInbox.InvalidInbox.selector, "settlement"));
        new ForcedInbox(ISettlement(address(0)), bridge, FEE, 5000, DEADLINE, SPACING);
        ISettlement known = ISettlement(address(settlement));
        vm.expectRevert(abi.encodeWithSelector(IForcedInbox.InvalidInbox.selector, "bridge"));
        new ForcedInbox(known, IBridge(address(0)), FEE, 5000, DEADLINE, SPACING);
        vm.expectRevert(abi.encodeWithSelector(IForcedInbox.InvalidInbox.selector, "deadlineBlocks"));
        new ForcedInbox(known, bridge, FEE, 5000, 0, SPACING);
    }

    function test_gas_force() public {
        force(rich, 0);
        vm.snapshotGasLastCall("ForcedInbox", "force, the first of an account");
        force(rich, 1);
        vm.snapshotGasLastCall("ForcedInbox", "force, a further one");
    }

    function batchOf(uint64 index) private view returns (bytes memory) {
        return index < 4 ? rich.batches[index] : poor.batches[index % 4];
    }
}
