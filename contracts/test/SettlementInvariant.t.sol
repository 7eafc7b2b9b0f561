// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {OperatorRegistry} from "../src/OperatorRegistry.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {SettlementFixture} from "./SettlementFixture.sol";
import {SettlementHandler} from "./SettlementHandler.sol";
import {MockVerifier} from "./mocks/MockVerifier.sol";

contract SettlementInvariantTest is SettlementFixture {
    uint256 private constant OPERATORS = 3;

    SettlementHandler private handler;

    function setUp() public override {
        setUpManager();
        verifier = new MockVerifier();
        operators = new OperatorRegistry(MINIMUM_STAKE);
        // Short windows, so that random walks pass through whole rounds.
        ISettlement.Config memory short = config();
        short.commitWindow = 3;
        short.revealWindow = 4;
        vm.roll(1000);
        deploy(short);
        handler = new SettlementHandler(settlement, operators);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_verifiedRootMovesOnlyByAVerifiedProof() external view {
        ISequences.State memory state = settlement.state();
        vm.assertEq(state.verifiedStateRoot, handler.verifiedRoot());
        vm.assertEq(state.verifiedSequence, handler.verified());
    }

    function invariant_verifiedSequenceIsNeverAheadOfTheLast() external view {
        ISequences.State memory state = settlement.state();
        vm.assertLe(state.verifiedSequence, state.lastSequence);
        vm.assertLe(state.verifiedBatch, state.lastBatch);
        vm.assertEq(state.lastSequence, handler.last());
    }

    function invariant_everyBatchIsTakenOnce() external view {
        ISequences.State memory state = settlement.state();
        vm.assertEq(state.lastBatch, handler.lastBatch());
        uint64 next = 1;
        for (uint64 i = 1; i <= state.lastSequence; i++) {
            ISequences.Sequence memory record = settlement.sequenceOf(i);
            vm.assertEq(record.firstBatch, next);
            next = record.lastBatch + 1;
        }
        vm.assertEq(next, state.lastBatch + 1);
    }

    function invariant_rewardsAreThoseOfTheVerifiedSequences() external view {
        uint256 earned;
        uint256 claimed;
        for (uint256 i = 0; i < OPERATORS; i++) {
            earned += settlement.rewardsOf(handler.operator(i));
            claimed += settlement.claimedOf(handler.operator(i));
        }
        vm.assertEq(earned, settlement.state().verifiedSequence * REWARD);
        vm.assertEq(claimed, handler.paidWei());
        vm.assertLe(claimed, earned);
    }

    function invariant_moneyIsConserved() external view {
        vm.assertEq(address(settlement).balance, handler.fundedWei() - handler.paidWei());
        vm.assertEq(address(operators).balance, operators.totalStake());
        vm.assertEq(operators.totalStake(), OPERATORS * MINIMUM_STAKE);
    }
}
