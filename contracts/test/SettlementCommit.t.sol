// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICommitments} from "../src/interfaces/ICommitments.sol";
import {IOperatorRegistry} from "../src/interfaces/IOperatorRegistry.sol";
import {IProofRounds} from "../src/interfaces/IProofRounds.sol";
import {IRoundWindows} from "../src/interfaces/IRoundWindows.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

contract SettlementCommitTest is SettlementFixture {
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));
    bytes32 internal constant HASH = bytes32(uint256(0x4a54));

    function setUp() public override {
        super.setUp();
        submit(1, ROOT);
    }

    function test_commitProof_opensTheRound() public {
        vm.assertEq(settlement.windowsOf(1).round, 0);
        vm.expectEmit(address(settlement));
        emit IProofRounds.ProofCommitted(1, ALICE, 1, HASH, 1000, 1010, MINIMUM_STAKE);
        vm.prank(ALICE);
        settlement.commitProof(1, HASH);

        IRoundWindows.Windows memory windows = settlement.windowsOf(1);
        vm.assertEq(windows.round, 1);
        vm.assertEq(windows.openedAt, 1000);
        vm.assertEq(windows.lastCommitBlock, 1010);
        vm.assertEq(windows.firstRevealBlock, 1011);
        vm.assertEq(windows.lastRevealBlock, 1020);
        vm.assertEq(windows.lastShareBlock, 1025);
        vm.assertEq(settlement.commitmentOf(1, ALICE).round, 1);
        vm.assertEq(settlement.commitmentOf(1, ALICE).proofHash, HASH);
        vm.assertEq(settlement.commitmentOf(1, ALICE).stakeWei, MINIMUM_STAKE);
        vm.assertTrue(status(ALICE, 1) == ICommitments.Status.Open);
        vm.assertEq(settlement.commitmentOf(1, BOB).proofHash, bytes32(0));
        vm.assertTrue(status(BOB, 1) == ICommitments.Status.None);
    }

    function test_commitProof_locksTheGreatestPenalty() public {
        vm.assertEq(settlement.lockWei(), WRONG_PROOF);
        vm.prank(ALICE);
        settlement.commitProof(1, HASH);
        vm.assertEq(operators.lockedBy(address(settlement), ALICE), WRONG_PROOF);
    }

    function test_commitProof_revertsWithoutFreeStake() public {
        for (uint64 i = 1; i <= 10; i++) {
            if (i > 1) submit(1, ROOT);
            vm.prank(ALICE);
            settlement.commitProof(i, HASH);
        }
        submit(1, ROOT);
        expectRefusal(
            ALICE,
            11,
            HASH,
            abi.encodeWithSelector(IOperatorRegistry.InsufficientFreeStake.selector, ALICE, 0, WRONG_PROOF)
        );
    }

    function test_commitProof_joinsTheOpenRound() public {
        vm.prank(ALICE);
        settlement.commitProof(1, HASH);
        vm.roll(1010);
        vm.expectEmit(address(settlement));
        emit IProofRounds.ProofCommitted(1, BOB, 1, HASH, 1000, 1010, MINIMUM_STAKE);
        vm.prank(BOB);
        settlement.commitProof(1, HASH);
        vm.assertEq(settlement.windowsOf(1).openedAt, 1000);
    }

    function test_commitProof_takesLaterSequences() public {
        submit(1, ROOT);
        vm.prank(ALICE);
        settlement.commitProof(2, HASH);
        vm.assertEq(settlement.windowsOf(2).round, 1);
        vm.assertEq(settlement.windowsOf(1).round, 0);
    }

    function test_commitProof_reopensAndVoidsTheOldRound() public {
        vm.prank(ALICE);
        settlement.commitProof(1, HASH);
        vm.roll(1021);
        vm.expectEmit(address(settlement));
        emit IProofRounds.ProofCommitted(1, BOB, 2, HASH, 1021, 1031, MINIMUM_STAKE);
        vm.prank(BOB);
        settlement.commitProof(1, HASH);

        vm.assertEq(settlement.windowsOf(1).round, 2);
        vm.assertEq(settlement.commitmentOf(1, ALICE).proofHash, bytes32(0));
        vm.prank(ALICE);
        settlement.commitProof(1, HASH);
        vm.assertEq(settlement.commitmentOf(1, ALICE).proofHash, HASH);
    }

    function test_commitProof_revertsWithNotOperator() public {
        expectRefusal(STRANGER, 1, HASH, abi.encodeWithSelector(IProofRounds.NotOperator.selector, STRANGER));
        expectRefusal(
            SEQUENCER, 1, HASH, abi.encodeWithSelector(IProofRounds.NotOperator.selector, SEQUENCER)
        );
    }

    function test_commitProof_revertsWithNotOperatorBelowTheMinimum() public {
        vm.prank(ALICE);
        operators.requestUnbond(1);
        expectRefusal(ALICE, 1, HASH, abi.encodeWithSelector(IProofRounds.NotOperator.selector, ALICE));
    }

    function test_commitProof_revertsWithZeroProofHash() public {
        expectRefusal(ALICE, 1, 0, abi.encodeWithSelector(IProofRounds.ZeroProofHash.selector));
    }

    function test_commitProof_revertsWithUnknownSequence() public {
        expectRefusal(ALICE, 0, HASH, abi.encodeWithSelector(ISequences.UnknownSequence.selector, 0, 1));
        expectRefusal(ALICE, 2, HASH, abi.encodeWithSelector(ISequences.UnknownSequence.selector, 2, 1));
    }

    function test_commitProof_revertsWithAlreadyVerified() public {
        commit(ALICE, 1, proofOf(1));
        rollToReveal(1);
        reveal(ALICE, 1, proofOf(1), ROOT);
        bytes memory refusal = abi.encodeWithSelector(ISequences.AlreadyVerified.selector, 1);
        expectRefusal(BOB, 1, HASH, refusal);
        vm.roll(5000);
        expectRefusal(BOB, 1, HASH, refusal);
    }

    function test_commitProof_revertsWithAlreadyCommitted() public {
        vm.prank(ALICE);
        settlement.commitProof(1, HASH);
        bytes memory refusal = abi.encodeWithSelector(IProofRounds.AlreadyCommitted.selector, 1, 1, ALICE);
        expectRefusal(ALICE, 1, HASH, refusal);
        expectRefusal(ALICE, 1, bytes32(uint256(1)), refusal);
        vm.assertEq(settlement.commitmentOf(1, ALICE).proofHash, HASH);
    }

    function test_commitProof_revertsWithCommitWindowClosed() public {
        vm.prank(ALICE);
        settlement.commitProof(1, HASH);
        vm.roll(1011);
        expectRefusal(
            BOB, 1, HASH, abi.encodeWithSelector(IProofRounds.CommitWindowClosed.selector, 1, 1011, 1010)
        );
        vm.roll(1020);
        expectRefusal(
            BOB, 1, HASH, abi.encodeWithSelector(IProofRounds.CommitWindowClosed.selector, 1, 1020, 1010)
        );
    }

    function expectRefusal(address caller, uint64 sequence, bytes32 proofHash, bytes memory refusal) private {
        vm.expectRevert(refusal);
        vm.prank(caller);
        settlement.commitProof(sequence, proofHash);
    }
}
