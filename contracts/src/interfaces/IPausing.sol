// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Whether a rollup takes anything
/// @notice While it is paused or halted a rollup takes no sequences, commitments and proofs. What is paid out stays
/// open: stake that is free, rewards that are earned, and withdrawals of verified sequences are nobody's to hold
/// back.
/// @dev Windows of rounds count only the blocks in which the rollup was running. A pause begins behind the
/// transaction that orders it and takes in all blocks up to `until`.
interface IPausing {
    /// @notice The last pause, and what all of them have come to
    struct Pause {
        /// Block in which it was ordered; 0 for none
        uint64 since;
        /// Its last block; type(uint64).max while the rollup is halted
        uint64 until;
        /// Blocks so far that did not count, of all pauses
        uint64 pausedBlocks;
        /// The guardian ordered it, and the administrator has not prolonged it.
        bool byGuardianAlone;
        /// Two proofs disagree; only the timelock can resolve that.
        bool halted;
        /// Upgrades and resolved disagreements begin a new one; rounds of an older one are void.
        uint16 epoch;
    }

    /// @notice The rollup stands still up to block `until`, or until it is resumed.
    event Paused(uint64 until);

    /// @notice The administrator prolonged the pause.
    event PauseExtended(uint64 until);

    /// @notice The rollup is running again in the block behind this one.
    event Resumed();

    /// @notice The last pause no longer keeps the guardian from the next one.
    event CooldownWaived();

    /// @notice Rounds that are open are void; nobody is penalised for them.
    event EpochBegun(uint16 epoch);

    /// @notice Only the manager of rollups does this.
    error NotManager(address caller, address manager);

    /// @notice The rollup stands still up to block `until` (type(uint64).max: until a disagreement is resolved).
    error RollupPaused(uint256 blockNumber, uint256 until);

    /// @notice The rollup is running.
    error NotPaused();

    /// @notice The last pause was not long enough ago: the next one may begin in block `earliest`.
    error PauseCooldown(uint256 blockNumber, uint256 earliest);

    /// @notice A pause can be prolonged to a block from `least` to `most`.
    error PauseOutOfBounds(uint256 given, uint256 least, uint256 most);

    /// @notice Pauses for {MAXIMUM_PAUSE} blocks; for the manager. Reverts with {NotManager}, {RollupPaused} or
    /// {PauseCooldown}.
    function pause() external;

    /// @notice Prolongs the pause up to a later block, at most {MAXIMUM_EXTENDED_PAUSE} behind its beginning; for the manager.
    /// Reverts with {NotManager}, {NotPaused}, {RollupPaused} (halted) or {PauseOutOfBounds}.
    function extendPause(uint64 until) external;

    /// @notice Ends the pause; for the manager. Reverts with {NotManager}, {NotPaused} or {RollupPaused} (halted).
    function resume() external;

    /// @notice Lets the guardian pause once more without a {PAUSE_COOLDOWN}; for the manager. Reverts with
    /// {NotManager} or {RollupPaused}.
    function waiveCooldown() external;

    /// @notice Voids the open rounds; for the manager. Reverts with {NotManager}.
    function beginEpoch() external;

    function pauseOf() external view returns (Pause memory);

    /// @notice Blocks so far in which the rollup was not running; windows are moved by them.
    function pausedBlocks() external view returns (uint64);

    /// @notice The manager of rollups
    function manager() external view returns (address);
}
