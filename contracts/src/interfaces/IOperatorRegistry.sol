// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title The operators that may prove, and the stake behind them
/// @notice Whether an account is an operator and how much stake it has are separate questions: an operator
/// that is leaving keeps a stake at risk after it has lost the right to commit, and a penalised one may fall
/// below the minimum. Callers must not derive one answer from the other.
interface IOperatorRegistry {
    /// @notice An operator joined.
    /// @param operator The account that may commit proofs from now on
    /// @param stake Its stake (in wei)
    event OperatorRegistered(address indexed operator, uint256 stake);

    /// @notice `operator` is registered already; its stake was not changed.
    error AlreadyRegistered(address operator);

    /// @notice The stake sent (in wei) is below the minimum (in wei).
    error InsufficientStake(uint256 sent, uint256 minimum);

    /// @notice Makes the caller an operator, with the value sent as its stake.
    /// @dev Reverts with {AlreadyRegistered} or {InsufficientStake}.
    function register() external payable;

    /// @notice Whether `account` may commit proofs now
    function isOperator(address account) external view returns (bool);

    /// @notice Stake that answers for `account` (in wei); zero for an account that never registered
    function stakeOf(address account) external view returns (uint256);

    /// @notice Least stake to register with (in wei)
    function minimumStake() external view returns (uint256);

    /// @notice Stake of all operators together (in wei)
    function totalStake() external view returns (uint256);
}
