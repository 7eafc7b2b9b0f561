// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Administered} from "./Administered.sol";
import {IOperatorRegistry} from "./interfaces/IOperatorRegistry.sol";

/// @title Operators and their stake
/// @notice See {IOperatorRegistry} for the rules.
/// @dev The balance is {totalStake} and {slashedStake} together, and whatever was forced into the contract. Amounts
/// are of ETH that exists, so they fit into 120 bits.
contract OperatorRegistry is IOperatorRegistry, Administered {
    struct Operator {
        bool registered;
        uint120 stake;
        uint120 locked;
    }

    struct Unbonding {
        uint120 amount;
        uint64 withdrawableAt;
    }

    /// @inheritdoc IOperatorRegistry
    uint256 public immutable minimumStake;
    /// @inheritdoc IOperatorRegistry
    uint64 public immutable unbondingBlocks;
    /// @inheritdoc IOperatorRegistry
    address public immutable treasury;

    /// @inheritdoc IOperatorRegistry
    uint256 public totalStake;
    /// @inheritdoc IOperatorRegistry
    uint256 public slashedStake;
    /// @inheritdoc IOperatorRegistry
    mapping(address settlement => bool) public isEnabled;
    /// @inheritdoc IOperatorRegistry
    mapping(address settlement => mapping(address operator => uint256)) public lockedBy;

    mapping(address account => Operator) private _operators;
    mapping(address account => Unbonding) private _unbondings;

    /// @param minimumStake_ Least stake of an operator (in wei); shares of rewards are by stake, so not zero
    /// @param unbondingBlocks_ Blocks between a request and the withdrawal
    /// @param admin_ Enables settlements
    /// @param treasury_ Gets slashed stake; an address without a key burns it
    constructor(uint256 minimumStake_, uint64 unbondingBlocks_, address admin_, address treasury_)
        Administered(admin_)
    {
        if (minimumStake_ == 0) revert InvalidRegistryConfig("minimumStake");
        if (unbondingBlocks_ == 0) revert InvalidRegistryConfig("unbondingBlocks");
        if (admin_ == address(0)) revert InvalidRegistryConfig("admin");
        if (treasury_ == address(0)) revert InvalidRegistryConfig("treasury");
        minimumStake = minimumStake_;
        unbondingBlocks = unbondingBlocks_;
        treasury = treasury_;
    }

    /// @inheritdoc IOperatorRegistry
    function register() external payable {
        Operator storage operator = _operators[msg.sender];
        if (operator.registered) revert AlreadyRegistered(msg.sender);
        if (msg.value < minimumStake) revert InsufficientStake(msg.value, minimumStake);

        operator.registered = true;
        operator.stake = uint120(msg.value);
        totalStake += msg.value;
        emit OperatorRegistered(msg.sender, msg.value);
    }

    /// @inheritdoc IOperatorRegistry
    function addStake() external payable {
        Operator storage operator = _operators[msg.sender];
        if (!operator.registered) revert NotRegistered(msg.sender);
        if (msg.value == 0) revert ZeroAmount();

        operator.stake += uint120(msg.value);
        totalStake += msg.value;
        emit StakeAdded(msg.sender, msg.value, operator.stake);
    }

    /// @inheritdoc IOperatorRegistry
    function requestUnbond(uint256 amount) external {
        if (amount == 0) revert ZeroAmount();
        _requireFree(msg.sender, amount);

        Unbonding storage unbonding = _unbondings[msg.sender];
        uint64 withdrawableAt = uint64(block.number) + unbondingBlocks;
        _operators[msg.sender].stake -= uint120(amount);
        unbonding.amount += uint120(amount);
        unbonding.withdrawableAt = withdrawableAt;
        emit UnbondRequested(msg.sender, amount, withdrawableAt);
    }

    /// @inheritdoc IOperatorRegistry
    function withdraw() external returns (uint256 amount) {
        Unbonding memory unbonding = _unbondings[msg.sender];
        amount = unbonding.amount;
        if (amount == 0) revert NothingToWithdraw(msg.sender);
        if (block.number < unbonding.withdrawableAt) {
            revert StillUnbonding(msg.sender, block.number, unbonding.withdrawableAt);
        }

        // Counted before it is paid: a call back finds nothing left.
        delete _unbondings[msg.sender];
        totalStake -= amount;
        emit StakeWithdrawn(msg.sender, amount);
        _pay(msg.sender, amount);
    }

    /// @inheritdoc IOperatorRegistry
    function setEnabled(address settlement, bool enabled) external onlyAdmin {
        isEnabled[settlement] = enabled;
        emit SettlementEnabled(settlement, enabled);
    }

    /// @inheritdoc IOperatorRegistry
    function lock(address account, uint256 amount) external returns (uint256 stake) {
        if (!isEnabled[msg.sender]) revert SettlementNotEnabled(msg.sender);
        _requireFree(account, amount);

        Operator storage operator = _operators[account];
        operator.locked += uint120(amount);
        lockedBy[msg.sender][account] += amount;
        return operator.stake;
    }

    /// @inheritdoc IOperatorRegistry
    function unlock(address account, uint256 amount) external {
        _release(account, amount);
    }

    /// @inheritdoc IOperatorRegistry
    function slash(address account, uint256 released, uint256 amount) external returns (uint256 taken) {
        if (amount > released && !isEnabled[msg.sender]) revert SettlementNotEnabled(msg.sender);
        _release(account, released);

        Operator storage operator = _operators[account];
        Unbonding storage unbonding = _unbondings[account];
        uint256 fromStake = _least(amount, operator.stake);
        uint256 fromUnbonding = _least(amount - fromStake, unbonding.amount);
        if (fromStake != 0) operator.stake -= uint120(fromStake);
        if (fromUnbonding != 0) unbonding.amount -= uint120(fromUnbonding);
        taken = fromStake + fromUnbonding;
        totalStake -= taken;
        slashedStake += taken;
        emit StakeSlashed(account, msg.sender, taken);
    }

    /// @inheritdoc IOperatorRegistry
    function sendSlashed() external returns (uint256 amount) {
        amount = slashedStake;
        if (amount == 0) revert NothingToWithdraw(treasury);
        slashedStake = 0;
        emit SlashedStakeSent(amount);
        _pay(treasury, amount);
    }

    /// @inheritdoc IOperatorRegistry
    function isOperator(address account) external view returns (bool) {
        Operator memory operator = _operators[account];
        return operator.registered && operator.stake >= minimumStake;
    }

    /// @inheritdoc IOperatorRegistry
    function stakeOf(address account) external view returns (uint256) {
        return _operators[account].stake;
    }

    /// @inheritdoc IOperatorRegistry
    function lockedOf(address account) external view returns (uint256) {
        return _operators[account].locked;
    }

    /// @inheritdoc IOperatorRegistry
    function unbondingOf(address account) external view returns (uint256 amount, uint64 withdrawableAt) {
        Unbonding memory unbonding = _unbondings[account];
        return (unbonding.amount, unbonding.withdrawableAt);
    }

    function _requireFree(address account, uint256 amount) private view {
        Operator memory operator = _operators[account];
        // A slash may have taken what another settlement has locked.
        uint256 free = operator.stake < operator.locked ? 0 : operator.stake - operator.locked;
        if (amount > free) revert InsufficientFreeStake(account, free, amount);
    }

    function _release(address account, uint256 amount) private {
        uint256 locked = lockedBy[msg.sender][account];
        if (amount > locked) revert LockExceeded(account, locked, amount);
        lockedBy[msg.sender][account] = locked - amount;
        _operators[account].locked -= uint120(amount);
    }

    function _pay(address account, uint256 amount) private {
        (bool paid,) = account.call{value: amount}("");
        if (!paid) revert PaymentRefused(account, amount);
    }

    function _least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
