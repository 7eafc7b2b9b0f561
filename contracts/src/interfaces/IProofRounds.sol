// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOperatorRegistry} from "./IOperatorRegistry.sol";
import {IProofVerifier} from "./IProofVerifier.sol";

/// @title Proofs in two steps, first the hash of the proof, then the proof
/// @notice The first commitment for a sequence opens a round at its block T. With the commit window T1 and the reveal
/// window T2, commitments are taken in blocks T to T + T1, proofs in blocks T + T1 + 1 to T + T1 + T2: never both
/// in one block, so that a proof seen on its way to a block cannot be committed by somebody else in time. When
/// the round has passed without a verified proof, the next commitment opens a new one and the older commitments
/// are void.
///
/// Proofs are verified in the order of the sequences.
interface IProofRounds {
    /// @notice The blocks (inclusive) of the newest round of a sequence; all zero when there was none
    struct Windows {
        /// Number of the round, from 1
        uint64 round;
        /// T, also the first block that takes commitments
        uint64 openedAt;
        uint64 lastCommitBlock;
        uint64 firstRevealBlock;
        uint64 lastRevealBlock;
    }

    /// @notice What an operator committed in the newest round of a sequence; `proofHash` is zero for nothing
    struct Commitment {
        uint64 round;
        bytes32 proofHash;
    }

    /// @notice An operator committed to a proof. The round was opened at block `openedAt`; when that is the block
    /// of this event, this commitment may have opened it.
    event ProofCommitted(
        uint64 indexed sequence,
        address indexed operator,
        uint64 indexed round,
        bytes32 proofHash,
        uint64 openedAt,
        uint64 lastCommitBlock,
        uint64 lastRevealBlock
    );

    /// @notice A proof was verified: `newStateRoot` is final, `rewardWei` (in wei) is owed to the operator.
    event SequenceVerified(
        uint64 indexed sequence,
        address indexed operator,
        uint64 round,
        uint64 lastBatch,
        bytes32 prevStateRoot,
        bytes32 newStateRoot,
        bytes32 exitRoot,
        bytes32 proofHash,
        uint256 rewardWei
    );

    /// @notice Only registered operators commit proofs.
    error NotOperator(address caller);

    /// @notice The zero hash stands for "no commitment" and cannot be committed.
    error ZeroProofHash();

    /// @notice The round took commitments up to `lastBlock`.
    error CommitWindowClosed(uint64 sequence, uint256 blockNumber, uint256 lastBlock);

    /// @notice The operator has a commitment in this round.
    error AlreadyCommitted(uint64 sequence, uint64 round, address operator);

    /// @notice The sequence is not the next one to be verified; its commitments stay valid.
    error OutOfOrder(uint64 sequence, uint64 next);

    /// @notice The round takes proofs from `firstBlock` on.
    error RevealWindowNotOpen(uint64 sequence, uint256 blockNumber, uint256 firstBlock);

    /// @notice The round took proofs up to `lastBlock`.
    error RevealWindowClosed(uint64 sequence, uint256 blockNumber, uint256 lastBlock);

    /// @notice The operator has no commitment in the newest round (0: there was no round).
    error NoCommitment(uint64 sequence, uint64 round, address operator);

    /// @notice The operator committed to `expected`; proof and operator hash to `actual`.
    error ProofHashMismatch(bytes32 expected, bytes32 actual);

    /// @notice Sequencer and operator disagree about the state after the sequence; nothing becomes final.
    error StateRootMismatch(bytes32 claimed, bytes32 given);

    /// @notice The verifier refused the proof.
    error InvalidProof(uint64 sequence);

    /// @notice First step: commits the caller, an operator, to a proof it holds.
    /// @dev Reverts with {NotOperator}, {ZeroProofHash}, {UnknownSequence}, {AlreadyVerified},
    /// {CommitWindowClosed} or {AlreadyCommitted}.
    /// @param sequenceNumber Any sequence that is not verified, in order or not
    /// @param proofHash keccak256(abi.encodePacked(keccak256(proof), operator))
    function commitProof(uint64 sequenceNumber, bytes32 proofHash) external;

    /// @notice Second step: shows the proof that the caller committed to.
    /// @dev Reverts, in the order of the checks, with {UnknownSequence}, {AlreadyVerified}, {OutOfOrder},
    /// {NoCommitment} (no round), {RevealWindowNotOpen}, {RevealWindowClosed}, {NoCommitment},
    /// {ProofHashMismatch}, {StateRootMismatch}, {NotFieldElement} or {InvalidProof}. A revert changes nothing.
    /// @param sequenceNumber The next sequence to be verified
    /// @param proof The final proof of the sequence
    /// @param newStateRoot State root after the sequence, which must be the claimed one
    /// @param exitRoot Root over the withdrawals, a public input of the proof
    function revealProof(uint64 sequenceNumber, bytes calldata proof, bytes32 newStateRoot, bytes32 exitRoot)
        external;

    function verifier() external view returns (IProofVerifier);
    function operators() external view returns (IOperatorRegistry);

    /// @notice T1 (in blocks)
    function commitWindow() external view returns (uint32);

    /// @notice T2 (in blocks)
    function revealWindow() external view returns (uint32);

    /// @notice The newest round of a sequence
    /// @dev Reverts with {UnknownSequence}.
    function windowsOf(uint64 sequenceNumber) external view returns (Windows memory);

    /// @notice The commitment of an operator in the newest round of a sequence
    function commitmentOf(uint64 sequenceNumber, address operator) external view returns (Commitment memory);
}
