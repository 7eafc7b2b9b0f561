// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {OperatorRegistry} from "../src/OperatorRegistry.sol";
import {IProofPolicy} from "../src/interfaces/IProofPolicy.sol";
import {IRoundWindows} from "../src/interfaces/IRoundWindows.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {SettlementFixture} from "./SettlementFixture.sol";
import {SettlementHandler} from "./SettlementHandler.sol";
import {MockVerifier} from "./mocks/MockVerifier.sol";

contract SettlementInvariantTest is SettlementFixture {
    uint256 private constant OPERATORS = 3;

    SettlementHandler private handler;

    function setUp() public override {
        verifier = new MockVerifier();
        operators = new OperatorRegistry(MINIMUM_STAKE, UNBONDING_BLOCKS, ADMIN, TREASURY);
        // Short windows, so that random walks pass through whole rounds.
        ISettlement.Genesis memory short = genesis();
        short.windows = IRoundWindows.WindowLengths({commitWindow: 3, revealWindow: 4, shareWindow: 2});
        ISettlement.Config memory settings = config();
        settings.policy.ways = IProofPolicy.Ways.Both;
        deploy(settings, short);
        handler = new SettlementHandler(settlement, operators);
        vm.roll(1000);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// After every call.
    function invariant_totals() external view {
        ISequences.State memory state = settlement.state();
        vm.assertEq(state.verifiedSequence, handler.verified());
        vm.assertEq(state.verifiedStateRoot, handler.verifiedRoot());
        vm.assertEq(address(settlement).balance, handler.fundedWei() - handler.paidWei());
        vm.assertEq(operators.totalStake(), handler.stakedWei());
        vm.assertEq(address(operators).balance, operators.totalStake() + operators.slashedStake());
    }

    /// After every walk. The books are kept from call to call, so what once went wrong is still wrong here.
    function afterInvariant() external view {
        rootMovesOnlyForwardAndByAVerifiedProof();
        everyBatchIsTakenOnce();
        nobodyIsPaidWithoutACheckedProof();
        rewardsAreConserved();
        stakeIsConserved();
        nobodyEscapesFromAPenalty();
    }

    function rootMovesOnlyForwardAndByAVerifiedProof() private view {
        ISequences.State memory state = settlement.state();
        vm.assertEq(state.verifiedStateRoot, settlement.sequenceOf(handler.verified()).claimedStateRoot);
        vm.assertLe(state.verifiedSequence, state.lastSequence);
        vm.assertLe(state.verifiedBatch, state.lastBatch);
        vm.assertEq(state.lastSequence, handler.last());
    }

    function everyBatchIsTakenOnce() private view {
        vm.assertEq(settlement.state().lastBatch, handler.lastBatch());
        uint64 next = 1;
        for (uint64 i = 1; i <= handler.last(); i++) {
            ISequences.Sequence memory record = settlement.sequenceOf(i);
            vm.assertEq(record.firstBatch, next);
            next = record.lastBatch + 1;
        }
        vm.assertEq(next, handler.lastBatch() + 1);
    }

    function nobodyIsPaidWithoutACheckedProof() private view {
        for (uint256 i = 0; i < OPERATORS; i++) {
            address operator = handler.operator(i);
            vm.assertEq(settlement.rewardsOf(operator), handler.earned(operator));
            vm.assertEq(settlement.claimedOf(operator), handler.claimed(operator));
            vm.assertLe(settlement.claimedOf(operator), settlement.rewardsOf(operator));
        }
        vm.assertEq(settlement.rewardsOf(address(handler)), 0);
    }

    /// What was fixed to be paid is booked, left to be booked, or dust.
    function rewardsAreConserved() private view {
        vm.assertEq(settlement.dustWei(), handler.dust());
        uint256 fixed_;
        uint256 left = settlement.dustWei();
        for (uint64 i = 1; i <= handler.verified(); i++) {
            if (!handler.isFixed(i)) continue;
            fixed_ += settlement.rewardOf(i);
            left += handler.left(i);
        }
        uint256 booked;
        for (uint256 i = 0; i < OPERATORS; i++) {
            booked += settlement.rewardsOf(handler.operator(i));
        }
        vm.assertEq(booked + left, fixed_);
    }

    function stakeIsConserved() private view {
        vm.assertEq(operators.slashedStake(), handler.slashedWei() - handler.sentWei());
        vm.assertEq(TREASURY.balance, handler.sentWei());
        uint256 sum;
        for (uint256 i = 0; i < OPERATORS; i++) {
            address operator = handler.operator(i);
            (uint256 unbonding,) = operators.unbondingOf(operator);
            vm.assertEq(operators.stakeOf(operator), handler.stakes(operator));
            vm.assertEq(unbonding, handler.unbonding(operator));
            sum += operators.stakeOf(operator) + unbonding;
        }
        vm.assertEq(sum, operators.totalStake());
    }

    /// Whoever has an open commitment has the greatest penalty for each of them in its stake.
    function nobodyEscapesFromAPenalty() private view {
        for (uint256 i = 0; i < OPERATORS; i++) {
            address operator = handler.operator(i);
            vm.assertEq(operators.lockedOf(operator), handler.locked(operator));
            vm.assertEq(operators.lockedBy(address(settlement), operator), handler.locked(operator));
            vm.assertLe(operators.lockedOf(operator), operators.stakeOf(operator));
        }
    }
}
