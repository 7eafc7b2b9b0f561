// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Sequences} from "./Sequences.sol";
import {IProofPolicy} from "./interfaces/IProofPolicy.sol";

/// @title Which proofs a rollup asks for, and what happens when two of them disagree
abstract contract ProofPolicy is Sequences, IProofPolicy {
    uint256 private constant MOST_SYSTEMS = 8;

    /// What was proved of a sequence by some systems, but not by enough
    struct Tally {
        bytes32 exitRoot;
        /// That of an older epoch is void.
        uint16 epoch;
        uint8 systems;
    }

    /// Selectors, four bytes each
    bytes32 private immutable _systems;
    uint256 private immutable _systemCount;
    uint256 private immutable _threshold;
    Ways internal immutable _ways;

    mapping(uint64 sequence => Tally) private _tallies;

    /// `policy_` is valid, see {_isValid}.
    constructor(Policy memory policy_) {
        uint256 packed;
        for (uint256 i = 0; i < policy_.systems.length && i < MOST_SYSTEMS; i++) {
            packed |= uint256(uint32(policy_.systems[i])) << (224 - 32 * i);
        }
        _systems = bytes32(packed);
        _systemCount = policy_.systems.length;
        _threshold = policy_.threshold;
        _ways = policy_.ways;
    }

    /// @inheritdoc IProofPolicy
    function challengeRoot(
        uint64 sequenceNumber,
        bytes calldata proof,
        bytes32 otherStateRoot,
        bytes32 otherExitRoot
    ) external {
        _requirePending(sequenceNumber);
        if (_isHalted()) revert RollupPaused(block.number, type(uint64).max);
        bytes32 claimed = _checkpoint(sequenceNumber).stateRoot;
        Tally memory tally = _tally(sequenceNumber);
        bool disagrees = otherStateRoot != claimed || (tally.systems != 0 && otherExitRoot != tally.exitRoot);
        if (!disagrees) revert NoDisagreement(sequenceNumber);
        _requireField(otherStateRoot);
        _requireField(otherExitRoot);
        _requireSystem(proof);

        bytes32[] memory inputs = _publicInputs(sequenceNumber, otherExitRoot, address(0));
        inputs[1] = otherStateRoot;
        if (!_holds(proof, inputs)) revert InvalidProof(sequenceNumber);
        _disagree(sequenceNumber, claimed, tally.exitRoot, otherStateRoot, otherExitRoot);
    }

    /// @inheritdoc IProofPolicy
    function resolveDisagreement(uint64 firstSequence, bytes32[] calldata claimedStateRoots)
        external
        onlyManager
    {
        if (!_isHalted()) revert NotHalted();
        for (uint256 i = 0; i < claimedStateRoots.length; i++) {
            uint64 number = firstSequence + uint64(i);
            if (number < _nextSequence() || number > _newestSequence()) {
                revert ClaimOutOfRange(number, _nextSequence(), _newestSequence());
            }
            _replaceClaim(number, claimedStateRoots[i]);
        }
        _endHalt();
    }

    /// @inheritdoc IProofPolicy
    function policy() external view returns (Policy memory) {
        bytes4[] memory systems = new bytes4[](_systemCount);
        for (uint256 i = 0; i < _systemCount; i++) {
            systems[i] = _system(i);
        }
        return Policy({systems: systems, threshold: uint8(_threshold), ways: _ways});
    }

    /// @inheritdoc IProofPolicy
    function provedBy(uint64 sequenceNumber) external view returns (uint8 systems, bytes32 exitRoot) {
        Tally memory tally = _tally(sequenceNumber);
        return (tally.systems, tally.exitRoot);
    }

    /// Whether the verifier accepts the proof
    function _holds(bytes calldata proof, bytes32[] memory publicInputs) internal view virtual returns (bool);

    /// Counts a valid proof of the claimed root; whether the sequence is proved by enough systems now.
    function _countProof(uint64 sequenceNumber, bytes calldata proof, bytes32 exitRoot)
        internal
        returns (bool enough)
    {
        if (_threshold == 1) return true;

        uint256 system = _requireSystem(proof);
        Tally memory tally = _tally(sequenceNumber);
        if (tally.systems == 0) {
            tally.exitRoot = exitRoot;
        } else if (tally.exitRoot != exitRoot) {
            bytes32 claimed = _checkpoint(sequenceNumber).stateRoot;
            _disagree(sequenceNumber, claimed, tally.exitRoot, claimed, exitRoot);
            return false;
        }
        // forge-lint: disable-next-line(incorrect-shift)
        tally.systems |= uint8(1 << system);
        tally.epoch = _currentEpoch();
        _tallies[sequenceNumber] = tally;

        uint256 count = _ones(tally.systems);
        if (count >= _threshold) return true;
        emit ProofCounted(sequenceNumber, _system(system), count);
    }

    /// The place of the proof's system in the policy; 0 if the policy takes all.
    function _requireSystem(bytes calldata proof) internal view returns (uint256) {
        if (_systemCount == 0) return 0;
        // A proof of fewer bytes is filled up with zeros, which is no system.
        bytes4 system = bytes4(proof);
        for (uint256 i = 0; i < _systemCount; i++) {
            if (_system(i) == system) return i;
        }
        revert SystemNotAllowed(system);
    }

    /// At most 8 systems, none zero, none twice, and a threshold that they can reach. A bound proof ends its sequence alone.
    function _isValid(Policy memory policy_) internal pure returns (bool) {
        uint256 count = policy_.systems.length;
        if (count > MOST_SYSTEMS || policy_.threshold == 0) return false;
        if (policy_.threshold > (count == 0 ? 1 : count)) return false;
        if (policy_.threshold != 1 && policy_.ways != Ways.TwoSteps) return false;
        for (uint256 i = 0; i < count; i++) {
            if (policy_.systems[i] == 0) return false;
            for (uint256 j = 0; j < i; j++) {
                if (policy_.systems[i] == policy_.systems[j]) return false;
            }
        }
        return true;
    }

    function _disagree(
        uint64 sequenceNumber,
        bytes32 claimedStateRoot,
        bytes32 exitRoot,
        bytes32 otherStateRoot,
        bytes32 otherExitRoot
    ) private {
        _halt();
        emit DisagreementFound(sequenceNumber, claimedStateRoot, exitRoot, otherStateRoot, otherExitRoot);
    }

    function _tally(uint64 sequenceNumber) private view returns (Tally memory tally) {
        tally = _tallies[sequenceNumber];
        if (tally.epoch != _currentEpoch()) delete tally;
    }

    function _system(uint256 index) private view returns (bytes4) {
        return bytes4(_systems << (32 * index));
    }

    function _ones(uint8 bits) private pure returns (uint256 count) {
        for (; bits != 0; bits &= bits - 1) {
            count++;
        }
    }
}
