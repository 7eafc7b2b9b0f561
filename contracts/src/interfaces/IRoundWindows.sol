// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title When commitments and proofs are taken
/// @notice The first commitment for a sequence opens a round at its block T. With the commit window T1 and the reveal
/// window T2, commitments are taken in blocks T to T + T1, proofs in blocks T + T1 + 1 to T + T1 + T2: never both
/// in one block, so that a proof seen on its way to a block cannot be committed by somebody else in time.
///
/// Proofs are verified in the order of the sequences. While the sequence before is not verified a round waits: its
/// T2 blocks begin when that one is verified, in the same block at the earliest, so that nobody is penalised for a
/// proof that could not be revealed.
///
/// The first valid proof makes the sequence verified. Other operators of the round may reveal theirs for a share of
/// the reward up to the end of the reveal window and T3 blocks more, the share window.
///
/// When a round has passed without a valid proof, the next commitment opens a new one and the older commitments are
/// void.
///
/// Blocks in which the rollup is paused or halted do not count. As long as it stands still, the blocks that are
/// shown here move on with it.
interface IRoundWindows {
    /// @notice Lengths of the windows (in blocks)
    struct WindowLengths {
        /// T1: blocks after the opening block in which commitments are still taken; 1 to 7,200
        uint32 commitWindow;
        /// T2: blocks in which the first proof is taken; 1 to 7,200
        uint32 revealWindow;
        /// T3: blocks after the reveal window in which others may reveal theirs; at most 7,200
        uint32 shareWindow;
    }

    /// @notice The blocks (inclusive) of the newest round of a sequence; all zero when there was none. While the
    /// round waits for the sequence before, the last three are the greatest number there is.
    struct Windows {
        /// Number of the round, from 1
        uint64 round;
        /// T, also the first block that takes commitments
        uint64 openedAt;
        uint64 lastCommitBlock;
        uint64 firstRevealBlock;
        /// Last block that takes the first proof
        uint64 lastRevealBlock;
        /// Last block that takes the others' proofs
        uint64 lastShareBlock;
    }

    /// @notice The windows of rounds that are opened from now on were set.
    event WindowsSet(uint32 commitWindow, uint32 revealWindow, uint32 shareWindow);

    /// @notice An upgrade or a resolved disagreement ended the round before its time. Nobody is penalised for it, and
    /// the next commitment opens a new one.
    error RoundVoid(uint64 sequence, uint64 round);

    /// @notice The length given for `window` (in blocks) is not between `least` and `most`.
    error WindowOutOfBounds(string window, uint32 given, uint32 least, uint32 most);

    /// @notice Sets the windows of rounds that are opened later; open ones keep theirs. For the administrator.
    /// @dev Reverts with {WindowOutOfBounds}.
    function setWindows(WindowLengths calldata lengths) external;

    /// @notice Windows of rounds that are opened now
    function windowLengths() external view returns (WindowLengths memory);

    /// @notice The newest round of a sequence
    /// @dev Reverts with {UnknownSequence}.
    function windowsOf(uint64 sequenceNumber) external view returns (Windows memory);
}
