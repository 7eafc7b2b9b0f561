// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Administered} from "./Administered.sol";
import {Sequences} from "./Sequences.sol";
import {IRoundWindows} from "./interfaces/IRoundWindows.sol";

/// @title Rounds and their windows
abstract contract RoundWindows is Sequences, Administered, IRoundWindows {
    /// A day of 12-second blocks
    uint32 internal constant LONGEST_WINDOW = 7_200;

    /// The newest round of a sequence, in one word. It keeps the lengths that were set when it was opened.
    struct Round {
        uint64 number;
        /// By {_runningBlock}: blocks of pauses do not count.
        uint64 openedAt;
        uint16 commitWindow;
        uint16 revealWindow;
        uint16 shareWindow;
        uint16 epoch;
        /// Commitments that are neither revealed, nor penalised, nor withdrawn
        uint32 open;
    }

    WindowLengths private _lengths;
    mapping(uint64 sequence => Round) internal _rounds;
    /// Rounds that were void when the next one was opened
    mapping(uint64 sequence => mapping(uint64 round => bool)) private _voidRounds;
    /// Last block of an epoch that is over, by {_runningBlock}
    mapping(uint16 epoch => uint64) private _epochEnds;

    /// @inheritdoc IRoundWindows
    function setWindows(WindowLengths calldata lengths) external onlyAdmin {
        _setWindows(lengths);
    }

    /// @inheritdoc IRoundWindows
    function windowLengths() external view returns (WindowLengths memory) {
        return _lengths;
    }

    /// @inheritdoc IRoundWindows
    function windowsOf(uint64 sequenceNumber) external view returns (Windows memory) {
        _requireKnown(sequenceNumber);
        return _windows(sequenceNumber, _rounds[sequenceNumber]);
    }

    /// The round behind the newest one, opened in this block; it is not stored yet.
    function _open(uint64 sequenceNumber, Round memory newest) internal returns (Round memory) {
        if (_isVoid(sequenceNumber, newest)) _voidRounds[sequenceNumber][newest.number] = true;
        WindowLengths memory lengths = _lengths;
        return Round({
            number: newest.number + 1,
            openedAt: _runningBlock(),
            // Windows are within their bounds.
            commitWindow: uint16(lengths.commitWindow),
            revealWindow: uint16(lengths.revealWindow),
            shareWindow: uint16(lengths.shareWindow),
            epoch: _currentEpoch(),
            open: 0
        });
    }

    /// Opens a round that nobody can join, for a proof that ends it at once. A round that could still have had a proof is
    /// void: nobody in it is to blame.
    function _openAlone(uint64 sequenceNumber) internal returns (uint64 number) {
        Round memory newest = _rounds[sequenceNumber];
        if (newest.number != 0 && block.number <= _windows(sequenceNumber, newest).lastRevealBlock) {
            _voidRounds[sequenceNumber][newest.number] = true;
        }
        Round memory alone = _open(sequenceNumber, newest);
        _rounds[sequenceNumber] = alone;
        return alone.number;
    }

    function _windows(uint64 sequenceNumber, Round memory round)
        internal
        view
        returns (Windows memory windows)
    {
        if (round.number == 0) return windows;
        windows.round = round.number;
        uint64 paused = pausedBlocks();
        windows.openedAt = round.openedAt + paused;
        windows.lastCommitBlock = windows.openedAt + round.commitWindow;
        uint64 possibleFrom = _verifiedAt(sequenceNumber - 1);
        if (possibleFrom == 0) {
            windows.firstRevealBlock = type(uint64).max;
            windows.lastRevealBlock = type(uint64).max;
            windows.lastShareBlock = type(uint64).max;
            return windows;
        }
        windows.firstRevealBlock = windows.lastCommitBlock + 1;
        possibleFrom += paused;
        if (windows.firstRevealBlock < possibleFrom) windows.firstRevealBlock = possibleFrom;
        windows.lastRevealBlock = windows.firstRevealBlock + round.revealWindow - 1;
        windows.lastShareBlock = windows.lastRevealBlock + round.shareWindow;
    }

    function _epochEnded(uint16 epoch) internal override {
        _epochEnds[epoch] = _runningBlock();
    }

    /// Whether an epoch ended before the newest round did, so that nobody in it is to blame
    function _isVoid(uint64 sequenceNumber, Round memory newest) internal view returns (bool) {
        if (newest.number == 0 || newest.epoch == _currentEpoch()) return false;
        Windows memory windows = _windows(sequenceNumber, newest);
        uint64 lastBlock = _isVerified(sequenceNumber) ? windows.lastShareBlock : windows.lastRevealBlock;
        return lastBlock >= _epochEnds[newest.epoch] + pausedBlocks();
    }

    /// Whether a round that is not the newest one was void
    function _wasVoid(uint64 sequenceNumber, uint64 round) internal view returns (bool) {
        return _voidRounds[sequenceNumber][round];
    }

    function _setWindows(WindowLengths memory lengths) internal {
        _requireWithin("commitWindow", lengths.commitWindow, 1);
        _requireWithin("revealWindow", lengths.revealWindow, 1);
        _requireWithin("shareWindow", lengths.shareWindow, 0);
        _lengths = lengths;
        emit WindowsSet(lengths.commitWindow, lengths.revealWindow, lengths.shareWindow);
    }

    function _requireWithin(string memory window, uint32 given, uint32 least) private pure {
        if (given < least || given > LONGEST_WINDOW) {
            revert WindowOutOfBounds(window, given, least, LONGEST_WINDOW);
        }
    }
}
