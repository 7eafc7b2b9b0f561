// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title The operators that may prove, and the stake behind them
/// @notice Stake is ETH. Settlements that the administrator enabled lock parts of it while a commitment is open, and
/// take it as a penalty. Locked stake cannot leave; other stake leaves after a delay, during which it can still be
/// taken.
///
/// Trust: an enabled settlement can lock and take the stake of every operator, all of it. The administrator enables
/// none whose code operators could not have read before; that it cannot move stake itself is all that the registry
/// guarantees. A settlement that was disabled keeps its power over what it had locked, so that no penalty is lost,
/// and has none beyond that.
///
/// Whether an account is an operator and how much stake it has are separate questions: an operator that is leaving
/// keeps a stake at risk after it has lost the right to commit. Callers must not derive one answer from the other.
interface IOperatorRegistry {
    /// @notice An operator joined.
    /// @param operator The account that may commit proofs from now on
    /// @param stakeWei Its stake (in wei)
    event OperatorRegistered(address indexed operator, uint256 stakeWei);

    /// @notice An operator added `amountWei` to its stake, which is `stakeWei` now (both in wei).
    event StakeAdded(address indexed operator, uint256 amountWei, uint256 stakeWei);

    /// @notice `amountWei` (in wei) of an operator's stake is on its way out. All that is on its way may be withdrawn
    /// from block `withdrawableAt` on.
    event UnbondRequested(address indexed operator, uint256 amountWei, uint64 withdrawableAt);

    /// @notice `amountWei` (in wei) left.
    event StakeWithdrawn(address indexed operator, uint256 amountWei);

    /// @notice A settlement took `amountWei` (in wei) of an operator's stake.
    event StakeSlashed(address indexed operator, address indexed settlement, uint256 amountWei);

    /// @notice Slashed stake (in wei) went to the treasury.
    event SlashedStakeSent(uint256 amountWei);

    /// @notice Whether a settlement may lock stake was changed.
    event SettlementEnabled(address indexed settlement, bool enabled);

    /// @notice `field` of the configuration cannot work.
    error InvalidRegistryConfig(string field);

    /// @notice `operator` is registered already; its stake was not changed.
    error AlreadyRegistered(address operator);

    /// @notice The account never registered.
    error NotRegistered(address account);

    /// @notice The stake sent (in wei) is below the minimum (in wei).
    error InsufficientStake(uint256 sent, uint256 minimum);

    /// @notice Of the operator's stake `free` is not locked, less than the `required` (both in wei).
    error InsufficientFreeStake(address operator, uint256 free, uint256 required);

    /// @notice An amount of zero changes nothing.
    error ZeroAmount();

    /// @notice Nothing of the account's stake is on its way out, or can be sent.
    error NothingToWithdraw(address account);

    /// @notice What is on its way out may be withdrawn from block `withdrawableAt` on.
    error StillUnbonding(address operator, uint256 blockNumber, uint64 withdrawableAt);

    /// @notice The caller is not a settlement that the administrator enabled.
    error SettlementNotEnabled(address caller);

    /// @notice The caller has locked `locked`, less than the `released` (both in wei).
    error LockExceeded(address operator, uint256 locked, uint256 released);

    /// @notice The account refused the payment (in wei).
    error PaymentRefused(address account, uint256 amount);

    /// @notice Makes the caller an operator, with the value sent as its stake.
    /// @dev Reverts with {AlreadyRegistered} or {InsufficientStake}.
    function register() external payable;

    /// @notice Adds the value sent to the caller's stake. One that fell below the minimum may come back this way.
    /// @dev Reverts with {NotRegistered} or {ZeroAmount}.
    function addStake() external payable;

    /// @notice Sends `amount` (in wei) of the caller's stake on its way out. What is on its way already waits from
    /// the start again with it. Below the minimum the caller is no operator any more.
    /// @dev Reverts with {ZeroAmount} or {InsufficientFreeStake}.
    function requestUnbond(uint256 amount) external;

    /// @notice Pays the caller what is on its way out, less what was slashed of it.
    /// @dev Reverts with {NothingToWithdraw}, {StillUnbonding} or {PaymentRefused}.
    /// @return amount What was paid (in wei)
    function withdraw() external returns (uint256 amount);

    /// @notice Enables a settlement, or keeps it from locking more. For the administrator.
    function setEnabled(address settlement, bool enabled) external;

    /// @notice Locks `amount` (in wei) of an operator's stake. For enabled settlements.
    /// @dev Reverts with {SettlementNotEnabled} or {InsufficientFreeStake}.
    /// @return stake All of the operator's stake (in wei)
    function lock(address operator, uint256 amount) external returns (uint256 stake);

    /// @notice Gives back `amount` (in wei) of what the caller locked.
    /// @dev Reverts with {LockExceeded}.
    function unlock(address operator, uint256 amount) external;

    /// @notice Gives back `released` of what the caller locked, and takes `amount` (both in wei), or what there is,
    /// from the operator's stake, then from what is on its way out. What was taken goes to the treasury.
    /// @dev Reverts with {LockExceeded}; with {SettlementNotEnabled} when a disabled settlement asks for more than
    /// it releases.
    /// @return taken What was taken (in wei)
    function slash(address operator, uint256 released, uint256 amount) external returns (uint256 taken);

    /// @notice Sends slashed stake to the treasury. A step of its own, so that a treasury that refuses it saves
    /// nobody from a penalty.
    /// @dev Reverts with {NothingToWithdraw} or {PaymentRefused}.
    /// @return amount What was sent (in wei)
    function sendSlashed() external returns (uint256 amount);

    /// @notice Whether `account` may commit proofs now: registered, with at least the minimum stake
    function isOperator(address account) external view returns (bool);

    /// @notice Stake of an account (in wei) without what is on its way out
    function stakeOf(address account) external view returns (uint256);

    /// @notice How much of it is locked (in wei)
    function lockedOf(address account) external view returns (uint256);

    /// @notice How much of an operator's stake a settlement has locked (in wei)
    function lockedBy(address settlement, address operator) external view returns (uint256);

    /// @notice What is on its way out (in wei), and the first block in which it may be withdrawn
    function unbondingOf(address account) external view returns (uint256 amount, uint64 withdrawableAt);

    /// @notice Whether a settlement may lock stake
    function isEnabled(address settlement) external view returns (bool);

    /// @notice Least stake of an operator (in wei)
    function minimumStake() external view returns (uint256);

    /// @notice Blocks between a request and the withdrawal
    function unbondingBlocks() external view returns (uint64);

    /// @notice Where slashed stake goes; an address that nobody has the key of burns it
    function treasury() external view returns (address);

    /// @notice Stake of all operators together (in wei), with what is on its way out
    function totalStake() external view returns (uint256);

    /// @notice Slashed stake that was not sent to the treasury yet (in wei)
    function slashedStake() external view returns (uint256);
}
