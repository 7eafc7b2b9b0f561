// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Administered} from "./Administered.sol";
import {Sequences} from "./Sequences.sol";
import {IRewards} from "./interfaces/IRewards.sol";

/// @title Rewards: what a sequence earns, how it is split, and payment
abstract contract Rewards is Sequences, Administered, IRewards {
    /// How the reward of a sequence is split. Both rewards are zero until it is fixed.
    struct Split {
        /// Stake of all whose proofs were checked
        uint128 stakeWei;
        /// How many of them have no share booked
        uint64 unbooked;
        bool isFixed;
        /// In which they were checked; proofs of an older epoch do not count for a sequence that is not verified.
        uint16 epoch;
        uint128 rewardWei;
        /// What of it is not booked
        uint128 leftWei;
    }

    /// The last one is in force.
    RewardPolicy[] private _policies;
    /// Number of the policy that was in force when a sequence was submitted; the first one is not written down.
    mapping(uint64 sequence => uint256) private _policyOf;
    /// Sequences submitted in a block; counted when there is a block reward.
    mapping(uint256 blockNumber => uint256) private _sequencesIn;
    mapping(uint64 sequence => Split) private _splits;

    /// @inheritdoc IRewards
    uint256 public dustWei;
    /// @inheritdoc IRewards
    mapping(address operator => uint256) public rewardsOf;
    /// @inheritdoc IRewards
    mapping(address operator => uint256) public claimedOf;

    /// @inheritdoc IRewards
    function setRewardPolicy(RewardPolicy calldata policy) external onlyAdmin {
        _setRewardPolicy(policy);
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

    /// @inheritdoc IRewards
    function rewardPolicy() external view returns (RewardPolicy memory) {
        return _policies[_policies.length - 1];
    }

    /// @inheritdoc IRewards
    function rewardOf(uint64 sequenceNumber) external view returns (uint256) {
        _requireSubmitted(sequenceNumber);
        return _rewardOf(sequenceNumber);
    }

    function _submitted(uint64 sequenceNumber) internal override {
        uint256 policy = _policies.length - 1;
        if (policy != 0) _policyOf[sequenceNumber] = policy;
        if (_policies[policy].blockRewardWei != 0) _sequencesIn[block.number]++;
    }

    /// An operator's proof of a sequence was checked: it shares in the reward, which is not fixed yet.
    function _addToSplit(uint64 sequenceNumber, uint256 stakeWei) internal {
        Split storage split = _splits[sequenceNumber];
        if (split.epoch != _currentEpoch()) {
            split.stakeWei = 0;
            split.unbooked = 0;
            split.epoch = _currentEpoch();
        }
        split.stakeWei += uint128(stakeWei);
        split.unbooked++;
    }

    /// Books the share of an operator that was added with this stake, once; nobody may be added afterwards.
    function _book(uint64 sequenceNumber, address operator, uint256 stakeWei) internal {
        Split memory split = _splits[sequenceNumber];
        if (!split.isFixed) {
            split.isFixed = true;
            split.rewardWei = uint128(_rewardOf(sequenceNumber) + dustWei);
            split.leftWei = split.rewardWei;
            dustWei = 0;
            emit RewardFixed(sequenceNumber, split.rewardWei, split.stakeWei);
        }
        // Stakes are below 2^120 and rewards below 2^128: the product does not overflow.
        uint256 share = uint256(split.rewardWei) * stakeWei / split.stakeWei;
        split.leftWei -= uint128(share);
        if (--split.unbooked == 0) {
            dustWei += split.leftWei;
            split.leftWei = 0;
        }
        _splits[sequenceNumber] = split;
        rewardsOf[operator] += share;
        emit RewardEarned(sequenceNumber, operator, share);
    }

    /// Whether proofs that were checked in this epoch count for a sequence
    function _sharesIn(uint64 sequenceNumber, uint16 epoch) internal view returns (bool) {
        return _splits[sequenceNumber].epoch == epoch;
    }

    function _rewardOf(uint64 sequenceNumber) private view returns (uint256) {
        RewardPolicy memory policy = _policies[_policyOf[sequenceNumber]];
        if (policy.blockRewardWei == 0) return policy.priceWei;
        uint256 sequences = _sequencesIn[_checkpoint(sequenceNumber).blockNumber];
        return policy.blockRewardWei / sequences + policy.priceWei;
    }

    function _setRewardPolicy(RewardPolicy memory policy) internal {
        _policies.push(policy);
        emit RewardPolicySet(policy.blockRewardWei, policy.priceWei);
    }
}
