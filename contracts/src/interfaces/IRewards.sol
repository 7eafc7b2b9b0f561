// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title What operators have earned
interface IRewards {
    /// @notice Somebody added `amount` (in wei) to what rewards are paid from.
    event RewardsFunded(address indexed from, uint256 amount);

    /// @notice An operator took `amount` (in wei) of its rewards.
    event RewardClaimed(address indexed operator, uint256 amount);

    /// @notice The operator has no reward that it has not taken.
    error NothingToClaim(address operator);

    /// @notice The contract holds `available`, less than the `required` rewards (both in wei).
    error InsufficientFunds(uint256 available, uint256 required);

    /// @notice The operator's account refused the payment (in wei).
    error PaymentRefused(address operator, uint256 amount);

    /// @notice Adds the value sent to what rewards are paid from.
    function fundRewards() external payable;

    /// @notice Pays the caller all rewards that it has earned and not taken.
    /// @dev Reverts with {NothingToClaim}, {InsufficientFunds} or {PaymentRefused}.
    /// @return amount What was paid (in wei)
    function claimRewards() external returns (uint256 amount);

    /// @notice What the prover of a sequence earns (in wei)
    function rewardWei() external view returns (uint256);

    /// @notice All that an operator ever earned (in wei), taken or not
    function rewardsOf(address operator) external view returns (uint256);

    /// @notice What an operator has taken of its rewards (in wei)
    function claimedOf(address operator) external view returns (uint256);
}
