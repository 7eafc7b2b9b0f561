// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ProofPolicy} from "./ProofPolicy.sol";
import {IOperatorRegistry} from "./interfaces/IOperatorRegistry.sol";
import {IProofRounds} from "./interfaces/IProofRounds.sol";
import {IProofVerifier} from "./interfaces/IProofVerifier.sol";

/// @title Rounds of commitments and proofs
/// @dev Blocks of rounds are those of {_runningBlock}: pauses do not count. Shown are block numbers.
abstract contract ProofRounds is ProofPolicy, IProofRounds {
    struct Round {
        uint64 number;
        /// By {_runningBlock}
        uint64 openedAt;
        /// One of an older epoch is void.
        uint16 epoch;
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
        _requireRunning();
        if (!operators.isOperator(msg.sender)) revert NotOperator(msg.sender);
        if (proofHash == 0) revert ZeroProofHash();
        _requirePending(sequenceNumber);

        Round memory round = _rounds[sequenceNumber];
        Windows memory windows = _windows(round);
        if (round.number == 0 || round.epoch != _currentEpoch() || block.number > windows.lastRevealBlock) {
            round = Round({number: round.number + 1, openedAt: _runningBlock(), epoch: _currentEpoch()});
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
            windows.openedAt,
            windows.lastCommitBlock,
            windows.lastRevealBlock
        );
    }

    /// @inheritdoc IProofRounds
    function revealProof(uint64 sequenceNumber, bytes calldata proof, bytes32 newStateRoot, bytes32 exitRoot)
        external
    {
        _requireRunning();
        _requirePending(sequenceNumber);
        uint64 next = _nextSequence();
        if (sequenceNumber != next) revert OutOfOrder(sequenceNumber, next);

        (uint64 round, bytes32 proofHash) = _requireRevealable(sequenceNumber);
        bytes32 actual = keccak256(abi.encodePacked(keccak256(proof), msg.sender));
        if (actual != proofHash) revert ProofHashMismatch(proofHash, actual);

        bytes32 claimedStateRoot = _checkpoint(sequenceNumber).stateRoot;
        if (newStateRoot != claimedStateRoot) revert StateRootMismatch(claimedStateRoot, newStateRoot);
        _requireField(exitRoot);
        _requireSystem(proof);
        _requireValid(sequenceNumber, proof, _publicInputs(sequenceNumber, exitRoot));

        if (_countProof(sequenceNumber, proof, exitRoot)) {
            _finalise(sequenceNumber, round, proofHash, exitRoot);
        }
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
        _countAsVerified(sequenceNumber);

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
        Round memory newest = _rounds[sequenceNumber];
        round = newest.number;
        if (round == 0 || newest.epoch != _currentEpoch()) {
            revert NoCommitment(sequenceNumber, round, msg.sender);
        }
        Windows memory windows = _windows(newest);
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
        uint64 openedAt = round.openedAt + pausedBlocks();
        uint64 lastCommitBlock = openedAt + commitWindow;
        return Windows({
            round: round.number,
            openedAt: openedAt,
            lastCommitBlock: lastCommitBlock,
            firstRevealBlock: lastCommitBlock + 1,
            lastRevealBlock: lastCommitBlock + revealWindow
        });
    }

    /// Verifiers may answer false or revert; both mean no.
    function _requireValid(uint64 sequenceNumber, bytes calldata proof, bytes32[] memory publicInputs)
        internal
        view
        override
    {
        try verifier.verify(proof, publicInputs) returns (bool valid) {
            if (!valid) revert InvalidProof(sequenceNumber);
        } catch {
            revert InvalidProof(sequenceNumber);
        }
    }
}
