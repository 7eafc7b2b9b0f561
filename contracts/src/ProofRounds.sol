// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Sequences} from "./Sequences.sol";
import {IOperatorRegistry} from "./interfaces/IOperatorRegistry.sol";
import {IProofRounds} from "./interfaces/IProofRounds.sol";
import {IProofVerifier} from "./interfaces/IProofVerifier.sol";

/// @title Rounds of commitments and proofs
abstract contract ProofRounds is Sequences, IProofRounds {
    struct Round {
        uint64 number;
        uint64 openedAt;
    }

    /// @inheritdoc IProofRounds
    IProofVerifier public immutable verifier;
    /// @inheritdoc IProofRounds
    IOperatorRegistry public immutable operators;
    /// @inheritdoc IProofRounds
    uint32 public immutable commitWindow;
    /// @inheritdoc IProofRounds
    uint32 public immutable revealWindow;

    mapping(uint64 sequence => Round) private _rounds;
    /// Keyed by round, so that a new round voids the commitments of the older ones.
    mapping(uint64 sequence => mapping(uint64 round => mapping(address operator => bytes32))) private
        _proofHashes;

    constructor(
        IProofVerifier verifier_,
        IOperatorRegistry operators_,
        uint32 commitWindow_,
        uint32 revealWindow_
    ) {
        verifier = verifier_;
        operators = operators_;
        commitWindow = commitWindow_;
        revealWindow = revealWindow_;
    }

    /// @inheritdoc IProofRounds
    function commitProof(uint64 sequenceNumber, bytes32 proofHash) external {
        if (!operators.isOperator(msg.sender)) revert NotOperator(msg.sender);
        if (proofHash == 0) revert ZeroProofHash();
        _requirePending(sequenceNumber);

        Round memory round = _rounds[sequenceNumber];
        Windows memory windows = _windows(round);
        if (round.number == 0 || block.number > windows.lastRevealBlock) {
            round = Round({number: round.number + 1, openedAt: uint64(block.number)});
            _rounds[sequenceNumber] = round;
            windows = _windows(round);
        } else if (block.number > windows.lastCommitBlock) {
            revert CommitWindowClosed(sequenceNumber, block.number, windows.lastCommitBlock);
        } else if (_proofHashes[sequenceNumber][round.number][msg.sender] != 0) {
            revert AlreadyCommitted(sequenceNumber, round.number, msg.sender);
        }

        _proofHashes[sequenceNumber][round.number][msg.sender] = proofHash;
        emit ProofCommitted(
            sequenceNumber,
            msg.sender,
            round.number,
            proofHash,
            round.openedAt,
            windows.lastCommitBlock,
            windows.lastRevealBlock
        );
    }

    /// @inheritdoc IProofRounds
    function revealProof(uint64 sequenceNumber, bytes calldata proof, bytes32 newStateRoot, bytes32 exitRoot)
        external
    {
        _requirePending(sequenceNumber);
        uint64 next = _nextSequence();
        if (sequenceNumber != next) revert OutOfOrder(sequenceNumber, next);

        (uint64 round, bytes32 proofHash) = _requireRevealable(sequenceNumber);
        bytes32 actual = keccak256(abi.encodePacked(keccak256(proof), msg.sender));
        if (actual != proofHash) revert ProofHashMismatch(proofHash, actual);

        bytes32 claimedStateRoot = _checkpoint(sequenceNumber).stateRoot;
        if (newStateRoot != claimedStateRoot) revert StateRootMismatch(claimedStateRoot, newStateRoot);
        _requireField(exitRoot);
        if (!_verifies(proof, _publicInputs(sequenceNumber, exitRoot))) revert InvalidProof(sequenceNumber);

        _finalise(sequenceNumber, round, proofHash, exitRoot);
    }

    /// @inheritdoc IProofRounds
    function windowsOf(uint64 sequenceNumber) external view returns (Windows memory) {
        _requireKnown(sequenceNumber);
        return _windows(_rounds[sequenceNumber]);
    }

    /// @inheritdoc IProofRounds
    function commitmentOf(uint64 sequenceNumber, address operator) external view returns (Commitment memory) {
        uint64 round = _rounds[sequenceNumber].number;
        return Commitment({round: round, proofHash: _proofHashes[sequenceNumber][round][operator]});
    }

    /// What the caller earns with the proof that is verified first; records it.
    function _reward() internal virtual returns (uint256 earnedWei);

    /// The proof of the caller is verified.
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
            proofHash,
            _reward()
        );
    }

    /// The caller's commitment, when the newest round takes proofs in this block.
    function _requireRevealable(uint64 sequenceNumber)
        private
        view
        returns (uint64 round, bytes32 proofHash)
    {
        Windows memory windows = _windows(_rounds[sequenceNumber]);
        round = windows.round;
        if (round == 0) revert NoCommitment(sequenceNumber, round, msg.sender);
        if (block.number < windows.firstRevealBlock) {
            revert RevealWindowNotOpen(sequenceNumber, block.number, windows.firstRevealBlock);
        }
        if (block.number > windows.lastRevealBlock) {
            revert RevealWindowClosed(sequenceNumber, block.number, windows.lastRevealBlock);
        }
        proofHash = _proofHashes[sequenceNumber][round][msg.sender];
        if (proofHash == 0) revert NoCommitment(sequenceNumber, round, msg.sender);
    }

    function _windows(Round memory round) private view returns (Windows memory windows) {
        if (round.number == 0) return windows;
        uint64 lastCommitBlock = round.openedAt + commitWindow;
        return Windows({
            round: round.number,
            openedAt: round.openedAt,
            lastCommitBlock: lastCommitBlock,
            firstRevealBlock: lastCommitBlock + 1,
            lastRevealBlock: lastCommitBlock + revealWindow
        });
    }

    /// Verifiers may answer false or revert; both mean no.
    function _verifies(bytes calldata proof, bytes32[] memory publicInputs) private view returns (bool) {
        try verifier.verify(proof, publicInputs) returns (bool valid) {
            return valid;
        } catch {
            return false;
        }
    }
}
