// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISettlement} from "./ISettlement.sol";
import {ITimelock} from "./ITimelock.sol";

/// @title Manager of rollups
/// @notice Every rollup is a settlement behind a proxy that the manager made and alone may upgrade. Who may what:
///
/// - **Timelock** (announced, after its delay): upgrade a settlement, resolve a disagreement, appoint the guardian;
///   and its own delay and administrator.
/// - **Administrator** (the account that announces to the timelock; at once): register a rollup, prolong or end a
///   pause, waive a cooldown.
/// - **Guardian** (at once): pause one rollup or all of them, for a time that ends by itself and cannot be renewed
///   back to back; end a pause that nobody prolonged.
/// - **Administrator of a rollup**, **sequencer**: named by the rollup's settlement, for what it says there.
///
/// Nobody here can move a verified root, take a stake, or hold back what is owed.
interface IRollupManager {
    /// @notice What a rollup is made of, as its settlement says
    struct Rollup {
        ISettlement settlement;
        address implementation;
        address verifier;
        ISettlement.Policy policy;
        /// Who holds what rewards are paid from
        address rewardSource;
        address operators;
        address sequencer;
        ISettlement.Pause pause;
    }

    event RollupRegistered(uint256 indexed rollupId, address indexed settlement, address implementation);
    event RollupUpgraded(uint256 indexed rollupId, address indexed implementation);
    event RollupPaused(uint256 indexed rollupId);
    event GuardianSet(address indexed guardian);

    /// @notice The caller does not have this role.
    error NotAllowed(address caller, string role);

    /// @notice The timelock is a contract.
    error InvalidTimelock(address timelock);

    /// @notice The rollup is registered already.
    error AlreadyRegistered(uint256 rollupId, address settlement);

    /// @notice There is no such rollup.
    error UnknownRollup(uint256 rollupId);

    /// @notice The implementation was made for another `field`: manager, or rollup.
    error WrongImplementation(address implementation, string field);

    /// @notice After a pause that the guardian alone ordered, upgrades wait up to block `earliest`: nobody could leave
    /// in that pause.
    error UpgradeDuringPause(uint256 blockNumber, uint256 earliest);

    /// @notice Only the administrator ends a pause that was prolonged.
    error PauseProlonged(uint256 rollupId);

    /// @notice Registers a rollup and makes its settlement; for the administrator.
    /// @dev Reverts with {NotAllowed}, {WrongImplementation}, {AlreadyRegistered}, or as {ISettlement.initialise} does.
    /// @param implementation A settlement that was made for this manager
    /// @param genesis What the rollup begins with
    /// @return settlement The address of the settlement, a proxy
    function register(ISettlement implementation, ISettlement.Genesis calldata genesis)
        external
        returns (ISettlement settlement);

    /// @notice Changes the implementation of a settlement; for the timelock. Rounds that are open are void.
    /// @dev Reverts with {NotAllowed}, {UnknownRollup}, {WrongImplementation} or {UpgradeDuringPause}.
    /// @param migration What the new implementation is called with at once; nothing if it is empty
    function upgrade(uint256 rollupId, ISettlement implementation, bytes calldata migration) external;

    /// @notice Lets a halted rollup go on, see {IProofPolicy.resolveDisagreement}; for the timelock.
    function resolveDisagreement(uint256 rollupId, uint64 firstSequence, bytes32[] calldata claimedStateRoots)
        external;

    /// @notice Appoints the guardian; for the timelock. The zero address stands for none.
    function setGuardian(address guardian) external;

    /// @notice Pauses a rollup; for the guardian. Reverts with {NotAllowed}, {UnknownRollup}, or as
    /// {IPausing.pause} does.
    function pause(uint256 rollupId) external;

    /// @notice Pauses up to `count` rollups, in the order in which they were registered, from `first` on (from 0); for
    /// the guardian. Those that cannot be paused now are left as they are.
    function pauseAll(uint256 first, uint256 count) external;

    /// @notice Prolongs a pause; for the administrator. See {IPausing.extendPause}.
    function extendPause(uint256 rollupId, uint64 until) external;

    /// @notice Ends a pause; for the administrator, and for the guardian if it was not prolonged.
    function resume(uint256 rollupId) external;

    /// @notice Lets the guardian pause a rollup once more; for the administrator. See {IPausing.waiveCooldown}.
    function waiveCooldown(uint256 rollupId) external;

    /// @notice Reverts with {UnknownRollup}.
    function settlementOf(uint256 rollupId) external view returns (ISettlement);

    /// @notice Reverts with {UnknownRollup}.
    function rollupOf(uint256 rollupId) external view returns (Rollup memory);

    /// @notice Up to `count` numbers of rollups, in the order in which they were registered
    function rollups(uint256 first, uint256 count) external view returns (uint256[] memory rollupIds);

    function rollupCount() external view returns (uint256);
    function timelock() external view returns (ITimelock);
    function guardian() external view returns (address);
}
