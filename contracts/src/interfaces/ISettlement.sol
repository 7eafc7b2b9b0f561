// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOperatorRegistry} from "./IOperatorRegistry.sol";
import {IProofVerifier} from "./IProofVerifier.sol";

/// @title Settlement of one rollup
/// @notice The sequencer submits sequences of batches with the state root it claims for them; operators prove
/// them in two steps, first the hash of the proof, then the proof. A verified proof makes the claimed root the
/// verified one.
///
/// Batches and sequences are numbered from 1. Number 0 is the genesis, which counts as verified.
///
/// The first commitment for a sequence opens a round at its block T. With the commit window T1 and the reveal
/// window T2, commitments are taken in blocks T to T + T1, proofs in blocks T + T1 + 1 to T + T1 + T2: never both
/// in one block, so that a proof seen on its way to a block cannot be committed by somebody else in time. When
/// the round has passed without a verified proof, the next commitment opens a new one and the older commitments
/// are void.
///
/// Proofs are verified in the order of the sequences. All state roots, hashes and public inputs are BN254
/// scalars, big-endian.
interface ISettlement {
    /// @notice What is fixed for the life of the contract
    struct Config {
        /// Number of the rollup; part of what `configHash` binds
        uint256 rollupId;
        /// State root before the first batch
        bytes32 genesisStateRoot;
        /// Hash of the rollup's configuration, a public input of every proof
        bytes32 configHash;
        /// Root over the verifying keys that a proof may rest on, a public input of every proof
        bytes32 keySetRoot;
        /// Verifier of the final proof
        IProofVerifier verifier;
        /// The only account that may submit sequences
        address sequencer;
        /// Who may commit proofs
        IOperatorRegistry operators;
        /// T1: blocks after the opening block in which commitments are still taken
        uint32 commitWindow;
        /// T2: blocks after the commit window in which proofs are taken; at least 1
        uint32 revealWindow;
        /// What the prover of a sequence earns (in wei)
        uint256 rewardWei;
    }

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

    /// @notice The sequencer submitted a sequence. The batches themselves are in the calldata of the transaction.
    event SequenceSubmitted(
        uint64 indexed sequence,
        uint64 firstBatch,
        uint64 lastBatch,
        bytes32 prevDataHash,
        bytes32 newDataHash,
        bytes32 claimedStateRoot
    );

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

    /// @notice Somebody added `amount` (in wei) to what rewards are paid from.
    event RewardsFunded(address indexed from, uint256 amount);

    /// @notice An operator took `amount` (in wei) of its rewards.
    event RewardClaimed(address indexed operator, uint256 amount);

    /// @notice `field` of the configuration cannot work: an account without code, zero, or not a BN254 scalar.
    error InvalidConfig(string field);

    /// @notice Only the sequencer submits sequences.
    error NotSequencer(address caller, address sequencer);

    /// @notice Only registered operators commit proofs.
    error NotOperator(address caller);

    /// @notice The next sequence has to begin with batch `expected`, not with `given`: the batches were submitted
    /// already, or others are missing before them.
    error UnexpectedBatch(uint64 expected, uint64 given);

    /// @notice A sequence has at least one batch.
    error EmptySequence();

    /// @notice The batch at `index` (from 0) of the sequence has no bytes.
    error EmptyBatch(uint256 index);

    /// @notice `value` is not below the modulus of the BN254 scalar field.
    error NotFieldElement(bytes32 value);

    /// @notice There is no sequence of this number; the newest is `lastSequence`.
    error UnknownSequence(uint64 sequence, uint64 lastSequence);

    /// @notice The sequence is verified already.
    error AlreadyVerified(uint64 sequence);

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

    /// @notice The operator has no reward that it has not taken.
    error NothingToClaim(address operator);

    /// @notice The contract holds `available`, less than the `required` rewards (both in wei).
    error InsufficientFunds(uint256 available, uint256 required);

    /// @notice The operator's account refused the payment (in wei).
    error PaymentRefused(address operator, uint256 amount);

    /// @notice Submits consecutive batches that follow the last ones. Batches are taken once: the same submission
    /// again is refused, whatever became of the first one's transaction on its way.
    /// @dev Reverts, in the order of the checks, with {NotSequencer}, {UnexpectedBatch}, {EmptySequence},
    /// {NotFieldElement} or {EmptyBatch}. A revert changes nothing. The data hash of a batch is
    /// sha256(previous data hash || batch) with its most significant byte set to zero.
    /// @param firstBatch Number of the first of the batches: that of the last batch submitted, plus 1
    /// @param batches The data of each batch
    /// @param claimedStateRoot State root after the last of them
    /// @return sequenceNumber Number of the new sequence
    function sequence(uint64 firstBatch, bytes[] calldata batches, bytes32 claimedStateRoot)
        external
        returns (uint64 sequenceNumber);

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

    /// @notice Adds the value sent to what rewards are paid from.
    function fundRewards() external payable;

    /// @notice Pays the caller all rewards that it has earned and not taken.
    /// @dev Reverts with {NothingToClaim}, {InsufficientFunds} or {PaymentRefused}.
    /// @return amount What was paid (in wei)
    function claimRewards() external returns (uint256 amount);

    function rollupId() external view returns (uint256);
    function configHash() external view returns (bytes32);
    function keySetRoot() external view returns (bytes32);
    function verifier() external view returns (IProofVerifier);
    function sequencer() external view returns (address);
    function operators() external view returns (IOperatorRegistry);

    /// @notice T1 (in blocks)
    function commitWindow() external view returns (uint32);

    /// @notice T2 (in blocks)
    function revealWindow() external view returns (uint32);

    /// @notice What the prover of a sequence earns (in wei)
    function rewardWei() external view returns (uint256);

    /// @notice Where the rollup stands
    function state() external view returns (State memory);

    /// @notice The record of a sequence; of number 0, the genesis
    /// @dev Reverts with {UnknownSequence}.
    function sequenceOf(uint64 sequenceNumber) external view returns (Sequence memory);

    /// @notice The newest round of a sequence
    /// @dev Reverts with {UnknownSequence}.
    function windowsOf(uint64 sequenceNumber) external view returns (Windows memory);

    /// @notice The commitment of an operator in the newest round of a sequence
    function commitmentOf(uint64 sequenceNumber, address operator) external view returns (Commitment memory);

    /// @notice The public inputs that a proof of this sequence is verified with: previous and new state root,
    /// previous and new data hash, first and last batch, exit root, configuration hash, key set root
    /// @dev Reverts with {UnknownSequence}, also for number 0.
    function publicInputsOf(uint64 sequenceNumber, bytes32 exitRoot) external view returns (bytes32[] memory);

    /// @notice All that an operator ever earned (in wei), taken or not
    function rewardsOf(address operator) external view returns (uint256);

    /// @notice What an operator has taken of its rewards (in wei)
    function claimedOf(address operator) external view returns (uint256);
}
