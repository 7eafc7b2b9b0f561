// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IRewards} from "./interfaces/IRewards.sol";

/// @title Rewards: what is owed to operators, and its payment
abstract contract Rewards is IRewards {
    /// @inheritdoc IRewards
    uint256 public immutable rewardWei;

    /// @inheritdoc IRewards
    mapping(address operator => uint256) public rewardsOf;
    /// @inheritdoc IRewards
    mapping(address operator => uint256) public claimedOf;

    constructor(uint256 rewardWei_) {
        rewardWei = rewardWei_;
    }

    /// @inheritdoc IRewards
    function fundRewards() external payable {
        emit RewardsFunded(msg.sender, msg.value);
    }

    /// @inheritdoc IRewards
    function claimRewards() external returns (uint256 amount) {
        amount = rewardsOf[msg.sender] - claimedOf[msg.sender];
        if (amount == 0) revert NothingToClaim(msg.sender);
        if (amount > address(this).balance) revert InsufficientFunds(address(this).balance, amount);

        // Counted before it is paid: a call back into this function finds nothing left to claim.
        claimedOf[msg.sender] += amount;
        emit RewardClaimed(msg.sender, amount);
        (bool paid,) = msg.sender.call{value: amount}("");
        if (!paid) revert PaymentRefused(msg.sender, amount);
    }
}
