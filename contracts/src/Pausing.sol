// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPausing} from "./interfaces/IPausing.sol";

/// @title Pauses, halts and epochs of a rollup
/// @dev All of it is half a word. {Sequences} has the other half, so that whoever reads one has the other: whether
/// a rollup is running costs next to nothing to ask.
abstract contract Pausing is IPausing {
    /// Of a guardian's pause: a week of 12-second blocks
    uint64 public constant MAXIMUM_PAUSE = 50_400;
    /// Of a pause that the administrator prolonged: 30 days
    uint64 public constant MAXIMUM_EXTENDED_PAUSE = 216_000;
    /// Between a pause's last block and the next one that the guardian may order: 30 days
    uint64 public constant PAUSE_COOLDOWN = 216_000;

    /// The last block of a halt, which has none
    uint40 private constant HALTED = type(uint40).max;

    /// @inheritdoc IPausing
    address public immutable manager;

    uint40 private _since;
    uint40 private _until;
    /// Blocks of the pauses before the last one
    uint32 private _earlierBlocks;
    uint16 private _epoch;

    constructor(address manager_) {
        manager = manager_;
    }

    modifier onlyManager() {
        _requireManager();
        _;
    }

    modifier whenRunning() {
        _requireRunning();
        _;
    }

    /// @inheritdoc IPausing
    function pause() external onlyManager whenRunning {
        uint256 earliest = uint256(_until) + PAUSE_COOLDOWN;
        if (_since != 0 && block.number < earliest) revert PauseCooldown(block.number, earliest);
        _beginPause(uint40(block.number + MAXIMUM_PAUSE));
    }

    /// @inheritdoc IPausing
    function extendPause(uint64 until) external onlyManager {
        _requirePaused();
        uint256 most = uint256(_since) + MAXIMUM_EXTENDED_PAUSE;
        // More than a guardian alone could have ordered: that tells the two apart.
        uint256 least = uint256(_since) + MAXIMUM_PAUSE + 1;
        // Never shortened: blocks that did not count would count afterwards.
        if (least <= _until) least = uint256(_until) + 1;
        if (until < least || until > most) revert PauseOutOfBounds(until, least, most);
        _until = uint40(until);
        emit PauseExtended(until);
    }

    /// @inheritdoc IPausing
    function resume() external onlyManager {
        _requirePaused();
        _until = uint40(block.number);
        emit Resumed();
    }

    /// @inheritdoc IPausing
    function waiveCooldown() external onlyManager whenRunning {
        _forgetPause();
        emit CooldownWaived();
    }

    /// @inheritdoc IPausing
    function beginEpoch() external onlyManager {
        _beginEpoch();
    }

    /// @inheritdoc IPausing
    function pauseOf() external view returns (Pause memory) {
        return Pause({
            since: _since,
            until: _isHalted() ? type(uint64).max : _until,
            pausedBlocks: pausedBlocks(),
            byGuardianAlone: _since != 0 && uint256(_until) - _since <= MAXIMUM_PAUSE,
            halted: _isHalted(),
            epoch: _epoch
        });
    }

    /// @inheritdoc IPausing
    function pausedBlocks() public view returns (uint64) {
        uint256 last = block.number < _until ? block.number : _until;
        // Of no pause at all, both are 0.
        return uint64(_earlierBlocks + last - _since);
    }

    /// Stands still until {_endHalt}. A pause that is under way becomes a halt.
    function _halt() internal {
        if (block.number > _until) _beginPause(HALTED);
        else _until = HALTED;
    }

    /// The rollup is running again. A halt keeps nobody from the next pause.
    function _endHalt() internal {
        _until = uint40(block.number);
        _forgetPause();
        _beginEpoch();
        emit Resumed();
    }

    function _beginEpoch() internal {
        _epochEnded(_epoch);
        emit EpochBegun(++_epoch);
    }

    /// An epoch ends in this block.
    function _epochEnded(uint16 epoch) internal virtual;

    function _requireRunning() internal view {
        if (block.number <= _until) {
            revert RollupPaused(block.number, _isHalted() ? type(uint64).max : _until);
        }
    }

    function _isHalted() internal view returns (bool) {
        return _until == HALTED;
    }

    function _currentEpoch() internal view returns (uint16) {
        return _epoch;
    }

    /// The blocks that count: the number of this one without those in which the rollup was not running
    function _runningBlock() internal view returns (uint64) {
        return uint64(block.number) - pausedBlocks();
    }

    function _beginPause(uint40 until) private {
        _forgetPause();
        _since = uint40(block.number);
        _until = until;
        emit Paused(until == HALTED ? type(uint64).max : until);
    }

    /// The last pause is over; from now on it is one of the earlier ones.
    function _forgetPause() private {
        _earlierBlocks += uint32(_until - _since);
        _since = 0;
        _until = 0;
    }

    function _requireManager() private view {
        if (msg.sender != manager) revert NotManager(msg.sender, manager);
    }

    /// Paused, but not halted.
    function _requirePaused() private view {
        if (block.number > _until) revert NotPaused();
        if (_isHalted()) revert RollupPaused(block.number, type(uint64).max);
    }
}
