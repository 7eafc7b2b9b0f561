// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOperatorRegistry} from "./IOperatorRegistry.sol";

/// @title Commitments, and what becomes of those that are not kept
/// @notice A commitment locks as much of the operator's stake as the greatest penalty takes. It ends in one of four
/// ways: the operator reveals a proof that holds, which frees the stake; it reveals the proof that it committed to
/// and the proof is wrong; it does not reveal in time; or it takes the commitment back, which is possible only
/// when the round has waited very long for the sequence before. Nothing else frees the stake, so no operator can
/// escape from a penalty by leaving it alone.
interface ICommitments {
    enum Status {
        /// There is none.
        None,
        /// The proof was not shown.
        Open,
        /// The proof was checked and holds; the share of the reward is not booked.
        Revealed,
        /// Nothing is left to do: booked, penalised or taken back.
        Settled
    }

    /// @notice What an operator committed to in a round of a sequence
    struct Commitment {
        uint64 round;
        /// Zero when there is none
        bytes32 proofHash;
        /// Stake of the operator when it committed (in wei)
        uint256 stakeWei;
        Status status;
    }

    /// @notice What is taken of an operator's stake (in wei)
    struct Penalties {
        /// For a proof that is the one committed to and does not hold
        uint96 wrongProofWei;
        /// For a commitment that was not revealed although the sequence was verified in its round
        uint96 missedRevealWei;
        /// For each commitment of a round in which nobody showed a proof that holds
        uint96 failedRoundWei;
    }

    enum Offence {
        WrongProof,
        MissedReveal,
        FailedRound
    }

    /// @notice `amountWei` (in wei) was taken of an operator's stake.
    event CommitmentPenalised(
        uint64 indexed sequence,
        address indexed operator,
        uint64 indexed round,
        Offence offence,
        uint256 amountWei
    );

    /// @notice A commitment ended without a penalty: it had waited too long, or its round is void.
    event CommitmentWithdrawn(uint64 indexed sequence, address indexed operator, uint64 indexed round);

    /// @notice There is no such round; the newest is `newest`.
    error UnknownRound(uint64 sequence, uint64 round, uint64 newest);

    /// @notice The round may still be joined by a proof; it is over after block `lastBlock`.
    error RoundNotOver(uint64 sequence, uint64 round, uint64 lastBlock);

    /// @notice The operator has no open commitment in the round.
    error NoCommitment(uint64 sequence, uint64 round, address operator);

    /// @notice The commitment may be taken back after block `lastBlock`, and only while the sequence before is not
    /// verified.
    error CommitmentBinding(uint64 sequence, uint64 round, uint256 lastBlock);

    /// @notice Ends commitments of a round that is over: takes the penalty for those that were not revealed, books
    /// the share of those that were. Anybody may do it. Operators without a commitment, and those that are settled
    /// already, are skipped.
    /// @dev Reverts with {UnknownSequence}, {UnknownRound} or {RoundNotOver}.
    /// @param sequenceNumber Any sequence
    /// @param round Any round of it
    /// @param accounts The operators; the caller decides how much is done at once
    function settleCommitments(uint64 sequenceNumber, uint64 round, address[] calldata accounts) external;

    /// @notice Takes back the caller's commitment in the newest round, without a penalty, when the sequence before
    /// has kept it waiting for {LONGEST_WAIT} blocks: it may never be verified, and the stake is not to be lost. So
    /// it is when the round is void, or will be because the rollup is halted.
    /// @dev Reverts with {NoCommitment} or {CommitmentBinding}.
    function withdrawCommitment(uint64 sequenceNumber) external;

    /// @notice The commitment of an operator in the newest round of a sequence
    function commitmentOf(uint64 sequenceNumber, address operator) external view returns (Commitment memory);

    /// @notice The commitment of an operator in any round of a sequence
    function commitmentIn(uint64 sequenceNumber, uint64 round, address operator)
        external
        view
        returns (Commitment memory);

    function operators() external view returns (IOperatorRegistry);

    function penalties() external view returns (Penalties memory);

    /// @notice Stake that a commitment locks (in wei): the greatest penalty
    function lockWei() external view returns (uint256);

    /// @notice Blocks behind its commit window after which a commitment that still waits may be taken back
    // forge-lint: disable-next-line(mixed-case-function)
    function LONGEST_WAIT() external view returns (uint64);

    /// @notice Blocks that a commitment can bind an operator at most, every window at its longest
    // forge-lint: disable-next-line(mixed-case-function)
    function LONGEST_COMMITMENT() external view returns (uint64);
}
