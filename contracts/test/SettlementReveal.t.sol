// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICommitments} from "../src/interfaces/ICommitments.sol";
import {IProofRounds} from "../src/interfaces/IProofRounds.sol";
import {IProofVerifier} from "../src/interfaces/IProofVerifier.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

contract SettlementRevealTest is SettlementFixture {
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));
    bytes32 internal constant OTHER_ROOT = bytes32(uint256(0xdef));

    bytes internal proof;

    function setUp() public override {
        super.setUp();
        submit(2, ROOT);
        proof = proofOf(1);
    }

    function test_revealProof_finalisesTheSequence() public {
        commit(ALICE, 1, proof);
        rollToReveal(1);
        vm.expectCall(
            address(verifier),
            abi.encodeCall(
                IProofVerifier.verify, (proof, settlement.publicInputsOf(1, EXIT_ROOT, address(0)))
            )
        );
        vm.expectEmit(address(settlement));
        emit IProofRounds.SequenceVerified(
            1, ALICE, 1, 2, GENESIS_ROOT, ROOT, EXIT_ROOT, hashOf(proof, ALICE)
        );
        reveal(ALICE, 1, proof, ROOT);

        ISequences.State memory state = settlement.state();
        vm.assertEq(state.verifiedStateRoot, ROOT);
        vm.assertEq(state.verifiedSequence, 1);
        vm.assertEq(state.verifiedBatch, 2);
        vm.assertEq(settlement.rewardsOf(ALICE), REWARD);
    }

    function test_revealProof_worksInALaterRound() public {
        commit(ALICE, 1, proof);
        vm.roll(1021);
        commit(BOB, 1, proof);
        rollToReveal(1);
        reveal(BOB, 1, proof, ROOT);
        vm.assertEq(settlement.rewardsOf(BOB), REWARD);
    }

    function test_revealProof_revertsWithUnknownSequence() public {
        expectRefusal(ALICE, 0, proof, abi.encodeWithSelector(ISequences.UnknownSequence.selector, 0, 1));
        expectRefusal(ALICE, 2, proof, abi.encodeWithSelector(ISequences.UnknownSequence.selector, 2, 1));
    }

    function test_revealProof_revertsWithAlreadyRevealed() public {
        commit(ALICE, 1, proof);
        commit(BOB, 1, proof);
        rollToReveal(1);
        reveal(ALICE, 1, proof, ROOT);
        bytes memory refusal = abi.encodeWithSelector(IProofRounds.AlreadyRevealed.selector, 1, 1, ALICE);
        expectRefusal(ALICE, 1, proof, refusal);
        reveal(BOB, 1, proof, ROOT);
        settle(ALICE, 1, 1);
        expectRefusal(ALICE, 1, proof, refusal);
        expectRefusal(
            STRANGER, 1, proof, abi.encodeWithSelector(ICommitments.NoCommitment.selector, 1, 1, STRANGER)
        );
    }

    function test_revealProof_revertsWithOutOfOrderAndStaysValid() public {
        submit(1, OTHER_ROOT);
        bytes memory second = proofOf(2);
        commit(ALICE, 1, proof);
        commit(BOB, 2, second);
        rollToReveal(1);
        vm.expectRevert(abi.encodeWithSelector(IProofRounds.OutOfOrder.selector, 2, 1));
        reveal(BOB, 2, second, OTHER_ROOT);
        assertNothingVerified();

        reveal(ALICE, 1, proof, ROOT);
        reveal(BOB, 2, second, OTHER_ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 2);
        vm.assertEq(settlement.state().verifiedStateRoot, OTHER_ROOT);
    }

    function test_revealProof_revertsWithRevealWindowNotOpen() public {
        commit(ALICE, 1, proof);
        expectRefusal(
            ALICE, 1, proof, abi.encodeWithSelector(IProofRounds.RevealWindowNotOpen.selector, 1, 1000, 1011)
        );
        vm.roll(1010);
        expectRefusal(
            ALICE, 1, proof, abi.encodeWithSelector(IProofRounds.RevealWindowNotOpen.selector, 1, 1010, 1011)
        );
    }

    function test_revealProof_revertsWithRevealWindowClosed() public {
        commit(ALICE, 1, proof);
        vm.roll(1021);
        expectRefusal(
            ALICE, 1, proof, abi.encodeWithSelector(IProofRounds.RevealWindowClosed.selector, 1, 1021, 1020)
        );
    }

    function test_revealProof_revertsWithNoCommitment() public {
        expectRefusal(
            ALICE, 1, proof, abi.encodeWithSelector(ICommitments.NoCommitment.selector, 1, 0, ALICE)
        );
        commit(ALICE, 1, proof);
        rollToReveal(1);
        expectRefusal(BOB, 1, proof, abi.encodeWithSelector(ICommitments.NoCommitment.selector, 1, 1, BOB));
        expectRefusal(
            STRANGER, 1, proof, abi.encodeWithSelector(ICommitments.NoCommitment.selector, 1, 1, STRANGER)
        );
    }

    function test_revealProof_revertsWithNoCommitmentForAnOldRound() public {
        commit(ALICE, 1, proof);
        vm.roll(1021);
        commit(BOB, 1, proof);
        rollToReveal(1);
        expectRefusal(
            ALICE, 1, proof, abi.encodeWithSelector(ICommitments.NoCommitment.selector, 1, 2, ALICE)
        );
    }

    /// Bob copies Alice's commitment, and her proof once it is public: his address is in the hash of neither.
    function test_revealProof_revertsWithProofHashMismatchForACopiedCommitment() public {
        bytes32 copied = hashOf(proof, ALICE);
        commit(ALICE, 1, proof);
        vm.prank(BOB);
        settlement.commitProof(1, copied);
        rollToReveal(1);
        expectRefusal(
            BOB,
            1,
            proof,
            abi.encodeWithSelector(IProofRounds.ProofHashMismatch.selector, copied, hashOf(proof, BOB))
        );
    }

    function test_revealProof_revertsWithProofHashMismatchForAnotherProof() public {
        commit(ALICE, 1, "promised");
        rollToReveal(1);
        expectRefusal(
            ALICE,
            1,
            proof,
            abi.encodeWithSelector(
                IProofRounds.ProofHashMismatch.selector, hashOf("promised", ALICE), hashOf(proof, ALICE)
            )
        );
    }

    function test_revealProof_revertsWithStateRootMismatch() public {
        commit(ALICE, 1, proof);
        rollToReveal(1);
        vm.expectRevert(abi.encodeWithSelector(IProofRounds.StateRootMismatch.selector, ROOT, OTHER_ROOT));
        reveal(ALICE, 1, proof, OTHER_ROOT);
        assertNothingVerified();

        reveal(ALICE, 1, proof, ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 1);
    }

    function test_revealProof_revertsWithNotFieldElement() public {
        commit(ALICE, 1, proof);
        rollToReveal(1);
        bytes32 exitRoot = bytes32(FIELD_MODULUS);
        vm.expectRevert(abi.encodeWithSelector(ISequences.NotFieldElement.selector, exitRoot));
        vm.prank(ALICE);
        settlement.revealProof(1, proof, ROOT, exitRoot);
    }

    function test_revealProof_penalisesAProofThatTheVerifierRefuses() public {
        proof[31] ^= 0x01;
        expectPenalty(proof, EXIT_ROOT);
    }

    function test_revealProof_penalisesAProofThatTheVerifierRevertsOn() public {
        expectPenalty(abi.encodePacked(proof, uint8(0)), EXIT_ROOT);
    }

    function test_revealProof_penalisesAnotherExitRoot() public {
        expectPenalty(proof, bytes32(uint256(1)));
    }

    function test_revealProof_penalisesTheProofOfAnotherSequence() public {
        submit(1, OTHER_ROOT);
        expectPenalty(proofOf(2), EXIT_ROOT);
    }

    function test_revealProof_leavesTheRoundToOthersAfterAWrongProof() public {
        commit(BOB, 1, proof);
        expectPenalty("wrong", EXIT_ROOT);
        expectRefusal(
            ALICE, 1, "wrong", abi.encodeWithSelector(IProofRounds.AlreadyRevealed.selector, 1, 1, ALICE)
        );
        reveal(BOB, 1, proof, ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 1);
        vm.assertEq(settlement.rewardsOf(BOB), REWARD);
        vm.assertEq(settlement.rewardsOf(ALICE), 0);
    }

    /// Alice committed to this proof; it is wrong. Her stake shrinks, and nothing else happens.
    function expectPenalty(bytes memory wrong, bytes32 exitRoot) private {
        commit(ALICE, 1, wrong);
        rollToReveal(1);
        uint256 total = operators.totalStake();
        vm.expectEmit(address(settlement));
        emit ICommitments.CommitmentPenalised(1, ALICE, 1, ICommitments.Offence.WrongProof, WRONG_PROOF);
        vm.prank(ALICE);
        vm.assertFalse(settlement.revealProof(1, wrong, ROOT, exitRoot));
        assertNothingVerified();
        vm.assertEq(operators.stakeOf(ALICE), MINIMUM_STAKE - WRONG_PROOF);
        vm.assertEq(operators.totalStake(), total - WRONG_PROOF);
        vm.assertEq(operators.slashedStake(), WRONG_PROOF);
        vm.assertEq(operators.lockedOf(ALICE), 0);
    }

    function expectRefusal(address caller, uint64 sequence, bytes memory given, bytes memory refusal)
        private
    {
        ISequences.State memory before = settlement.state();
        vm.expectRevert(refusal);
        reveal(caller, sequence, given, ROOT);
        vm.assertEq(settlement.state().verifiedStateRoot, before.verifiedStateRoot);
        vm.assertEq(settlement.state().verifiedSequence, before.verifiedSequence);
    }
}
