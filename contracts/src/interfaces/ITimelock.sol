// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Announced calls
/// @notice The administrator announces a call; it can be made once, after a delay in which those whom it concerns
/// may leave, and before it expires. Times are in seconds.
interface ITimelock {
    /// @notice The call may be made from `readyAt` to `expiresAt`, both included.
    event OperationAnnounced(
        bytes32 indexed id,
        address indexed target,
        bytes data,
        bytes32 salt,
        uint256 readyAt,
        uint256 expiresAt
    );

    /// @notice The announcement was taken back.
    event OperationCancelled(bytes32 indexed id);

    /// @notice The call was made.
    event OperationExecuted(bytes32 indexed id, address indexed target);

    /// @notice Later announcements wait for `delay`; earlier ones keep their times.
    event DelaySet(uint256 delay);

    /// @notice Another account announces from now on.
    event AdminSet(address indexed admin);

    /// @notice Only the administrator announces, cancels and executes.
    error NotAdmin(address caller, address admin);

    /// @notice The timelock changes itself by an announced call only.
    error NotAnnounced(address caller);

    /// @notice The same call is announced already; use another salt, or wait until it is executed or expired.
    error AlreadyAnnounced(bytes32 id);

    /// @notice There is no such announcement: it was never made, cancelled, or executed.
    error UnknownOperation(bytes32 id);

    /// @notice The delay has not passed.
    error OperationNotReady(bytes32 id, uint256 timestamp, uint256 readyAt);

    /// @notice The call came too late; it has to be announced again.
    error OperationExpired(bytes32 id, uint256 timestamp, uint256 expiresAt);

    /// @notice The call failed with `reason`; the announcement stands.
    error OperationFailed(bytes32 id, bytes reason);

    /// @notice A delay is at least `least` and at most `most`.
    error DelayOutOfBounds(uint256 given, uint256 least, uint256 most);

    /// @notice The zero address cannot be `role`, nor an account without code the target of a call.
    error InvalidAddress(string role, address given);

    /// @notice Announces a call. Reverts with {NotAdmin}, {InvalidAddress} or {AlreadyAnnounced}.
    /// @param target The contract to be called, without value
    /// @param data What it is called with
    /// @param salt Anything, so that the same call can be announced more than once
    /// @return id keccak256(abi.encode(target, data, salt))
    function announce(address target, bytes calldata data, bytes32 salt) external returns (bytes32 id);

    /// @notice Takes an announcement back. Reverts with {NotAdmin} or {UnknownOperation}.
    function cancel(bytes32 id) external;

    /// @notice Makes an announced call. Reverts with {NotAdmin}, {UnknownOperation}, {OperationNotReady},
    /// {OperationExpired} or {OperationFailed}.
    function execute(address target, bytes calldata data, bytes32 salt) external;

    /// @notice Sets the delay of later announcements; an announced call of the timelock to itself.
    /// Reverts with {NotAnnounced} or {DelayOutOfBounds}.
    function setDelay(uint256 delay) external;

    /// @notice Hands the timelock over; an announced call of the timelock to itself.
    /// Reverts with {NotAnnounced} or {InvalidAddress}.
    function setAdmin(address admin) external;

    /// @notice When an announced call may be made (0, 0: there is none)
    function operationOf(bytes32 id) external view returns (uint256 readyAt, uint256 expiresAt);

    function admin() external view returns (address);
    function delay() external view returns (uint256);
}
