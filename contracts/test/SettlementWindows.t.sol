// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Administered} from "../src/Administered.sol";
import {ICommitments} from "../src/interfaces/ICommitments.sol";
import {IProofRounds} from "../src/interfaces/IProofRounds.sol";
import {IRoundWindows} from "../src/interfaces/IRoundWindows.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

contract SettlementWindowsTest is SettlementFixture {
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));

    function test_setWindows_isForTheAdministrator() public {
        vm.expectRevert(abi.encodeWithSelector(Administered.NotAdmin.selector, address(this), ADMIN));
        settlement.setWindows(lengths(2, 3, 4));
    }

    function test_setWindows_holdsForRoundsOpenedLater() public {
        submit(1, ROOT);
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
        vm.expectEmit(address(settlement));
        emit IRoundWindows.WindowsSet(2, 3, 4);
        set(2, 3, 4);
        commit(BOB, 2, proofOf(2));

        vm.assertEq(settlement.windowsOf(1).lastCommitBlock, 1010);
        vm.assertEq(settlement.windowsOf(1).lastRevealBlock, 1020);
        vm.assertEq(settlement.windowsOf(1).lastShareBlock, 1025);
        vm.assertEq(settlement.windowsOf(2).lastCommitBlock, 1002);
        // The next round of the same sequence takes the new ones.
        vm.roll(1021);
        commit(ALICE, 1, proofOf(1));
        vm.assertEq(settlement.windowsOf(1).lastCommitBlock, 1023);
        vm.assertEq(settlement.windowsOf(1).lastRevealBlock, 1026);
        vm.assertEq(settlement.windowsOf(1).lastShareBlock, 1030);
    }

    function test_setWindows_revertsWithWindowOutOfBounds() public {
        expectOutOfBounds("commitWindow", 0, 1);
        set(0, 3, 4);
        expectOutOfBounds("commitWindow", 7_201, 1);
        set(7_201, 3, 4);
        expectOutOfBounds("revealWindow", 0, 1);
        set(2, 0, 4);
        expectOutOfBounds("revealWindow", 7_201, 1);
        set(2, 7_201, 4);
        expectOutOfBounds("shareWindow", 7_201, 0);
        set(2, 3, 7_201);
        set(7_200, 7_200, 7_200);
        set(1, 1, 0);

        ISettlement.Genesis memory bad = genesis();
        bad.windows.revealWindow = 0;
        ISettlement implementation = newSettlement(config());
        vm.prank(address(manager));
        expectOutOfBounds("revealWindow", 0, 1);
        implementation.initialise(bad);
    }

    /// A proof of a later sequence waits: neither too late nor penalised, however long it takes.
    function test_windows_ofALaterSequenceWaitForTheOneBefore() public {
        submit(1, ROOT);
        submit(1, ROOT);
        commit(BOB, 2, proofOf(2));
        vm.roll(3000);
        vm.assertEq(settlement.windowsOf(2).lastCommitBlock, 1010);
        vm.assertEq(settlement.windowsOf(2).firstRevealBlock, type(uint64).max);
        vm.assertEq(settlement.windowsOf(2).lastRevealBlock, type(uint64).max);
        vm.expectRevert(abi.encodeWithSelector(ICommitments.RoundNotOver.selector, 2, 1, type(uint64).max));
        settle(BOB, 2, 1);
        bytes32 hash = hashOf(proofOf(2), ALICE);
        vm.expectRevert(abi.encodeWithSelector(IProofRounds.CommitWindowClosed.selector, 2, 3000, 1010));
        vm.prank(ALICE);
        settlement.commitProof(2, hash);

        commit(ALICE, 1, proofOf(1));
        rollToReveal(1);
        reveal(ALICE, 1, proofOf(1), ROOT);
        vm.assertEq(settlement.windowsOf(2).firstRevealBlock, block.number);
        vm.assertEq(settlement.windowsOf(2).lastRevealBlock, block.number + REVEAL_WINDOW - 1);
        vm.roll(block.number + REVEAL_WINDOW - 1);
        reveal(BOB, 2, proofOf(2), ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 2);
    }

    /// The wait ends in the commit window: it stays as long as it is, and no proof is taken in it.
    function test_windows_ofALaterSequenceNeverTakeBoth() public {
        submit(1, ROOT);
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
        vm.roll(1011);
        bytes memory second = proofOf(2);
        commit(BOB, 2, second);
        reveal(ALICE, 1, proofOf(1), ROOT);
        vm.assertEq(settlement.windowsOf(2).firstRevealBlock, 1022);
        vm.expectRevert(abi.encodeWithSelector(IProofRounds.RevealWindowNotOpen.selector, 2, 1011, 1022));
        reveal(BOB, 2, second, ROOT);
    }

    /// Whenever the sequence before is verified, no block takes commitments and proofs, and proofs are taken in
    /// exactly T2 blocks.
    function testFuzz_windows_ofALaterSequence(uint32 t1, uint32 t2, uint32 opened, uint32 wait) public {
        set(uint32(bound(t1, 1, 50)), uint32(bound(t2, 1, 50)), 0);
        submit(1, ROOT);
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
        vm.roll(settlement.windowsOf(1).firstRevealBlock - bound(opened, 0, bound(t1, 1, 50)));
        commit(BOB, 2, proofOf(2));
        vm.roll(
            settlement.windowsOf(1).firstRevealBlock
                + bound(wait, 0, settlement.windowLengths().revealWindow - 1)
        );
        reveal(ALICE, 1, proofOf(1), ROOT);

        IRoundWindows.Windows memory windows = settlement.windowsOf(2);
        vm.assertTrue(windows.firstRevealBlock > windows.lastCommitBlock);
        vm.assertGe(windows.firstRevealBlock, block.number);
        vm.assertEq(windows.lastRevealBlock - windows.firstRevealBlock + 1, bound(t2, 1, 50));
    }

    function test_withdrawCommitment_afterTheLongestWait() public {
        submit(1, ROOT);
        submit(1, ROOT);
        commit(BOB, 2, proofOf(2));
        uint256 last = 1010 + settlement.LONGEST_WAIT();
        vm.roll(last);
        expectBinding(2, last);
        withdraw(BOB, 2);
        vm.roll(last + 1);
        vm.expectEmit(address(settlement));
        emit ICommitments.CommitmentWithdrawn(2, BOB, 1);
        withdraw(BOB, 2);
        vm.assertEq(operators.lockedOf(BOB), 0);
        vm.assertEq(operators.stakeOf(BOB), MINIMUM_STAKE);
        vm.expectRevert(abi.encodeWithSelector(ICommitments.NoCommitment.selector, 2, 1, BOB));
        withdraw(BOB, 2);

        // What was taken back cannot be revealed.
        bytes memory second = proofOf(2);
        finalise(ALICE, 1);
        vm.expectRevert(abi.encodeWithSelector(IProofRounds.AlreadyRevealed.selector, 2, 1, BOB));
        reveal(BOB, 2, second, ROOT);
    }

    function test_withdrawCommitment_revertsWhenTheProofCanBeRevealed() public {
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
        vm.roll(1010 + settlement.LONGEST_WAIT() + 1);
        expectBinding(1, 1010 + settlement.LONGEST_WAIT());
        withdraw(ALICE, 1);
        vm.expectRevert(abi.encodeWithSelector(ICommitments.NoCommitment.selector, 1, 1, BOB));
        withdraw(BOB, 1);
    }

    function finalise(address operator, uint64 sequence) private {
        commit(operator, sequence, proofOf(sequence));
        rollToReveal(sequence);
        reveal(operator, sequence, proofOf(sequence), ROOT);
    }

    function withdraw(address operator, uint64 sequence) private {
        vm.prank(operator);
        settlement.withdrawCommitment(sequence);
    }

    function expectBinding(uint64 sequence, uint256 last) private {
        vm.expectRevert(abi.encodeWithSelector(ICommitments.CommitmentBinding.selector, sequence, 1, last));
    }

    function set(uint32 t1, uint32 t2, uint32 t3) private {
        vm.prank(ADMIN);
        settlement.setWindows(lengths(t1, t2, t3));
    }

    function lengths(uint32 t1, uint32 t2, uint32 t3)
        private
        pure
        returns (IRoundWindows.WindowLengths memory)
    {
        return IRoundWindows.WindowLengths({commitWindow: t1, revealWindow: t2, shareWindow: t3});
    }

    function expectOutOfBounds(string memory window, uint32 given, uint32 least) private {
        vm.expectRevert(
            abi.encodeWithSelector(IRoundWindows.WindowOutOfBounds.selector, window, given, least, 7_200)
        );
    }
}
