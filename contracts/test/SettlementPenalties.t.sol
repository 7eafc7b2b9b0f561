// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICommitments} from "../src/interfaces/ICommitments.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

/// What becomes of commitments that were not kept; wrong proofs are in SettlementReveal
contract SettlementPenaltiesTest is SettlementFixture {
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));

    function setUp() public override {
        super.setUp();
        submit(1, ROOT);
    }

    function test_settleCommitments_penalisesAMissedReveal() public {
        commit(ALICE, 1, proofOf(1));
        commit(BOB, 1, proofOf(1));
        rollToReveal(1);
        reveal(BOB, 1, proofOf(1), ROOT);
        vm.roll(1026);
        vm.expectEmit(address(settlement));
        emit ICommitments.CommitmentPenalised(1, ALICE, 1, ICommitments.Offence.MissedReveal, MISSED_REVEAL);
        vm.prank(STRANGER);
        settle(ALICE, 1, 1);
        assertPenalised(ALICE, MISSED_REVEAL);
        assertPenalised(BOB, 0);
    }

    function test_settleCommitments_penalisesAllOfAFailedRound() public {
        commit(ALICE, 1, proofOf(1));
        commit(BOB, 1, proofOf(1));
        vm.roll(1020);
        expectNotOver(1, 1020);
        settle(ALICE, 1, 1);
        vm.roll(1021);
        vm.expectEmit(address(settlement));
        emit ICommitments.CommitmentPenalised(1, ALICE, 1, ICommitments.Offence.FailedRound, FAILED_ROUND);
        settle(ALICE, 1, 1);
        settle(BOB, 1, 1);
        assertPenalised(ALICE, FAILED_ROUND);
        assertPenalised(BOB, FAILED_ROUND);

        // The sequence reopens, also for those who were penalised.
        commit(ALICE, 1, proofOf(1));
        rollToReveal(1);
        reveal(ALICE, 1, proofOf(1), ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 1);
    }

    /// The round that failed stays failed when a later one does not.
    function test_settleCommitments_reachesOldRounds() public {
        commit(ALICE, 1, proofOf(1));
        vm.roll(1021);
        commit(BOB, 1, proofOf(1));
        settle(ALICE, 1, 1);
        assertPenalised(ALICE, FAILED_ROUND);
        commit(ALICE, 1, proofOf(1));
        rollToReveal(1);
        reveal(BOB, 1, proofOf(1), ROOT);
        reveal(ALICE, 1, proofOf(1), ROOT);
        settle(ALICE, 1, 1);
        settle(ALICE, 1, 2);
        settle(BOB, 1, 2);
        vm.assertEq(operators.stakeOf(ALICE), MINIMUM_STAKE - FAILED_ROUND + 1 ether);
        vm.assertEq(settlement.rewardsOf(ALICE) + settlement.rewardsOf(BOB) + settlement.dustWei(), REWARD);
    }

    function test_settleCommitments_penalisesOnce() public {
        commit(ALICE, 1, proofOf(1));
        vm.roll(1021);
        address[] memory twice = new address[](4);
        (twice[0], twice[1], twice[2], twice[3]) = (ALICE, ALICE, STRANGER, BOB);
        settlement.settleCommitments(1, 1, twice);
        settlement.settleCommitments(1, 1, twice);
        assertPenalised(ALICE, FAILED_ROUND);
        assertPenalised(BOB, 0);
    }

    function test_settleCommitments_reverts() public {
        vm.expectRevert(abi.encodeWithSelector(ISequences.UnknownSequence.selector, 2, 1));
        settle(ALICE, 2, 1);
        vm.expectRevert(abi.encodeWithSelector(ISequences.UnknownSequence.selector, 0, 1));
        settle(ALICE, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(ICommitments.UnknownRound.selector, 1, 1, 0));
        settle(ALICE, 1, 1);
        commit(ALICE, 1, proofOf(1));
        vm.expectRevert(abi.encodeWithSelector(ICommitments.UnknownRound.selector, 1, 0, 1));
        settle(ALICE, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(ICommitments.UnknownRound.selector, 1, 2, 1));
        settle(ALICE, 1, 2);
        expectNotOver(1, 1020);
        settle(ALICE, 1, 1);
    }

    /// Penalties of zero are a choice, too; stake is then only counted.
    function test_penalties_mayBeZero() public {
        ISettlement.Config memory free = config();
        free.penalties = ICommitments.Penalties(0, 0, 0);
        deploy(free);
        submit(1, ROOT);
        commit(ALICE, 1, "wrong");
        vm.assertEq(operators.lockedOf(ALICE), 0);
        rollToReveal(1);
        reveal(ALICE, 1, "wrong", ROOT);
        assertPenalised(ALICE, 0);
        assertNothingVerified();
    }

    function assertPenalised(address operator, uint256 amount) private {
        vm.assertEq(operators.stakeOf(operator), MINIMUM_STAKE - amount);
        vm.assertEq(operators.lockedOf(operator), 0);
        if (amount != 0) {
            vm.assertGe(operators.slashedStake(), amount);
            vm.assertEq(address(operators).balance, operators.totalStake() + operators.slashedStake());
            // Made whole again, so that the operator can go on.
            vm.deal(operator, 1 ether);
            vm.prank(operator);
            operators.addStake{value: 1 ether}();
        }
    }

    function expectNotOver(uint64 round, uint64 last) private {
        vm.expectRevert(abi.encodeWithSelector(ICommitments.RoundNotOver.selector, 1, round, last));
    }
}
