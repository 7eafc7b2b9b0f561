// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Which proofs a rollup asks for, and what happens when two of them disagree
/// @notice Proof systems are told apart by the first four bytes of a proof, the selector of the verifier's router. A
/// sequence counts as verified as soon as enough different systems have proved it. All of them prove the root that
/// the sequencer claimed; a valid proof of anything else halts the rollup before either side is final. Only the
/// timelock resolves a halt, by other claims or the old ones, and they have to be proved then like any claim.
interface IProofPolicy {
    /// @notice How proofs come to the base chain: as their hash first, or at once but bound to the operator that shows them
    enum Ways {
        TwoSteps,
        Bound,
        Both
    }

    /// @notice What a rollup asks for
    struct Policy {
        /// Selectors of the systems that count, at most 8, none twice; empty: whatever the verifier accepts
        bytes4[] systems;
        /// How many of them have to agree; 1 if `systems` is empty
        uint8 threshold;
        /// Bound proofs are for a threshold of 1 alone.
        Ways ways;
    }

    /// @notice `count` systems have proved the sequence so far, which is not enough yet.
    event ProofCounted(uint64 indexed sequence, bytes4 indexed system, uint256 count);

    /// @notice A valid proof says something else than the claim, or than the first valid proof: the rollup is halted.
    event DisagreementFound(
        uint64 indexed sequence,
        bytes32 claimedStateRoot,
        bytes32 exitRoot,
        bytes32 otherStateRoot,
        bytes32 otherExitRoot
    );

    /// @notice Proofs of this system do not count for this rollup.
    error SystemNotAllowed(bytes4 system);

    /// @notice The proof is said to prove what is claimed, or what was proved: there is nothing to disagree about.
    error NoDisagreement(uint64 sequence);

    /// @notice The rollup takes proofs in the ways of `taken` only.
    error WayNotTaken(Ways taken);

    /// @notice The verifier refused the proof.
    error InvalidProof(uint64 sequence);

    /// @notice There is no disagreement to be resolved.
    error NotHalted();

    /// @notice Claims can be replaced for sequences from `first` to `last`.
    error ClaimOutOfRange(uint64 given, uint64 first, uint64 last);

    /// @notice Shows a valid proof of another root than the claimed one, for a sequence that is not verified, and halts
    /// the rollup. Anybody may, also while the rollup is paused.
    /// @dev Reverts with {UnknownSequence}, {AlreadyVerified}, {RollupPaused} (halted already), {NoDisagreement},
    /// {NotFieldElement}, {SystemNotAllowed}, {NotEnoughGas} or {InvalidProof}.
    /// @param proof A proof of a system that counts, bound to nobody
    /// @param otherStateRoot State root after the sequence, as the proof says
    /// @param otherExitRoot Exit root of the sequence, as the proof says
    function challengeRoot(
        uint64 sequenceNumber,
        bytes calldata proof,
        bytes32 otherStateRoot,
        bytes32 otherExitRoot
    ) external;

    /// @notice Lets a halted rollup go on; for the manager. Rounds that are open are void, proofs that were counted
    /// are forgotten, and nothing becomes verified by it.
    /// @dev Reverts with {NotManager}, {NotHalted}, {ClaimOutOfRange} or {NotFieldElement}.
    /// @param firstSequence The first sequence that gets another claim
    /// @param claimedStateRoots Claims of this one and those that follow it; none: the old claims stay
    function resolveDisagreement(uint64 firstSequence, bytes32[] calldata claimedStateRoots) external;

    function policy() external view returns (Policy memory);

    /// @notice Which systems have proved a sequence that is not verified, as bits in the order of the policy, and with
    /// which exit root. Of a policy with a threshold of 1 nothing is kept.
    function provedBy(uint64 sequenceNumber) external view returns (uint8 systems, bytes32 exitRoot);
}
