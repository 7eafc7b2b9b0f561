// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {ICommitments} from "../src/interfaces/ICommitments.sol";
import {IRollupManager} from "../src/interfaces/IRollupManager.sol";
import {IRoundWindows} from "../src/interfaces/IRoundWindows.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

/// @notice What becomes of commitments when an epoch ends, or the rollup stands still
contract VoidRoundsTest is SettlementFixture {
    uint64 internal constant WEEK = 50_400;
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));
    bytes32 internal constant OTHER_ROOT = bytes32(uint256(0xabd));

    function test_void_releasesWithoutAPenalty() public {
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
        commit(BOB, 1, proofOf(1));
        vm.assertEq(operators.lockedOf(ALICE), WRONG_PROOF);
        upgrade();
        // By anybody, or by the operator itself.
        vm.expectEmit(address(settlement));
        emit ICommitments.CommitmentWithdrawn(1, ALICE, 1);
        settle(ALICE, 1, 1);
        vm.prank(BOB);
        settlement.withdrawCommitment(1);
        assertFree(ALICE);
        assertFree(BOB);
    }

    /// Also behind the next round, when the void one is not the newest any more.
    function test_void_isRemembered() public {
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
        upgrade();
        commit(BOB, 1, proofOf(1));
        settle(ALICE, 1, 1);
        assertFree(ALICE);
        // That does not make the new round void.
        vm.roll(settlement.windowsOf(1).lastRevealBlock + 1);
        settle(BOB, 1, 2);
        vm.assertEq(operators.slashedStake(), FAILED_ROUND);
    }

    /// A round that had failed before the epoch ended is not forgiven by that.
    function test_attack_upgradeToEscapeFromAPenalty() public {
        submit(1, ROOT);
        submit(1, ROOT);
        commit(ALICE, 1, "wrong");
        commit(BOB, 2, "wrong");
        vm.roll(1021);
        upgrade();
        settle(ALICE, 1, 1);
        vm.assertEq(operators.slashedStake(), FAILED_ROUND);
        // The other one was waiting for the sequence before.
        settle(BOB, 2, 1);
        vm.assertEq(operators.slashedStake(), FAILED_ROUND);
        vm.assertEq(operators.lockedOf(BOB), 0);
    }

    function test_attack_upgradeToEscapeFromAPenalty_behindTheNextRound() public {
        submit(1, ROOT);
        commit(ALICE, 1, "wrong");
        vm.roll(1021);
        upgrade();
        commit(BOB, 1, proofOf(1));
        settle(ALICE, 1, 1);
        vm.assertEq(operators.slashedStake(), FAILED_ROUND);
    }

    /// In the share window: who has revealed is paid, who has not is not to blame.
    function test_void_ofAVerifiedSequence() public {
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
        commit(BOB, 1, proofOf(1));
        rollToReveal(1);
        reveal(ALICE, 1, proofOf(1), ROOT);
        upgrade();
        bytes memory proof = proofOf(1);
        vm.expectRevert(abi.encodeWithSelector(IRoundWindows.RoundVoid.selector, 1, 1));
        reveal(BOB, 1, proof, ROOT);
        settle(BOB, 1, 1);
        settle(ALICE, 1, 1);
        assertFree(BOB);
        vm.assertEq(settlement.rewardsOf(ALICE), REWARD);
        vm.assertEq(settlement.rewardsOf(BOB), 0);
    }

    /// Stake is not held for as long as a halt takes: the rounds will be void.
    function test_halt_letsOperatorsTakeTheirCommitmentsBack() public {
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
        halt();
        vm.prank(ALICE);
        settlement.withdrawCommitment(1);
        assertFree(ALICE);
    }

    function test_pause_doesNotLetThem() public {
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
        vm.prank(GUARDIAN);
        manager.pause(7);
        uint64 last = settlement.windowsOf(1).lastCommitBlock + settlement.LONGEST_WAIT();
        vm.expectRevert(abi.encodeWithSelector(ICommitments.CommitmentBinding.selector, 1, 1, last));
        vm.prank(ALICE);
        settlement.withdrawCommitment(1);
    }

    /// Nobody is penalised for the blocks of a pause, however long; a round that failed before it is settled in it.
    function test_attack_pauseToPenaliseOperators() public {
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
        vm.roll(1015);
        vm.prank(GUARDIAN);
        manager.pause(7);
        vm.roll(1015 + WEEK);
        vm.expectRevert(abi.encodeWithSelector(ICommitments.RoundNotOver.selector, 1, 1, 1020 + WEEK));
        settle(ALICE, 1, 1);
        vm.roll(1015 + WEEK + 5);
        reveal(ALICE, 1, proofOf(1), ROOT);
        vm.assertEq(operators.slashedStake(), 0);
    }

    function test_attack_pauseToEscapeFromAPenalty() public {
        submit(1, ROOT);
        commit(ALICE, 1, "wrong");
        vm.roll(1021);
        vm.prank(GUARDIAN);
        manager.pause(7);
        settle(ALICE, 1, 1);
        vm.assertEq(operators.slashedStake(), FAILED_ROUND);
    }

    /// A sequence that waits is verified behind a pause: its windows begin then.
    function test_pause_movesWindowsThatWait() public {
        submit(1, ROOT);
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
        commit(BOB, 2, proofOf(2));
        vm.prank(GUARDIAN);
        manager.pause(7);
        vm.roll(1000 + WEEK + 15);
        reveal(ALICE, 1, proofOf(1), ROOT);
        vm.assertEq(settlement.windowsOf(2).firstRevealBlock, 1000 + WEEK + 15);
        vm.assertEq(settlement.windowsOf(2).lastRevealBlock, 1000 + WEEK + 24);
        reveal(BOB, 2, proofOf(2), ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 2);
    }

    /// Whenever an epoch ends: the penalty is taken if the round had failed by then, and only then.
    function testFuzz_void_exactlyWhenTheRoundWasOpen(uint256 at, uint256 later, bool reopened) public {
        at = bound(at, 0, 40);
        later = bound(later, 0, 40);
        submit(1, ROOT);
        commit(ALICE, 1, "wrong");
        vm.roll(1000 + at);
        vm.prank(address(manager));
        settlement.beginEpoch();
        vm.roll(1000 + at + later);
        if (reopened) commit(BOB, 1, proofOf(1));
        settle(ALICE, 1, 1);
        vm.assertEq(operators.slashedStake(), at > 20 ? FAILED_ROUND : 0);
        vm.assertEq(operators.lockedOf(ALICE), 0);
    }

    function upgrade() private {
        ISettlement next = newSettlement(config());
        throughTimelock(address(manager), abi.encodeCall(IRollupManager.upgrade, (7, next, "")));
    }

    function halt() private {
        bytes32[] memory inputs = settlement.publicInputsOf(1, EXIT_ROOT, address(0));
        inputs[1] = OTHER_ROOT;
        bytes memory proof = abi.encodePacked(keccak256(abi.encodePacked(inputs)));
        settlement.challengeRoot(1, proof, OTHER_ROOT, EXIT_ROOT);
    }

    function assertFree(address operator) private view {
        vm.assertEq(operators.lockedOf(operator), 0);
        vm.assertEq(operators.slashedStake(), 0);
        vm.assertEq(operators.stakeOf(operator), MINIMUM_STAKE);
    }
}
