// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBridge} from "./IBridge.sol";

/// @title Sequences of batches, as the sequencer submits them
/// @notice Batches and sequences are numbered from 1. Number 0 is the genesis, which counts as verified. All state
/// roots, hashes and public inputs are BN254 scalars, big-endian.
interface ISequences {
    /// @notice A sequence of consecutive batches
    struct Sequence {
        /// Number of its first and its last batch
        uint64 firstBatch;
        uint64 lastBatch;
        /// Block in which it was submitted
        uint64 blockNumber;
        /// Data hash before its first and after its last batch
        bytes32 prevDataHash;
        bytes32 newDataHash;
        /// State root after its last batch, as the sequencer claims
        bytes32 claimedStateRoot;
    }

    /// @notice Where the rollup stands
    struct State {
        /// State root after the last verified batch
        bytes32 verifiedStateRoot;
        /// Last verified sequence and its last batch; 0 for none
        uint64 verifiedSequence;
        uint64 verifiedBatch;
        /// Last submitted sequence and its last batch; 0 for none
        uint64 lastSequence;
        uint64 lastBatch;
        /// Data hash after the last submitted batch
        bytes32 lastDataHash;
    }

    /// @notice The sequencer submitted a sequence. The batches themselves are in the calldata of the transaction.
    event SequenceSubmitted(
        uint64 indexed sequence,
        uint64 firstBatch,
        uint64 lastBatch,
        bytes32 prevDataHash,
        bytes32 newDataHash,
        bytes32 claimedStateRoot
    );

    /// @notice The sequence is verified already.
    error AlreadyVerified(uint64 sequence);

    /// @notice A disagreement was resolved by another claim for a sequence that is not verified.
    event ClaimReplaced(uint64 indexed sequence, bytes32 replaced, bytes32 claimedStateRoot);

    /// @notice The contract has its state before the first batch.
    error AlreadyInitialised();

    /// @notice Only the sequencer submits sequences.
    error NotSequencer(address caller, address sequencer);

    /// @notice The next sequence has to begin with batch `expected`, not with `given`: the batches were submitted
    /// already, or others are missing before them.
    error UnexpectedBatch(uint64 expected, uint64 given);

    /// @notice A sequence has at least one batch.
    error EmptySequence();

    /// @notice The batch at `index` (from 0) of the sequence has no bytes.
    error EmptyBatch(uint256 index);

    /// @notice The batch at `index` (from 0) of the sequence has deposits, and the rollup no bridge.
    error DepositsWithoutBridge(uint256 index);

    /// @notice `value` is not below the modulus of the BN254 scalar field.
    error NotFieldElement(bytes32 value);

    /// @notice There is no sequence of this number; the newest is `lastSequence`.
    error UnknownSequence(uint64 sequence, uint64 lastSequence);

    /// @notice Submits consecutive batches that follow the last ones. Batches are taken once: the same submission
    /// again is refused, whatever became of the first one's transaction on its way.
    /// @dev Reverts, in the order of the checks, with {NotSequencer}, {RollupPaused}, {UnexpectedBatch},
    /// {EmptySequence}, {NotFieldElement}, {EmptyBatch}, {DepositsWithoutBridge} or what {IBridge-consume} reverts
    /// with. A revert changes nothing. The data hash of a batch is
    /// sha256(previous data hash || batch) with its most significant byte set to zero.
    /// @param firstBatch Number of the first of the batches: that of the last batch submitted, plus 1
    /// @param batches The data of each batch
    /// @param claimedStateRoot State root after the last of them
    /// @return sequenceNumber Number of the new sequence
    function sequence(uint64 firstBatch, bytes[] calldata batches, bytes32 claimedStateRoot)
        external
        returns (uint64 sequenceNumber);

    function rollupId() external view returns (uint256);
    function configHash() external view returns (bytes32);
    function keySetRoot() external view returns (bytes32);
    function sequencer() external view returns (address);

    /// @notice Where the rollup's ether is; 0 for none
    function bridge() external view returns (IBridge);

    /// @notice Root of the exits of a verified sequence; 0 without any, and before it is verified
    function exitRootOf(uint64 sequenceNumber) external view returns (bytes32);

    /// @notice Where the rollup stands
    function state() external view returns (State memory);

    /// @notice The record of a sequence; of number 0, the genesis
    /// @dev Reverts with {UnknownSequence}.
    function sequenceOf(uint64 sequenceNumber) external view returns (Sequence memory);

    /// @notice The public inputs that a proof of this sequence is verified with: previous and new state root,
    /// previous and new data hash, first and last batch, exit root, configuration hash, key set root, prover
    /// @dev Reverts with {UnknownSequence}, also for number 0.
    /// @param prover The account that the proof is bound to; 0 for nobody, as proofs in two steps are
    function publicInputsOf(uint64 sequenceNumber, bytes32 exitRoot, address prover)
        external
        view
        returns (bytes32[] memory);
}
