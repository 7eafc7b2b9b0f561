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
        uint64 openedAt;
        uint32 commitWindow;
        uint32 revealWindow;
        uint32 shareWindow;
        /// Commitments that are neither revealed, nor penalised, nor withdrawn
        uint32 open;
    }

    WindowLengths private _lengths;
    mapping(uint64 sequence => Round) internal _rounds;

    constructor(WindowLengths memory lengths) {
        _setWindows(lengths);
    }

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

    /// The next round of a sequence, opened in this block; it is not stored yet.
    function _open(uint64 number) internal view returns (Round memory) {
        WindowLengths memory lengths = _lengths;
        return Round({
            number: number,
            openedAt: uint64(block.number),
            commitWindow: lengths.commitWindow,
            revealWindow: lengths.revealWindow,
            shareWindow: lengths.shareWindow,
            open: 0
        });
    }

    function _windows(uint64 sequenceNumber, Round memory round)
        internal
        view
        returns (Windows memory windows)
    {
        if (round.number == 0) return windows;
        windows.round = round.number;
        windows.openedAt = round.openedAt;
        windows.lastCommitBlock = round.openedAt + round.commitWindow;
        uint64 possibleFrom = _checkpoint(sequenceNumber - 1).verifiedAt;
        if (possibleFrom == 0) {
            windows.firstRevealBlock = type(uint64).max;
            windows.lastRevealBlock = type(uint64).max;
            windows.lastShareBlock = type(uint64).max;
            return windows;
        }
        windows.firstRevealBlock = windows.lastCommitBlock + 1;
        if (windows.firstRevealBlock < possibleFrom) windows.firstRevealBlock = possibleFrom;
        windows.lastRevealBlock = windows.firstRevealBlock + round.revealWindow - 1;
        windows.lastShareBlock = windows.lastRevealBlock + round.shareWindow;
    }

    function _setWindows(WindowLengths memory lengths) private {
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
