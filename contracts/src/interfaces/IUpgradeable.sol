// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title What the proxy of a settlement does itself
interface IUpgradeable {
    /// @notice Calls go to `implementation` from now on (ERC-1967).
    event Upgraded(address indexed implementation);

    /// @notice An account without code cannot implement anything.
    error NoImplementation(address implementation);

    /// @notice Changes the implementation. Only for the proxy's manager: a call of anybody else goes to the
    /// implementation, which has no such function.
    /// @param migration What the new implementation is called with at once; nothing if it is empty
    function upgradeTo(address implementation, bytes calldata migration) external;
}
