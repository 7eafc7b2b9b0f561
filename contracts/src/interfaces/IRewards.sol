// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title What operators earn
/// @notice The reward of a sequence is split over the operators whose proofs of it were checked, by the stake that
/// each had when it committed. Shares are rounded down; what is left over is added to the next reward that is split.
/// Operators that did not reveal, or whose proof was wrong, do not count.
///
/// Shares are fixed when nobody can join any more: when every commitment of the round is revealed or penalised, at
/// the latest when the share window has passed. They are booked one operator at a time, by anybody (see
/// {ICommitments-settleCommitments}), and paid when the operator claims them. The contract may owe more than it
/// holds: somebody has to fund it.
interface IRewards {
    /// @notice What a sequence earns: both together
    struct RewardPolicy {
        /// Split evenly, rounded down, over the sequences of the rollup that were submitted in one block (in wei)
        uint96 blockRewardWei;
        /// Fixed price of a sequence (in wei)
        uint96 priceWei;
    }

    /// @notice Sequences that are submitted from now on earn by this policy.
    event RewardPolicySet(uint96 blockRewardWei, uint96 priceWei);

    /// @notice The reward of a sequence was fixed: `rewardWei` with what was left over before, for `stakeWei` of
    /// stake together (both in wei).
    event RewardFixed(uint64 indexed sequence, uint256 rewardWei, uint256 stakeWei);

    /// @notice An operator's share (in wei) of a sequence's reward was booked.
    event RewardEarned(uint64 indexed sequence, address indexed operator, uint256 amountWei);

    /// @notice Somebody added `amountWei` (in wei) to what rewards are paid from.
    event RewardsFunded(address indexed from, uint256 amountWei);

    /// @notice An operator took `amountWei` (in wei) of its rewards.
    event RewardClaimed(address indexed operator, uint256 amountWei);

    /// @notice The operator has no reward that it has not taken.
    error NothingToClaim(address operator);

    /// @notice The contract holds `available`, less than the `required` rewards (both in wei).
    error InsufficientFunds(uint256 available, uint256 required);

    /// @notice The operator's account refused the payment (in wei).
    error PaymentRefused(address account, uint256 amount);

    /// @notice Sets what sequences earn that are submitted from now on. For the administrator.
    function setRewardPolicy(RewardPolicy calldata policy) external;

    /// @notice Adds the value sent to what rewards are paid from.
    function fundRewards() external payable;

    /// @notice Pays the caller all rewards that were booked for it and not taken.
    /// @dev Reverts with {NothingToClaim}, {InsufficientFunds} or {PaymentRefused}.
    /// @return amount What was paid (in wei)
    function claimRewards() external returns (uint256 amount);

    /// @notice What sequences earn that are submitted now
    function rewardPolicy() external view returns (RewardPolicy memory);

    /// @notice What a sequence earns (in wei); final when the block in which it was submitted has ended
    /// @dev Reverts with {UnknownSequence}.
    function rewardOf(uint64 sequenceNumber) external view returns (uint256);

    /// @notice What is left over from rewards that were split (in wei)
    function dustWei() external view returns (uint256);

    /// @notice All that was ever booked for an operator (in wei), taken or not
    function rewardsOf(address operator) external view returns (uint256);

    /// @notice What an operator has taken of its rewards (in wei)
    function claimedOf(address operator) external view returns (uint256);
}
