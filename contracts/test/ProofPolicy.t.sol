// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPausing} from "../src/interfaces/IPausing.sol";
import {IProofPolicy} from "../src/interfaces/IProofPolicy.sol";
import {IRoundWindows} from "../src/interfaces/IRoundWindows.sol";
import {IRollupManager} from "../src/interfaces/IRollupManager.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {SettlementFixture} from "./SettlementFixture.sol";
import {MockRouter} from "./mocks/MockRouter.sol";

/// @notice Two of the systems A, B and C have to agree.
contract ProofPolicyTest is SettlementFixture {
    bytes4 internal constant A = 0xaaaaaaaa;
    bytes4 internal constant B = 0xbbbbbbbb;
    bytes4 internal constant C = 0xcccccccc;
    bytes4 internal constant OTHER = 0xdddddddd;
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));
    bytes32 internal constant OTHER_ROOT = bytes32(uint256(0xabd));
    bytes32 internal constant OTHER_EXITS = bytes32(uint256(0xe));

    function setUp() public override {
        super.setUp();
        ISettlement.Config memory settings = config();
        settings.rollupId = 8;
        settings.verifier = new MockRouter();
        settings.policy = policyOf(2, A, B, C);
        deploy(settings);
        submit(1, ROOT);
    }

    function test_policy_isShown() public view {
        IProofPolicy.Policy memory policy = settlement.policy();
        vm.assertEq(policy.threshold, 2);
        vm.assertEq(policy.systems.length, 3);
        vm.assertEq(bytes32(policy.systems[0]), bytes32(A));
        vm.assertEq(bytes32(policy.systems[1]), bytes32(B));
        vm.assertEq(bytes32(policy.systems[2]), bytes32(C));
    }

    function test_constructor_revertsWithInvalidConfig_policy() public {
        expectInvalid(policyOf(0, A, B, C));
        expectInvalid(policyOf(4, A, B, C));
        expectInvalid(policyOf(1, A, 0, C));
        expectInvalid(policyOf(1, A, B, A));
        expectInvalid(
            IProofPolicy.Policy({systems: new bytes4[](0), threshold: 2, ways: IProofPolicy.Ways.TwoSteps})
        );
        IProofPolicy.Policy memory many =
            IProofPolicy.Policy({systems: new bytes4[](9), threshold: 1, ways: IProofPolicy.Ways.TwoSteps});
        for (uint32 i = 0; i < 9; i++) {
            many.systems[i] = bytes4(i + 1);
        }
        expectInvalid(many);
    }

    function test_revealProof_verifiesWhenTwoSystemsAgree() public {
        commitBoth(proofBy(A, ROOT, EXIT_ROOT), proofBy(C, ROOT, EXIT_ROOT));
        vm.expectEmit(address(settlement));
        emit IProofPolicy.ProofCounted(1, A, 1);
        reveal(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 0);
        (uint8 systems, bytes32 exitRoot) = settlement.provedBy(1);
        vm.assertEq(systems, 1);
        vm.assertEq(exitRoot, EXIT_ROOT);

        reveal(BOB, 1, proofBy(C, ROOT, EXIT_ROOT), ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 1);
        vm.assertEq(settlement.state().verifiedStateRoot, ROOT);
    }

    /// Two proofs of one system are one opinion.
    function test_revealProof_countsASystemOnce() public {
        commitBoth(proofBy(A, ROOT, EXIT_ROOT), proofBy(A, ROOT, EXIT_ROOT));
        reveal(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        reveal(BOB, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 0);
        (uint8 systems,) = settlement.provedBy(1);
        vm.assertEq(systems, 1);
    }

    /// What was proved in one round is not lost when another one is opened.
    function test_revealProof_countsProofsOfEarlierRounds() public {
        commitBoth(proofBy(A, ROOT, EXIT_ROOT), proofBy(B, ROOT, EXIT_ROOT));
        reveal(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        vm.roll(settlement.windowsOf(1).lastRevealBlock + 1);
        commit(BOB, 1, proofBy(B, ROOT, EXIT_ROOT));
        rollToReveal(1);
        reveal(BOB, 1, proofBy(B, ROOT, EXIT_ROOT), ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 1);
    }

    /// Who proved it in an earlier round has its share, once the sequence is verified.
    function test_rewards_ofSeveralRounds() public {
        commit(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT));
        rollToReveal(1);
        reveal(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        vm.assertEq(operators.lockedOf(ALICE), 0);
        vm.roll(settlement.windowsOf(1).lastRevealBlock + 1);
        settle(ALICE, 1, 1);
        vm.assertEq(settlement.rewardsOf(ALICE), 0);

        commit(BOB, 1, proofBy(B, ROOT, EXIT_ROOT));
        settle(ALICE, 1, 1);
        vm.assertEq(settlement.rewardsOf(ALICE), 0);
        rollToReveal(1);
        reveal(BOB, 1, proofBy(B, ROOT, EXIT_ROOT), ROOT);
        settle(ALICE, 1, 1);
        vm.assertEq(settlement.rewardsOf(ALICE), REWARD / 2);
        vm.assertEq(settlement.rewardsOf(BOB), REWARD / 2);
        // Once.
        settle(ALICE, 1, 1);
        vm.assertEq(settlement.rewardsOf(ALICE), REWARD / 2);
        vm.assertEq(settlement.dustWei(), 0);
    }

    /// As long as others may still join the newest round nothing is booked for the earlier ones.
    function test_rewards_ofSeveralRoundsWaitForTheNewest() public {
        commit(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT));
        rollToReveal(1);
        reveal(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        vm.roll(settlement.windowsOf(1).lastRevealBlock + 1);
        commit(BOB, 1, proofBy(B, ROOT, EXIT_ROOT));
        commit(ALICE, 1, proofBy(C, ROOT, EXIT_ROOT));
        rollToReveal(1);
        reveal(BOB, 1, proofBy(B, ROOT, EXIT_ROOT), ROOT);
        settle(ALICE, 1, 1);
        vm.assertEq(settlement.rewardsOf(ALICE), 0);
        reveal(ALICE, 1, proofOfSequence(1, C, ROOT, EXIT_ROOT), ROOT);
        settle(ALICE, 1, 1);
        settle(BOB, 1, 2);
        vm.assertEq(settlement.rewardsOf(ALICE) + settlement.rewardsOf(BOB) + settlement.dustWei(), REWARD);
        vm.assertEq(settlement.rewardsOf(BOB), REWARD / 3);
    }

    /// Proofs from before a disagreement earn nothing: one side of it was wrong.
    function test_rewards_notForProofsBeforeADisagreement() public {
        commit(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT));
        rollToReveal(1);
        reveal(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        challengeSequence(1);
        resolve(1, new bytes32[](0));
        vm.roll(2000);
        commitBoth(proofBy(A, ROOT, EXIT_ROOT), proofBy(B, ROOT, EXIT_ROOT));
        bytes memory bobs = proofBy(B, ROOT, EXIT_ROOT);
        reveal(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        reveal(BOB, 1, bobs, ROOT);
        settle(ALICE, 1, 1);
        settle(ALICE, 1, 2);
        vm.assertEq(settlement.rewardsOf(ALICE), REWARD / 2);
        vm.assertEq(settlement.rewardsOf(BOB), REWARD / 2);
    }

    /// In the share window, too, another exit root is a disagreement.
    function test_revealProof_ofAnotherExitRootHalts_behindTheVerification() public {
        bytes memory other = proofBy(C, ROOT, OTHER_EXITS);
        register(STRANGER, MINIMUM_STAKE);
        commit(STRANGER, 1, other);
        commitBoth(proofBy(A, ROOT, EXIT_ROOT), proofBy(B, ROOT, EXIT_ROOT));
        bytes memory bobs = proofBy(B, ROOT, EXIT_ROOT);
        reveal(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        reveal(BOB, 1, bobs, ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 1);
        vm.prank(STRANGER);
        settlement.revealProof(1, other, ROOT, OTHER_EXITS);
        assertHaltedAt(1);
    }

    function test_revealProof_revertsWithSystemNotAllowed() public {
        bytes memory proof = proofBy(OTHER, ROOT, EXIT_ROOT);
        commitBoth(proof, hex"aaaa");
        vm.expectRevert(abi.encodeWithSelector(IProofPolicy.SystemNotAllowed.selector, OTHER));
        reveal(ALICE, 1, proof, ROOT);
        vm.expectRevert(abi.encodeWithSelector(IProofPolicy.SystemNotAllowed.selector, bytes4(0xaaaa0000)));
        reveal(BOB, 1, hex"aaaa", ROOT);
    }

    function test_challengeRoot_halts() public {
        vm.expectEmit(address(settlement));
        emit IProofPolicy.DisagreementFound(1, ROOT, 0, OTHER_ROOT, EXIT_ROOT);
        challenge(proofBy(B, OTHER_ROOT, EXIT_ROOT), OTHER_ROOT, EXIT_ROOT);
        assertHalted();
    }

    function test_challengeRoot_withAnotherExitRoot() public {
        commitBoth(proofBy(A, ROOT, EXIT_ROOT), proofBy(B, ROOT, EXIT_ROOT));
        bytes memory proof = proofBy(B, ROOT, OTHER_EXITS);
        // Nothing is proved yet that an exit root could disagree with.
        vm.expectRevert(abi.encodeWithSelector(IProofPolicy.NoDisagreement.selector, 1));
        challenge(proof, ROOT, OTHER_EXITS);
        reveal(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        challenge(proof, ROOT, OTHER_EXITS);
        assertHalted();
    }

    /// A committed proof that disagrees halts as well, and its operator is not to blame.
    function test_revealProof_ofAnotherExitRootHalts() public {
        commitBoth(proofBy(A, ROOT, EXIT_ROOT), proofBy(B, ROOT, OTHER_EXITS));
        reveal(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        vm.expectEmit(address(settlement));
        emit IProofPolicy.DisagreementFound(1, ROOT, EXIT_ROOT, ROOT, OTHER_EXITS);
        bytes memory proof = proofBy(B, ROOT, OTHER_EXITS);
        vm.prank(BOB);
        settlement.revealProof(1, proof, ROOT, OTHER_EXITS);
        assertHalted();
    }

    function test_challengeRoot_duringAPause() public {
        bytes memory proof = proofBy(B, OTHER_ROOT, EXIT_ROOT);
        vm.prank(GUARDIAN);
        manager.pause(8);
        vm.roll(1010);
        challenge(proof, OTHER_ROOT, EXIT_ROOT);
        vm.assertEq(settlement.pauseOf().since, 1000);
        vm.assertTrue(settlement.pauseOf().halted);
    }

    /// With one proof that is enough, a challenge in time keeps the wrong one from becoming final.
    function test_challengeRoot_ofARollupThatAsksForOneProof() public {
        ISettlement.Config memory settings = config();
        settings.rollupId = 9;
        deploy(settings);
        submit(1, ROOT);
        bytes32[] memory inputs = settlement.publicInputsOf(1, EXIT_ROOT, address(0));
        inputs[1] = OTHER_ROOT;
        bytes memory other = abi.encodePacked(keccak256(abi.encodePacked(inputs)));
        bytes memory claimed = proofOf(1);
        commit(ALICE, 1, claimed);
        rollToReveal(1);
        challenge(other, OTHER_ROOT, EXIT_ROOT);
        vm.expectRevert(
            abi.encodeWithSelector(IPausing.RollupPaused.selector, block.number, type(uint64).max)
        );
        reveal(ALICE, 1, claimed, ROOT);
    }

    function test_challengeRoot_reverts() public {
        bytes memory proof = proofBy(B, OTHER_ROOT, EXIT_ROOT);
        vm.expectRevert(abi.encodeWithSelector(ISequences.UnknownSequence.selector, 2, 1));
        settlement.challengeRoot(2, proof, OTHER_ROOT, EXIT_ROOT);
        bytes memory agreeing = proofBy(B, ROOT, EXIT_ROOT);
        vm.expectRevert(abi.encodeWithSelector(IProofPolicy.NoDisagreement.selector, 1));
        challenge(agreeing, ROOT, EXIT_ROOT);
        vm.expectRevert(abi.encodeWithSelector(IProofPolicy.InvalidProof.selector, 1));
        challenge(proof, bytes32(uint256(0xabe)), EXIT_ROOT);
        vm.expectRevert(abi.encodeWithSelector(IProofPolicy.InvalidProof.selector, 1));
        challenge(proof, OTHER_ROOT, OTHER_EXITS);
        vm.expectRevert(abi.encodeWithSelector(ISequences.NotFieldElement.selector, FIELD_MODULUS));
        challenge(proof, bytes32(FIELD_MODULUS), EXIT_ROOT);
        vm.expectRevert(abi.encodeWithSelector(ISequences.NotFieldElement.selector, FIELD_MODULUS));
        challenge(proof, OTHER_ROOT, bytes32(FIELD_MODULUS));
        proof = proofBy(OTHER, OTHER_ROOT, EXIT_ROOT);
        vm.expectRevert(abi.encodeWithSelector(IProofPolicy.SystemNotAllowed.selector, OTHER));
        challenge(proof, OTHER_ROOT, EXIT_ROOT);
        vm.assertFalse(settlement.pauseOf().halted);
    }

    function test_challengeRoot_revertsOnceItIsVerifiedOrHalted() public {
        commitBoth(proofBy(A, ROOT, EXIT_ROOT), proofBy(B, ROOT, EXIT_ROOT));
        bytes memory proof = proofBy(B, OTHER_ROOT, EXIT_ROOT);
        reveal(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        reveal(BOB, 1, proofBy(B, ROOT, EXIT_ROOT), ROOT);
        vm.expectRevert(abi.encodeWithSelector(ISequences.AlreadyVerified.selector, 1));
        challenge(proof, OTHER_ROOT, EXIT_ROOT);

        submit(1, ROOT);
        challengeSequence(2);
        vm.expectRevert(
            abi.encodeWithSelector(IPausing.RollupPaused.selector, block.number, type(uint64).max)
        );
        settlement.challengeRoot(2, proof, OTHER_ROOT, EXIT_ROOT);
    }

    function test_resolveDisagreement_keepsTheClaim() public {
        commitBoth(proofBy(A, ROOT, EXIT_ROOT), proofBy(B, ROOT, EXIT_ROOT));
        reveal(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        challengeSequence(1);
        vm.roll(5000);
        resolve(1, new bytes32[](0));
        vm.assertFalse(settlement.pauseOf().halted);
        vm.assertEq(settlement.state().verifiedSequence, 0);
        // What was proved before does not count any more, and the round is void.
        (uint8 systems,) = settlement.provedBy(1);
        vm.assertEq(systems, 0);
        bytes memory proof = proofBy(B, ROOT, EXIT_ROOT);
        vm.expectRevert(abi.encodeWithSelector(IRoundWindows.RoundVoid.selector, 1, 1));
        reveal(BOB, 1, proof, ROOT);
        verify(ROOT);
        // The guardian does not have to wait because of a halt.
        vm.prank(GUARDIAN);
        manager.pause(8);
    }

    function test_resolveDisagreement_replacesClaims() public {
        submit(2, bytes32(uint256(0xdef)));
        challengeSequence(1);
        bytes32 dataHash = settlement.sequenceOf(2).newDataHash;
        bytes32[] memory claims = new bytes32[](2);
        (claims[0], claims[1]) = (OTHER_ROOT, bytes32(uint256(0xdee)));
        resolve(1, claims);
        vm.assertEq(settlement.sequenceOf(1).claimedStateRoot, OTHER_ROOT);
        vm.assertEq(settlement.sequenceOf(2).claimedStateRoot, claims[1]);
        vm.assertEq(settlement.sequenceOf(2).newDataHash, dataHash);
        vm.assertEq(settlement.state().verifiedSequence, 0);
        verify(OTHER_ROOT);
        vm.assertEq(settlement.state().verifiedStateRoot, OTHER_ROOT);
    }

    /// Not even the timelock moves a root that is verified, or makes one verified.
    function test_attack_resolveMovesAVerifiedRoot() public {
        commitBoth(proofBy(A, ROOT, EXIT_ROOT), proofBy(B, ROOT, EXIT_ROOT));
        reveal(ALICE, 1, proofBy(A, ROOT, EXIT_ROOT), ROOT);
        reveal(BOB, 1, proofBy(B, ROOT, EXIT_ROOT), ROOT);
        submit(1, ROOT);
        challengeSequence(2);
        uint64[4] memory firsts = [uint64(0), 1, 3, type(uint64).max];
        for (uint256 i = 0; i < firsts.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(IProofPolicy.ClaimOutOfRange.selector, firsts[i], 2, 2));
            vm.prank(address(timelock));
            manager.resolveDisagreement(8, firsts[i], new bytes32[](1));
        }
        assertHaltedAt(1);
    }

    function test_resolveDisagreement_revertsWithNotHalted() public {
        vm.expectRevert(abi.encodeWithSelector(IProofPolicy.NotHalted.selector));
        vm.prank(address(timelock));
        manager.resolveDisagreement(8, 1, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(IPausing.NotManager.selector, STRANGER, address(manager)));
        vm.prank(STRANGER);
        settlement.resolveDisagreement(1, new bytes32[](0));
    }

    /// A halt has no end that guardian or administrator could order.
    function test_attack_resumeAHaltedRollup() public {
        challengeSequence(1);
        bytes memory refusal =
            abi.encodeWithSelector(IPausing.RollupPaused.selector, block.number, type(uint64).max);
        vm.expectRevert(refusal);
        vm.prank(ADMIN);
        manager.resume(8);
        vm.expectRevert(refusal);
        vm.prank(ADMIN);
        manager.extendPause(8, 100_000);
        vm.expectRevert(refusal);
        vm.prank(ADMIN);
        manager.waiveCooldown(8);
        vm.expectRevert(abi.encodeWithSelector(IRollupManager.PauseProlonged.selector, 8));
        vm.prank(GUARDIAN);
        manager.resume(8);
        vm.roll(10_000_000);
        assertHalted();
    }

    function policyOf(uint8 threshold, bytes4 first, bytes4 second, bytes4 third)
        private
        pure
        returns (IProofPolicy.Policy memory policy)
    {
        policy = IProofPolicy.Policy({
            systems: new bytes4[](3), threshold: threshold, ways: IProofPolicy.Ways.TwoSteps
        });
        (policy.systems[0], policy.systems[1], policy.systems[2]) = (first, second, third);
    }

    /// The proof of `system` that the next sequence leads to `root`
    function proofBy(bytes4 system, bytes32 root, bytes32 exitRoot) private view returns (bytes memory) {
        return proofOfSequence(settlement.state().verifiedSequence + 1, system, root, exitRoot);
    }

    function proofOfSequence(uint64 number, bytes4 system, bytes32 root, bytes32 exitRoot)
        private
        view
        returns (bytes memory)
    {
        bytes32[] memory inputs = settlement.publicInputsOf(number, exitRoot, address(0));
        inputs[1] = root;
        return abi.encodePacked(system, keccak256(abi.encodePacked(system, inputs)));
    }

    function commitBoth(bytes memory alices, bytes memory bobs) private {
        commit(ALICE, 1, alices);
        commit(BOB, 1, bobs);
        rollToReveal(1);
    }

    function challenge(bytes memory proof, bytes32 root, bytes32 exitRoot) private {
        vm.prank(STRANGER);
        settlement.challengeRoot(1, proof, root, exitRoot);
    }

    function challengeSequence(uint64 number) private {
        bytes memory proof = proofOfSequence(number, B, OTHER_ROOT, EXIT_ROOT);
        settlement.challengeRoot(number, proof, OTHER_ROOT, EXIT_ROOT);
    }

    function resolve(uint64 first, bytes32[] memory claims) private {
        throughTimelock(
            address(manager), abi.encodeCall(IRollupManager.resolveDisagreement, (8, first, claims))
        );
    }

    /// Two systems prove the next sequence in a new round.
    function verify(bytes32 root) private {
        commitBoth(proofBy(A, root, EXIT_ROOT), proofBy(B, root, EXIT_ROOT));
        bytes memory bobs = proofBy(B, root, EXIT_ROOT);
        reveal(ALICE, 1, proofBy(A, root, EXIT_ROOT), root);
        reveal(BOB, 1, bobs, root);
        vm.assertEq(settlement.state().verifiedSequence, 1);
    }

    function assertHalted() private {
        assertHaltedAt(0);
    }

    function assertHaltedAt(uint64 verified) private {
        vm.assertTrue(settlement.pauseOf().halted);
        vm.assertEq(settlement.state().verifiedSequence, verified);
        bytes memory refusal =
            abi.encodeWithSelector(IPausing.RollupPaused.selector, block.number, type(uint64).max);
        uint64 next = nextBatch();
        vm.expectRevert(refusal);
        vm.prank(SEQUENCER);
        settlement.sequence(next, new bytes[](1), ROOT);
        vm.expectRevert(refusal);
        vm.prank(ALICE);
        settlement.commitProof(verified + 1, ROOT);
        vm.expectRevert(refusal);
        reveal(ALICE, verified + 1, "", ROOT);
    }

    function expectInvalid(IProofPolicy.Policy memory bad) private {
        ISettlement.Config memory settings = config();
        settings.policy = bad;
        vm.expectRevert(abi.encodeWithSelector(ISettlement.InvalidConfig.selector, "policy"));
        newSettlement(settings);
    }
}
