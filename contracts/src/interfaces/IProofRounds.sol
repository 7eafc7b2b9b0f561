// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "./IProofVerifier.sol";

/// @title Proofs in two steps, first the hash of the proof, then the proof; or in one, bound to their prover
/// @notice See {IRoundWindows} for when, {ICommitments} for what an operator risks, {IRewards} for what it earns.
interface IProofRounds {
    /// @notice An operator committed to a proof. The round was opened at block `openedAt`; when that is the block
    /// of this event, this commitment may have opened it.
    event ProofCommitted(
        uint64 indexed sequence,
        address indexed operator,
        uint64 indexed round,
        bytes32 proofHash,
        uint64 openedAt,
        uint64 lastCommitBlock,
        uint256 stakeWei
    );

    /// @notice An operator showed the proof that it committed to, and the proof holds.
    event ProofRevealed(uint64 indexed sequence, address indexed operator, uint64 indexed round);

    /// @notice The first proof of a sequence was verified: `newStateRoot` is final.
    event SequenceVerified(
        uint64 indexed sequence,
        address indexed operator,
        uint64 round,
        uint64 lastBatch,
        bytes32 prevStateRoot,
        bytes32 newStateRoot,
        bytes32 exitRoot,
        bytes32 proofHash
    );

    /// @notice Only registered operators commit proofs.
    error NotOperator(address caller);

    /// @notice The zero hash stands for "no commitment" and cannot be committed.
    error ZeroProofHash();

    /// @notice The round took commitments up to `lastBlock`.
    error CommitWindowClosed(uint64 sequence, uint256 blockNumber, uint256 lastBlock);

    /// @notice The operator has a commitment in this round.
    error AlreadyCommitted(uint64 sequence, uint64 round, address operator);

    /// @notice The operator has revealed its proof, or its commitment is settled.
    error AlreadyRevealed(uint64 sequence, uint64 round, address operator);

    /// @notice The sequence is not the next one to be verified; its commitments stay valid.
    error OutOfOrder(uint64 sequence, uint64 next);

    /// @notice The round takes proofs from `firstBlock` on.
    error RevealWindowNotOpen(uint64 sequence, uint256 blockNumber, uint256 firstBlock);

    /// @notice The round took proofs up to `lastBlock`.
    error RevealWindowClosed(uint64 sequence, uint256 blockNumber, uint256 lastBlock);

    /// @notice The operator committed to `expected`; proof and operator hash to `actual`.
    error ProofHashMismatch(bytes32 expected, bytes32 actual);

    /// @notice Sequencer and operator disagree about the state after the sequence; nothing becomes final.
    error StateRootMismatch(bytes32 claimed, bytes32 given);

    /// @notice One step, for rollups that take bound proofs: shows a proof that has the caller's address among its public
    /// inputs, which makes the sequence verified. The caller, an operator, gets the whole reward. A copy of the proof is
    /// worth nothing to anybody else. A wrong proof reverts and costs nothing: nothing was promised.
    ///
    /// It stands in a round of its own. A round that still ran is void: what was committed in it is not penalised, is not
    /// taken any more, and has its stake freed by {ICommitments-settleCommitments}. One that had failed before stays failed.
    /// @dev Reverts, in the order of the checks, with {RollupPaused}, {WayNotTaken}, {NotOperator}, {UnknownSequence},
    /// {AlreadyVerified}, {OutOfOrder}, {StateRootMismatch}, {NotFieldElement}, {SystemNotAllowed}, {VerifierCall-NotEnoughGas}
    /// or {InvalidProof}.
    /// @param sequenceNumber The next sequence to be verified
    /// @param proof The final proof of the sequence, bound to the caller
    /// @param newStateRoot State root after the sequence, which must be the claimed one
    /// @param exitRoot Root over the withdrawals, a public input of the proof
    function submitProof(uint64 sequenceNumber, bytes calldata proof, bytes32 newStateRoot, bytes32 exitRoot)
        external;

    /// @notice First step: commits the caller, an operator, to a proof it holds, and locks stake for it.
    /// @dev Reverts with {RollupPaused}, {WayNotTaken}, {NotOperator}, {ZeroProofHash}, {UnknownSequence}, {AlreadyVerified},
    /// {CommitWindowClosed}, {AlreadyCommitted}, or {IOperatorRegistry-InsufficientFreeStake}.
    /// @param sequenceNumber Any sequence that is not verified, in order or not
    /// @param proofHash keccak256(abi.encodePacked(keccak256(proof), operator))
    function commitProof(uint64 sequenceNumber, bytes32 proofHash) external;

    /// @notice Second step: shows the proof that the caller committed to. Every proof is verified in full, so that
    /// nobody is paid for one that was never checked. The first that holds makes the sequence verified.
    ///
    /// A proof that is the one committed to and does not hold is penalised. That is no revert, which would undo the
    /// penalty: the function returns false. Look at the answer of a call before sending a transaction.
    /// @dev Reverts, in the order of the checks, with {RollupPaused}, {UnknownSequence}, {OutOfOrder},
    /// {NoCommitment} (no round), {RoundVoid}, {RevealWindowNotOpen}, {RevealWindowClosed}, {NoCommitment}, {AlreadyRevealed}, {ProofHashMismatch},
    /// {StateRootMismatch}, {NotFieldElement}, {SystemNotAllowed}, or {VerifierCall-NotEnoughGas}. A revert changes nothing.
    /// @param sequenceNumber The next sequence to be verified, or one that is verified
    /// @param proof The final proof of the sequence, bound to nobody
    /// @param newStateRoot State root after the sequence, which must be the claimed one
    /// @param exitRoot Root over the withdrawals, a public input of the proof: with another one the proof is wrong
    /// @return valid Whether the proof holds
    function revealProof(uint64 sequenceNumber, bytes calldata proof, bytes32 newStateRoot, bytes32 exitRoot)
        external
        returns (bool valid);

    function verifier() external view returns (IProofVerifier);

    /// @notice Gas that the verifier may use; a transaction that reveals a proof must bring a little more
    function verifierGas() external view returns (uint32);
}
