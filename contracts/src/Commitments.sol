// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Rewards} from "./Rewards.sol";
import {RoundWindows} from "./RoundWindows.sol";
import {ICommitments} from "./interfaces/ICommitments.sol";
import {IOperatorRegistry} from "./interfaces/IOperatorRegistry.sol";

/// @title Commitments, the stake behind them, and penalties
abstract contract Commitments is RoundWindows, Rewards, ICommitments {
    /// The part of a {Commitment} that is not its key. Stake is of ETH that exists, so it fits.
    struct Record {
        bytes32 proofHash;
        uint120 stakeWei;
        /// Of its round
        uint16 epoch;
        Status status;
    }

    /// @inheritdoc ICommitments
    uint64 public constant LONGEST_WAIT = 21_600;
    /// @inheritdoc ICommitments
    uint64 public constant LONGEST_COMMITMENT = 3 * LONGEST_WINDOW + LONGEST_WAIT;

    /// @inheritdoc ICommitments
    IOperatorRegistry public immutable operators;
    /// @inheritdoc ICommitments
    uint256 public immutable lockWei;

    uint96 private immutable _wrongProofWei;
    uint96 private immutable _missedRevealWei;
    uint96 private immutable _failedRoundWei;

    /// Keyed by round, so that a new round voids the commitments of the older ones.
    mapping(uint64 sequence => mapping(uint64 round => mapping(address operator => Record))) internal
        _records;

    constructor(IOperatorRegistry operators_, Penalties memory penalties_) {
        operators = operators_;
        _wrongProofWei = penalties_.wrongProofWei;
        _missedRevealWei = penalties_.missedRevealWei;
        _failedRoundWei = penalties_.failedRoundWei;
        uint256 greatest = penalties_.wrongProofWei;
        if (penalties_.missedRevealWei > greatest) greatest = penalties_.missedRevealWei;
        if (penalties_.failedRoundWei > greatest) greatest = penalties_.failedRoundWei;
        lockWei = greatest;
    }

    /// @inheritdoc ICommitments
    function settleCommitments(uint64 sequenceNumber, uint64 round, address[] calldata accounts) external {
        _requireSubmitted(sequenceNumber);
        Round memory newest = _rounds[sequenceNumber];
        if (round == 0 || round > newest.number) revert UnknownRound(sequenceNumber, round, newest.number);
        // A sequence is verified in its newest round; the older ones have failed.
        bool isNewest = round == newest.number;
        bool verified = isNewest && _isVerified(sequenceNumber);
        bool isVoid = isNewest ? _isVoid(sequenceNumber, newest) : _wasVoid(sequenceNumber, round);
        if (isNewest && !isVoid) _requireOver(sequenceNumber, newest, verified);
        bool bookable = verified || (!isNewest && _canBook(sequenceNumber, newest));

        for (uint256 i = 0; i < accounts.length; i++) {
            Record storage record = _records[sequenceNumber][round][accounts[i]];
            Status status = record.status;
            if (status == Status.Revealed && bookable) {
                record.status = Status.Settled;
                if (_sharesIn(sequenceNumber, record.epoch)) {
                    _book(sequenceNumber, accounts[i], record.stakeWei);
                }
            } else if (status == Status.Open) {
                record.status = Status.Settled;
                if (isNewest) _rounds[sequenceNumber].open--;
                if (isVoid) {
                    _release(sequenceNumber, accounts[i], round);
                } else {
                    _penalise(
                        sequenceNumber,
                        accounts[i],
                        round,
                        verified ? Offence.MissedReveal : Offence.FailedRound
                    );
                }
            }
        }
    }

    /// @inheritdoc ICommitments
    function withdrawCommitment(uint64 sequenceNumber) external {
        _requireSubmitted(sequenceNumber);
        Round memory round = _rounds[sequenceNumber];
        Record storage record = _records[sequenceNumber][round.number][msg.sender];
        if (record.status != Status.Open) revert NoCommitment(sequenceNumber, round.number, msg.sender);
        // A halt ends with a new epoch, in which the round will be void: there is nothing to wait for.
        if (!_isHalted() && !_isVoid(sequenceNumber, round)) {
            Windows memory windows = _windows(sequenceNumber, round);
            uint256 lastBlock = windows.lastCommitBlock + LONGEST_WAIT;
            if (windows.lastRevealBlock != type(uint64).max || block.number <= lastBlock) {
                revert CommitmentBinding(sequenceNumber, round.number, lastBlock);
            }
        }

        record.status = Status.Settled;
        _rounds[sequenceNumber].open--;
        _release(sequenceNumber, msg.sender, round.number);
    }

    /// @inheritdoc ICommitments
    function commitmentOf(uint64 sequenceNumber, address operator) external view returns (Commitment memory) {
        return _commitment(sequenceNumber, _rounds[sequenceNumber].number, operator);
    }

    /// @inheritdoc ICommitments
    function commitmentIn(uint64 sequenceNumber, uint64 round, address operator)
        external
        view
        returns (Commitment memory)
    {
        return _commitment(sequenceNumber, round, operator);
    }

    /// @inheritdoc ICommitments
    function penalties() external view returns (Penalties memory) {
        return Penalties({
            wrongProofWei: _wrongProofWei, missedRevealWei: _missedRevealWei, failedRoundWei: _failedRoundWei
        });
    }

    /// Takes the penalty, or what there is of it; a commitment is penalised once.
    function _penalise(uint64 sequenceNumber, address operator, uint64 round, Offence offence) internal {
        uint256 amount = offence == Offence.WrongProof
            ? _wrongProofWei
            : offence == Offence.MissedReveal ? _missedRevealWei : _failedRoundWei;
        uint256 taken = operators.slash(operator, lockWei, amount);
        emit CommitmentPenalised(sequenceNumber, operator, round, offence, taken);
    }

    /// Frees the stake of a commitment that nobody is to blame for.
    function _release(uint64 sequenceNumber, address operator, uint64 round) private {
        emit CommitmentWithdrawn(sequenceNumber, operator, round);
        operators.unlock(operator, lockWei);
    }

    /// Whether shares can be booked for proofs of rounds before the newest: there are such proofs when it takes more
    /// than one to verify a sequence.
    function _canBook(uint64 sequenceNumber, Round memory newest) private view returns (bool) {
        if (!_isVerified(sequenceNumber)) return false;
        if (newest.open == 0 || _isVoid(sequenceNumber, newest)) return true;
        return block.number > _windows(sequenceNumber, newest).lastShareBlock;
    }

    /// Over is a round that no proof can join any more.
    function _requireOver(uint64 sequenceNumber, Round memory round, bool verified) private view {
        if (verified && round.open == 0) return;
        Windows memory windows = _windows(sequenceNumber, round);
        uint64 lastBlock = verified ? windows.lastShareBlock : windows.lastRevealBlock;
        if (block.number <= lastBlock) revert RoundNotOver(sequenceNumber, round.number, lastBlock);
    }

    function _commitment(uint64 sequenceNumber, uint64 round, address operator)
        private
        view
        returns (Commitment memory)
    {
        Record memory record = _records[sequenceNumber][round][operator];
        return Commitment({
            round: round, proofHash: record.proofHash, stakeWei: record.stakeWei, status: record.status
        });
    }
}
