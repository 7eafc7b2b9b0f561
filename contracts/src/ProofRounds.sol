// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Commitments} from "./Commitments.sol";
import {ProofPolicy} from "./ProofPolicy.sol";
import {VerifierCall} from "./verifiers/VerifierCall.sol";
import {IProofRounds} from "./interfaces/IProofRounds.sol";
import {IProofVerifier} from "./interfaces/IProofVerifier.sol";

/// @title Proofs in two steps, or bound to their prover
abstract contract ProofRounds is Commitments, ProofPolicy, IProofRounds {
    using VerifierCall for IProofVerifier;

    /// @inheritdoc IProofRounds
    IProofVerifier public immutable verifier;
    /// @inheritdoc IProofRounds
    uint32 public immutable verifierGas;

    constructor(IProofVerifier verifier_, uint32 verifierGas_) {
        verifier = verifier_;
        verifierGas = verifierGas_;
    }

    /// @inheritdoc IProofRounds
    function commitProof(uint64 sequenceNumber, bytes32 proofHash) external whenRunning {
        _requireWay(Ways.TwoSteps);
        if (proofHash == 0) revert ZeroProofHash();
        _requirePending(sequenceNumber);

        Round memory round = _rounds[sequenceNumber];
        Windows memory windows = _windows(sequenceNumber, round);
        bool isOver = round.number == 0 || block.number > windows.lastRevealBlock;
        if (isOver || round.epoch != _currentEpoch()) {
            round = _open(sequenceNumber, round);
            windows.openedAt = uint64(block.number);
            windows.lastCommitBlock = windows.openedAt + round.commitWindow;
        } else if (block.number > windows.lastCommitBlock) {
            revert CommitWindowClosed(sequenceNumber, block.number, windows.lastCommitBlock);
        } else if (_records[sequenceNumber][round.number][msg.sender].status != Status.None) {
            revert AlreadyCommitted(sequenceNumber, round.number, msg.sender);
        }

        round.open++;
        _rounds[sequenceNumber] = round;
        uint256 stakeWei = operators.lock(msg.sender, lockWei);
        _records[sequenceNumber][round.number][msg.sender] = Record({
            proofHash: proofHash, stakeWei: uint120(stakeWei), epoch: round.epoch, status: Status.Open
        });
        emit ProofCommitted(
            sequenceNumber,
            msg.sender,
            round.number,
            proofHash,
            windows.openedAt,
            windows.lastCommitBlock,
            stakeWei
        );
    }

    /// @inheritdoc IProofRounds
    function revealProof(uint64 sequenceNumber, bytes calldata proof, bytes32 newStateRoot, bytes32 exitRoot)
        external
        whenRunning
        returns (bool valid)
    {
        _requireSubmitted(sequenceNumber);
        if (sequenceNumber > _nextSequence()) revert OutOfOrder(sequenceNumber, _nextSequence());
        Round memory round = _rounds[sequenceNumber];
        _requireRevealable(sequenceNumber, round);

        Record storage record = _records[sequenceNumber][round.number][msg.sender];
        bytes32 actual = _proofHash(proof);
        if (actual != record.proofHash) revert ProofHashMismatch(record.proofHash, actual);

        valid = _proves(sequenceNumber, proof, newStateRoot, exitRoot, address(0));
        _rounds[sequenceNumber].open = --round.open;
        if (!valid) {
            record.status = Status.Settled;
            _penalise(sequenceNumber, msg.sender, round.number, Offence.WrongProof);
            return false;
        }
        emit ProofRevealed(sequenceNumber, msg.sender, round.number);
        bool enough = _countProof(sequenceNumber, proof, exitRoot);
        if (enough && !_isVerified(sequenceNumber)) {
            _finalise(sequenceNumber, round.number, record.proofHash, exitRoot);
        }
        _addToSplit(sequenceNumber, record.stakeWei);
        // When nobody else can join, the last one need not come back for its share.
        bool isLast = enough && round.open == 0;
        record.status = isLast ? Status.Settled : Status.Revealed;
        if (isLast) _book(sequenceNumber, msg.sender, record.stakeWei);
        operators.unlock(msg.sender, lockWei);
    }

    /// @inheritdoc IProofRounds
    function submitProof(uint64 sequenceNumber, bytes calldata proof, bytes32 newStateRoot, bytes32 exitRoot)
        external
        whenRunning
    {
        _requireWay(Ways.Bound);
        _requirePending(sequenceNumber);
        if (sequenceNumber != _nextSequence()) revert OutOfOrder(sequenceNumber, _nextSequence());
        if (!_proves(sequenceNumber, proof, newStateRoot, exitRoot, msg.sender)) {
            revert InvalidProof(sequenceNumber);
        }

        uint64 round = _openAlone(sequenceNumber);
        emit ProofRevealed(sequenceNumber, msg.sender, round);
        _finalise(sequenceNumber, round, _proofHash(proof), exitRoot);
        // The only one in its split, so any stake gives it all.
        _addToSplit(sequenceNumber, 1);
        _book(sequenceNumber, msg.sender, 1);
    }

    /// Whether the proof, bound to `prover`, proves the claim
    function _proves(
        uint64 sequenceNumber,
        bytes calldata proof,
        bytes32 newStateRoot,
        bytes32 exitRoot,
        address prover
    ) private view returns (bool) {
        bytes32 claimedStateRoot = _checkpoint(sequenceNumber).stateRoot;
        if (newStateRoot != claimedStateRoot) revert StateRootMismatch(claimedStateRoot, newStateRoot);
        _requireField(exitRoot);
        _requireSystem(proof);
        return _holds(proof, _publicInputs(sequenceNumber, exitRoot, prover));
    }

    /// What an operator commits to
    function _proofHash(bytes calldata proof) private view returns (bytes32) {
        return keccak256(abi.encodePacked(keccak256(proof), msg.sender));
    }

    /// The caller is an operator, and the rollup takes proofs in this way.
    function _requireWay(Ways way) private view {
        if (_ways != way && _ways != Ways.Both) revert WayNotTaken(_ways);
        if (!operators.isOperator(msg.sender)) revert NotOperator(msg.sender);
    }

    function _holds(bytes calldata proof, bytes32[] memory publicInputs)
        internal
        view
        override
        returns (bool)
    {
        return verifier.verifies(verifierGas, proof, publicInputs);
    }

    /// A sequence is proved by enough systems, in most rollups by one.
    function _finalise(uint64 sequenceNumber, uint64 round, bytes32 proofHash, bytes32 exitRoot) private {
        _countAsVerified(sequenceNumber, exitRoot);
        Checkpoint memory checkpoint = _checkpoint(sequenceNumber);
        emit SequenceVerified(
            sequenceNumber,
            msg.sender,
            round,
            checkpoint.lastBatch,
            _checkpoint(sequenceNumber - 1).stateRoot,
            checkpoint.stateRoot,
            exitRoot,
            proofHash
        );
    }

    /// The caller has an open commitment, and the newest round takes proofs in this block.
    function _requireRevealable(uint64 sequenceNumber, Round memory round) private view {
        if (round.number == 0) revert NoCommitment(sequenceNumber, 0, msg.sender);
        if (round.epoch != _currentEpoch()) revert RoundVoid(sequenceNumber, round.number);
        Windows memory windows = _windows(sequenceNumber, round);
        if (block.number < windows.firstRevealBlock) {
            revert RevealWindowNotOpen(sequenceNumber, block.number, windows.firstRevealBlock);
        }
        uint64 lastBlock = _isVerified(sequenceNumber) ? windows.lastShareBlock : windows.lastRevealBlock;
        if (block.number > lastBlock) revert RevealWindowClosed(sequenceNumber, block.number, lastBlock);
        Status status = _records[sequenceNumber][round.number][msg.sender].status;
        if (status == Status.None) revert NoCommitment(sequenceNumber, round.number, msg.sender);
        if (status != Status.Open) revert AlreadyRevealed(sequenceNumber, round.number, msg.sender);
    }
}
