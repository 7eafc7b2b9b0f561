// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOperatorRegistry} from "./interfaces/IOperatorRegistry.sol";

/// @title Operators with a fixed stake
/// @notice Stake goes in and stays: there is no unbonding and no slashing, and nobody, the deployer included,
/// can move it.
contract OperatorRegistry is IOperatorRegistry {
    /// @inheritdoc IOperatorRegistry
    uint256 public immutable minimumStake;

    /// @inheritdoc IOperatorRegistry
    uint256 public totalStake;

    mapping(address operator => bool) private _registered;
    mapping(address operator => uint256 stakeWei) private _stakes;

    /// @param minimumStake_ Least stake to register with (in wei)
    constructor(uint256 minimumStake_) {
        minimumStake = minimumStake_;
    }

    /// @inheritdoc IOperatorRegistry
    function register() external payable {
        if (_registered[msg.sender]) revert AlreadyRegistered(msg.sender);
        if (msg.value < minimumStake) revert InsufficientStake(msg.value, minimumStake);

        _registered[msg.sender] = true;
        _stakes[msg.sender] = msg.value;
        totalStake += msg.value;
        emit OperatorRegistered(msg.sender, msg.value);
    }

    /// @inheritdoc IOperatorRegistry
    function isOperator(address account) external view returns (bool) {
        return _registered[account];
    }

    /// @inheritdoc IOperatorRegistry
    function stakeOf(address account) external view returns (uint256) {
        return _stakes[account];
    }
}
