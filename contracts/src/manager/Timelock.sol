// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITimelock} from "../interfaces/ITimelock.sol";

/// @title Announced calls
/// @notice See {ITimelock} for the rules.
/// @dev Whoever makes blocks may shift the time by some seconds, which is nothing in a week.
// forge-lint: disable-start(block-timestamp)
contract Timelock is ITimelock {
    /// A week to leave in, at least.
    uint256 public constant MINIMUM_DELAY = 7 days;
    /// Longer than that, a mistake in the delay could not be undone in reasonable time.
    uint256 public constant MAXIMUM_DELAY = 90 days;
    /// Longer than what a guardian's pause can take away from it: see {RollupManager}.
    uint256 public constant GRACE_PERIOD = 21 days;

    /// @inheritdoc ITimelock
    address public admin;
    /// @inheritdoc ITimelock
    uint256 public delay;

    /// 0 for none
    mapping(bytes32 id => uint256) private _readyAt;

    constructor(address admin_, uint256 delay_) {
        _setAdmin(admin_);
        _setDelay(delay_);
    }

    modifier onlyAdmin() {
        _requireAdmin();
        _;
    }

    modifier onlyAnnounced() {
        _requireAnnounced();
        _;
    }

    /// @inheritdoc ITimelock
    function announce(address target, bytes calldata data, bytes32 salt)
        external
        onlyAdmin
        returns (bytes32 id)
    {
        // A call of an account without code would succeed and do nothing.
        if (target.code.length == 0) revert InvalidAddress("target", target);
        id = _idOf(target, data, salt);
        uint256 earlier = _readyAt[id];
        if (earlier != 0 && block.timestamp <= earlier + GRACE_PERIOD) revert AlreadyAnnounced(id);

        uint256 readyAt = block.timestamp + delay;
        _readyAt[id] = readyAt;
        emit OperationAnnounced(id, target, data, salt, readyAt, readyAt + GRACE_PERIOD);
    }

    /// @inheritdoc ITimelock
    function cancel(bytes32 id) external onlyAdmin {
        if (_readyAt[id] == 0) revert UnknownOperation(id);
        delete _readyAt[id];
        emit OperationCancelled(id);
    }

    /// @inheritdoc ITimelock
    function execute(address target, bytes calldata data, bytes32 salt) external onlyAdmin {
        bytes32 id = _idOf(target, data, salt);
        uint256 readyAt = _readyAt[id];
        if (readyAt == 0) revert UnknownOperation(id);
        if (block.timestamp < readyAt) revert OperationNotReady(id, block.timestamp, readyAt);
        uint256 expiresAt = readyAt + GRACE_PERIOD;
        if (block.timestamp > expiresAt) revert OperationExpired(id, block.timestamp, expiresAt);

        // Forgotten before the call, so that it cannot be made twice from within.
        delete _readyAt[id];
        emit OperationExecuted(id, target);
        (bool done, bytes memory reason) = target.call(data);
        if (!done) revert OperationFailed(id, reason);
    }

    /// @inheritdoc ITimelock
    function setDelay(uint256 delay_) external onlyAnnounced {
        _setDelay(delay_);
    }

    /// @inheritdoc ITimelock
    function setAdmin(address admin_) external onlyAnnounced {
        _setAdmin(admin_);
    }

    /// @inheritdoc ITimelock
    function operationOf(bytes32 id) external view returns (uint256 readyAt, uint256 expiresAt) {
        readyAt = _readyAt[id];
        expiresAt = readyAt == 0 ? 0 : readyAt + GRACE_PERIOD;
    }

    function _setDelay(uint256 delay_) private {
        if (delay_ < MINIMUM_DELAY || delay_ > MAXIMUM_DELAY) {
            revert DelayOutOfBounds(delay_, MINIMUM_DELAY, MAXIMUM_DELAY);
        }
        delay = delay_;
        emit DelaySet(delay_);
    }

    function _setAdmin(address admin_) private {
        if (admin_ == address(0)) revert InvalidAddress("admin", admin_);
        admin = admin_;
        emit AdminSet(admin_);
    }

    function _requireAdmin() private view {
        if (msg.sender != admin) revert NotAdmin(msg.sender, admin);
    }

    function _requireAnnounced() private view {
        if (msg.sender != address(this)) revert NotAnnounced(msg.sender);
    }

    function _idOf(address target, bytes calldata data, bytes32 salt) private pure returns (bytes32) {
        return keccak256(abi.encode(target, data, salt));
    }
}
// forge-lint: disable-end(block-timestamp)
