// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICommitments} from "../src/interfaces/ICommitments.sol";
import {IPausing} from "../src/interfaces/IPausing.sol";
import {IProofPolicy} from "../src/interfaces/IProofPolicy.sol";
import {IProofRounds} from "../src/interfaces/IProofRounds.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

/// @notice Proofs that are bound to their prover, alone and beside proofs in two steps
contract BoundProofsTest is SettlementFixture {
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));
    bytes32 internal constant NEXT_ROOT = bytes32(uint256(0xdef));

    function setUp() public override {
        super.setUp();
        deployWith(IProofPolicy.Ways.Both);
    }

    function test_submitProof_finalisesInOneTransaction() public {
        bytes memory proof = boundProofOf(1, ALICE);
        vm.expectEmit(address(settlement));
        emit IProofRounds.ProofRevealed(1, ALICE, 1);
        vm.expectEmit(address(settlement));
        emit IProofRounds.SequenceVerified(
            1, ALICE, 1, 1, GENESIS_ROOT, ROOT, EXIT_ROOT, hashOf(proof, ALICE)
        );
        submitBound(ALICE, 1, proof, ROOT);

        ISequences.State memory state = settlement.state();
        vm.assertEq(state.verifiedSequence, 1);
        vm.assertEq(state.verifiedStateRoot, ROOT);
        vm.assertEq(settlement.rewardsOf(ALICE), REWARD);
        vm.assertEq(operators.lockedOf(ALICE), 0);
        vm.assertEq(settlement.windowsOf(1).round, 1);
    }

    function test_submitProof_followsTheOrderOfSequences() public {
        submit(1, NEXT_ROOT);
        bytes memory proof = boundProofOf(2, ALICE);
        expectRefusal(
            ALICE, 2, proof, NEXT_ROOT, abi.encodeWithSelector(IProofRounds.OutOfOrder.selector, 2, 1)
        );
        submitBound(ALICE, 1, boundProofOf(1, ALICE), ROOT);
        submitBound(ALICE, 2, proof, NEXT_ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 2);
        vm.assertEq(settlement.rewardsOf(ALICE), 2 * REWARD);
    }

    function test_submitProof_revertsWithTheReason() public {
        bytes memory proof = boundProofOf(1, ALICE);
        expectRefusal(
            STRANGER, 1, proof, ROOT, abi.encodeWithSelector(IProofRounds.NotOperator.selector, STRANGER)
        );
        expectRefusal(
            ALICE, 0, proof, ROOT, abi.encodeWithSelector(ISequences.UnknownSequence.selector, 0, 1)
        );
        expectRefusal(
            ALICE, 2, proof, ROOT, abi.encodeWithSelector(ISequences.UnknownSequence.selector, 2, 1)
        );
        expectRefusal(
            ALICE,
            1,
            proof,
            NEXT_ROOT,
            abi.encodeWithSelector(IProofRounds.StateRootMismatch.selector, ROOT, NEXT_ROOT)
        );
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ISequences.NotFieldElement.selector, FIELD_MODULUS));
        settlement.submitProof(1, proof, ROOT, bytes32(FIELD_MODULUS));
        submitBound(ALICE, 1, proof, ROOT);
        expectRefusal(ALICE, 1, proof, ROOT, abi.encodeWithSelector(ISequences.AlreadyVerified.selector, 1));
    }

    /// Nobody is slashed for a wrong bound proof: nothing was promised.
    function test_submitProof_revertsWithInvalidProof() public {
        expectRefusal(ALICE, 1, "wrong", ROOT, abi.encodeWithSelector(IProofPolicy.InvalidProof.selector, 1));
        vm.assertEq(operators.stakeOf(ALICE), MINIMUM_STAKE);
        assertNothingVerified();
    }

    function test_submitProof_revertsWithRollupPaused() public {
        bytes memory proof = boundProofOf(1, ALICE);
        vm.prank(GUARDIAN);
        manager.pause(7);
        uint64 pausedUntil = 1000 + 50_400;
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IPausing.RollupPaused.selector, block.number, pausedUntil));
        settlement.submitProof(1, proof, ROOT, EXIT_ROOT);
    }

    function test_ways_areThoseOfThePolicy() public {
        deployWith(IProofPolicy.Ways.TwoSteps);
        bytes memory proof = boundProofOf(1, ALICE);
        bytes memory refusal =
            abi.encodeWithSelector(IProofPolicy.WayNotTaken.selector, IProofPolicy.Ways.TwoSteps);
        expectRefusal(ALICE, 1, proof, ROOT, refusal);

        deployWith(IProofPolicy.Ways.Bound);
        vm.assertTrue(settlement.policy().ways == IProofPolicy.Ways.Bound);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IProofPolicy.WayNotTaken.selector, IProofPolicy.Ways.Bound));
        settlement.commitProof(1, bytes32(uint256(1)));
        submitBound(ALICE, 1, boundProofOf(1, ALICE), ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 1);
    }

    /// A bound proof ends its sequence alone, so it cannot be one of two that have to agree.
    function test_constructor_revertsWithInvalidConfig_boundAndThreshold() public {
        ISettlement.Config memory settings = config();
        bytes4[] memory systems = new bytes4[](2);
        systems[0] = 0x0000000a;
        systems[1] = 0x0000000b;
        settings.policy = IProofPolicy.Policy({systems: systems, threshold: 2, ways: IProofPolicy.Ways.Both});
        vm.expectRevert(abi.encodeWithSelector(ISettlement.InvalidConfig.selector, "policy"));
        this.deployExternally(settings);
    }

    /// Bob copies the proof on its way to a block, and pays more for the gas.
    function test_attack_copiedBoundProof() public {
        bytes memory proof = boundProofOf(1, ALICE);
        expectRefusal(BOB, 1, proof, ROOT, abi.encodeWithSelector(IProofPolicy.InvalidProof.selector, 1));
        submitBound(ALICE, 1, proof, ROOT);
        vm.assertEq(settlement.rewardsOf(ALICE), REWARD);
        vm.assertEq(settlement.rewardsOf(BOB), 0);
    }

    /// Bob commits to Alice's bound proof, to show it as his own in two steps: there a proof is bound to nobody.
    function test_attack_boundProofInTwoSteps() public {
        bytes memory proof = boundProofOf(1, ALICE);
        commit(BOB, 1, proof);
        rollToReveal(1);
        reveal(BOB, 1, proof, ROOT);
        vm.assertEq(operators.stakeOf(BOB), MINIMUM_STAKE - WRONG_PROOF);
        assertNothingVerified();
    }

    /// Nor is a proof for two steps one that is bound: who sees it revealed cannot submit it at once.
    function test_attack_revealedProofSubmittedAsBound() public {
        bytes memory proof = proofOf(1);
        commit(ALICE, 1, proof);
        rollToReveal(1);
        expectRefusal(BOB, 1, proof, ROOT, abi.encodeWithSelector(IProofPolicy.InvalidProof.selector, 1));
        reveal(ALICE, 1, proof, ROOT);
        vm.assertEq(settlement.rewardsOf(ALICE), REWARD);
    }

    /// Bob submits in Alice's commit window, or in her reveal window: the reward is his, and she loses nothing of her stake.
    function test_attack_boundSubmissionDuringOpenRound(uint256 blocks) public {
        blocks = bound(blocks, 0, COMMIT_WINDOW + REVEAL_WINDOW);
        bytes memory proof = proofOf(1);
        commit(ALICE, 1, proof);
        vm.roll(block.number + blocks);
        submitBound(BOB, 1, boundProofOf(1, BOB), ROOT);

        vm.roll(settlement.windowsOf(1).firstRevealBlock);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(ICommitments.NoCommitment.selector, 1, 2, ALICE));
        settlement.revealProof(1, proof, ROOT, EXIT_ROOT);

        settle(ALICE, 1, 1);
        vm.assertEq(operators.stakeOf(ALICE), MINIMUM_STAKE);
        vm.assertEq(operators.lockedOf(ALICE), 0);
        vm.assertEq(settlement.rewardsOf(BOB), REWARD);
        vm.assertEq(settlement.rewardsOf(ALICE), 0);
    }

    /// A round that had failed is not forgiven by a bound proof that comes later.
    function test_attack_boundProofBehindAFailedRound() public {
        commit(ALICE, 1, proofOf(1));
        vm.roll(settlement.windowsOf(1).lastRevealBlock + 1);
        submitBound(ALICE, 1, boundProofOf(1, ALICE), ROOT);
        settle(ALICE, 1, 1);
        vm.assertEq(operators.stakeOf(ALICE), MINIMUM_STAKE - FAILED_ROUND);
        vm.assertEq(settlement.rewardsOf(ALICE), REWARD);
    }

    /// A commitment for a later sequence waits as ever when the sequence before is verified by a bound proof.
    function test_submitProof_opensTheRevealWindowOfTheNext() public {
        submit(1, NEXT_ROOT);
        bytes memory proof = proofOf(2);
        commit(BOB, 2, proof);
        vm.roll(block.number + 3 * COMMIT_WINDOW);
        submitBound(ALICE, 1, boundProofOf(1, ALICE), ROOT);
        reveal(BOB, 2, proof, NEXT_ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 2);
        vm.assertEq(settlement.rewardsOf(BOB), REWARD);
    }

    function deployExternally(ISettlement.Config memory settings) external {
        deploy(settings);
    }

    function deployWith(IProofPolicy.Ways ways) private {
        ISettlement.Config memory settings = config();
        settings.policy.ways = ways;
        deploy(settings);
        submit(1, ROOT);
    }

    function boundProofOf(uint64 sequence, address prover) private view returns (bytes memory) {
        bytes32[] memory inputs = settlement.publicInputsOf(sequence, EXIT_ROOT, prover);
        return abi.encodePacked(keccak256(abi.encodePacked(inputs)));
    }

    function submitBound(address operator, uint64 sequence, bytes memory proof, bytes32 root) private {
        vm.prank(operator);
        settlement.submitProof(sequence, proof, root, EXIT_ROOT);
    }

    function expectRefusal(
        address operator,
        uint64 sequence,
        bytes memory proof,
        bytes32 root,
        bytes memory refusal
    ) private {
        vm.prank(operator);
        vm.expectRevert(refusal);
        settlement.submitProof(sequence, proof, root, EXIT_ROOT);
    }
}
