// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pausing} from "./Pausing.sol";
import {IBridge} from "./interfaces/IBridge.sol";
import {ISequences} from "./interfaces/ISequences.sol";

/// @title Sequences of batches: what was submitted, and how far it is verified
/// @dev The verified state root is not a variable of its own: it is the claimed root of the last verified
/// sequence, so the only way to move it is to count one more sequence as verified, in {_countAsVerified}.
abstract contract Sequences is Pausing, ISequences {
    /// The order of the scalar field of BN254
    uint256 private constant FIELD_MODULUS =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;

    /// What a sequence adds to the one before it; the rest of {Sequence} follows from that one.
    struct Checkpoint {
        uint64 lastBatch;
        uint64 blockNumber;
        /// When it was verified, by {_runningBlock}; 0: not yet
        uint64 verifiedAt;
        bytes32 dataHash;
        bytes32 stateRoot;
    }

    /// @inheritdoc ISequences
    uint256 public immutable rollupId;
    /// @inheritdoc ISequences
    bytes32 public immutable configHash;
    /// @inheritdoc ISequences
    bytes32 public immutable keySetRoot;
    /// @inheritdoc ISequences
    address public immutable sequencer;
    /// @inheritdoc ISequences
    IBridge public immutable bridge;

    // In one word with the variables of {Pausing}.
    uint64 private _lastSequence;
    uint64 private _verifiedSequence;

    /// Number 0 is the genesis.
    mapping(uint64 sequence => Checkpoint) private _checkpoints;
    /// Of verified sequences
    mapping(uint64 sequence => bytes32) private _exitRoots;

    constructor(
        uint256 rollupId_,
        bytes32 configHash_,
        bytes32 keySetRoot_,
        address sequencer_,
        address manager_,
        IBridge bridge_
    ) Pausing(manager_) {
        _requireField(configHash_);
        _requireField(keySetRoot_);

        rollupId = rollupId_;
        configHash = configHash_;
        keySetRoot = keySetRoot_;
        sequencer = sequencer_;
        bridge = bridge_;
    }

    /// @inheritdoc ISequences
    function sequence(uint64 firstBatch, bytes[] calldata batches, bytes32 claimedStateRoot)
        external
        returns (uint64 sequenceNumber)
    {
        Checkpoint memory previous = _requireNext(firstBatch, batches.length, claimedStateRoot);
        bytes32 dataHash = previous.dataHash;
        for (uint256 i = 0; i < batches.length; i++) {
            if (batches[i].length == 0) revert EmptyBatch(i);
            dataHash = _chain(dataHash, batches[i]);
        }
        _takeDeposits(batches);
        return _append(previous, batches.length, dataHash, claimedStateRoot);
    }

    /// @inheritdoc ISequences
    function state() external view returns (State memory) {
        Checkpoint memory verified = _checkpoints[_verifiedSequence];
        Checkpoint memory last = _checkpoints[_lastSequence];
        return State({
            verifiedStateRoot: verified.stateRoot,
            verifiedSequence: _verifiedSequence,
            verifiedBatch: verified.lastBatch,
            lastSequence: _lastSequence,
            lastBatch: last.lastBatch,
            lastDataHash: last.dataHash
        });
    }

    /// @inheritdoc ISequences
    function sequenceOf(uint64 sequenceNumber) external view returns (Sequence memory) {
        _requireKnown(sequenceNumber);
        Checkpoint memory checkpoint = _checkpoints[sequenceNumber];
        // The genesis has no batch and nothing before it: all its other numbers and hashes are zero.
        Checkpoint memory previous;
        if (sequenceNumber != 0) previous = _checkpoints[sequenceNumber - 1];
        return Sequence({
            firstBatch: sequenceNumber == 0 ? 0 : previous.lastBatch + 1,
            lastBatch: checkpoint.lastBatch,
            blockNumber: checkpoint.blockNumber,
            prevDataHash: previous.dataHash,
            newDataHash: checkpoint.dataHash,
            claimedStateRoot: checkpoint.stateRoot
        });
    }

    /// @inheritdoc ISequences
    function publicInputsOf(uint64 sequenceNumber, bytes32 exitRoot, address prover)
        external
        view
        returns (bytes32[] memory)
    {
        _requireSubmitted(sequenceNumber);
        return _publicInputs(sequenceNumber, exitRoot, prover);
    }

    /// The state before the first batch; once.
    function _beginWith(bytes32 genesisStateRoot) internal {
        if (_checkpoints[0].blockNumber != 0) revert AlreadyInitialised();
        _requireField(genesisStateRoot);
        _checkpoints[0] = Checkpoint({
            lastBatch: 0,
            blockNumber: uint64(block.number),
            verifiedAt: _runningBlock(),
            dataHash: 0,
            stateRoot: genesisStateRoot
        });
    }

    /// What the sequencer is about to submit follows the last sequence, which is returned.
    function _requireNext(uint64 firstBatch, uint256 batches, bytes32 claimedStateRoot)
        internal
        view
        returns (Checkpoint memory previous)
    {
        if (msg.sender != sequencer) revert NotSequencer(msg.sender, sequencer);
        _requireRunning();
        previous = _checkpoints[_lastSequence];
        if (firstBatch != previous.lastBatch + 1) revert UnexpectedBatch(previous.lastBatch + 1, firstBatch);
        if (batches == 0) revert EmptySequence();
        _requireField(claimedStateRoot);
    }

    /// Records the sequence that follows `previous`.
    function _append(Checkpoint memory previous, uint256 batches, bytes32 dataHash, bytes32 claimedStateRoot)
        internal
        returns (uint64 sequenceNumber)
    {
        sequenceNumber = ++_lastSequence;
        uint64 lastBatch = previous.lastBatch + uint64(batches);
        _checkpoints[sequenceNumber] = Checkpoint({
            lastBatch: lastBatch,
            blockNumber: uint64(block.number),
            verifiedAt: 0,
            dataHash: dataHash,
            stateRoot: claimedStateRoot
        });
        emit SequenceSubmitted(
            sequenceNumber, previous.lastBatch + 1, lastBatch, previous.dataHash, dataHash, claimedStateRoot
        );
        _submitted(sequenceNumber);
    }

    /// A sequence was submitted in this block.
    function _submitted(uint64 sequenceNumber) internal virtual;

    /// Another claim for a sequence that is not verified; it has to be proved like the one before.
    function _replaceClaim(uint64 sequenceNumber, bytes32 claimedStateRoot) internal {
        _requireField(claimedStateRoot);
        emit ClaimReplaced(sequenceNumber, _checkpoints[sequenceNumber].stateRoot, claimedStateRoot);
        _checkpoints[sequenceNumber].stateRoot = claimedStateRoot;
    }

    /// @inheritdoc ISequences
    function exitRootOf(uint64 sequenceNumber) external view returns (bytes32) {
        return _exitRoots[sequenceNumber];
    }

    /// Moves the verified state root to that of the sequence, the next one after the last verified one, and lets its exits be
    /// claimed.
    function _countAsVerified(uint64 sequenceNumber, bytes32 exitRoot) internal {
        _verifiedSequence = sequenceNumber;
        if (exitRoot != 0) _exitRoots[sequenceNumber] = exitRoot;
        _checkpoints[sequenceNumber].verifiedAt = _runningBlock();
    }

    /// The next sequence to be verified; it may not be submitted yet.
    function _nextSequence() internal view returns (uint64) {
        return _verifiedSequence + 1;
    }

    /// The last submitted sequence; 0 for none.
    function _newestSequence() internal view returns (uint64) {
        return _lastSequence;
    }

    function _checkpoint(uint64 sequenceNumber) internal view returns (Checkpoint memory) {
        return _checkpoints[sequenceNumber];
    }

    /// When a sequence was verified, by {_runningBlock}; 0: not yet. One word, unlike the whole checkpoint.
    function _verifiedAt(uint64 sequenceNumber) internal view returns (uint64) {
        return _checkpoints[sequenceNumber].verifiedAt;
    }

    function _requireKnown(uint64 sequenceNumber) internal view {
        if (sequenceNumber > _lastSequence) revert UnknownSequence(sequenceNumber, _lastSequence);
    }

    function _isVerified(uint64 sequenceNumber) internal view returns (bool) {
        return sequenceNumber <= _verifiedSequence;
    }

    /// Submitted, verified or not; the genesis was not.
    function _requireSubmitted(uint64 sequenceNumber) internal view {
        _requireKnown(sequenceNumber);
        if (sequenceNumber == 0) revert UnknownSequence(sequenceNumber, _lastSequence);
    }

    function _requirePending(uint64 sequenceNumber) internal view {
        _requireSubmitted(sequenceNumber);
        if (_isVerified(sequenceNumber)) revert AlreadyVerified(sequenceNumber);
    }

    /// The statement of a sequence and the account that the proof is bound to, in the order of the circuit's public inputs.
    function _publicInputs(uint64 sequenceNumber, bytes32 exitRoot, address prover)
        internal
        view
        returns (bytes32[] memory inputs)
    {
        Checkpoint memory previous = _checkpoints[sequenceNumber - 1];
        Checkpoint memory current = _checkpoints[sequenceNumber];
        inputs = new bytes32[](10);
        inputs[0] = previous.stateRoot;
        inputs[1] = current.stateRoot;
        inputs[2] = previous.dataHash;
        inputs[3] = current.dataHash;
        inputs[4] = bytes32(uint256(previous.lastBatch) + 1);
        inputs[5] = bytes32(uint256(current.lastBatch));
        inputs[6] = exitRoot;
        inputs[7] = configHash;
        inputs[8] = keySetRoot;
        inputs[9] = bytes32(uint256(uint160(prover)));
    }

    /// Lamports come into the rollup by deposits alone, which are in the data that is proved: the bridge must know them.
    function _takeDeposits(bytes[] calldata batches) private {
        if (address(bridge) != address(0)) return bridge.consume(batches);
        for (uint256 i = 0; i < batches.length; i++) {
            if (batches[i][batches[i].length - 1] != 0) revert DepositsWithoutBridge(i);
        }
    }

    function _requireField(bytes32 value) internal pure {
        if (uint256(value) >= FIELD_MODULUS) revert NotFieldElement(value);
    }

    /// The next data hash. Its most significant byte is cleared, so that it is a BN254 scalar.
    function _chain(bytes32 dataHash, bytes calldata batch) private pure returns (bytes32) {
        return sha256(abi.encodePacked(dataHash, batch)) & bytes32(type(uint256).max >> 8);
    }
}
