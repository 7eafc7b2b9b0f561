// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title A contract with an account that may change its parameters
/// @notice The account is fixed: one that is to change hands, or to act with delay, is a contract itself.
abstract contract Administered {
    /// @notice Who may change parameters
    address public immutable admin;

    /// @notice Only the administrator may do this.
    error NotAdmin(address caller, address admin);

    constructor(address admin_) {
        admin = admin_;
    }

    modifier onlyAdmin() {
        _requireAdmin();
        _;
    }

    function _requireAdmin() private view {
        if (msg.sender != admin) revert NotAdmin(msg.sender, admin);
    }
}
