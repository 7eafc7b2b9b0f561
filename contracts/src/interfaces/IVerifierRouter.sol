// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "./IProofVerifier.sol";

/// @title One verifier for many proof systems and versions
/// @notice A proof begins with a selector of 4 bytes that names proof system and version; the whole proof, selector
/// included, is passed to the verifier behind it. A selector gets one verifier and keeps it: no route is ever
/// replaced, so what a selector accepts does not change under those who rely on it. When a verifier turns out to
/// be broken, its route is frozen, for ever.
///
/// Two roles. The admin adds routes, names the guardian, may freeze, and hands its role over in two steps. The guardian
/// may only freeze, so it can be a key that is quick to reach. Whoever adds a route decides what counts as
/// proved: the admin of a router with value behind it is a timelock.
interface IVerifierRouter is IProofVerifier {
    /// @notice Proofs that begin with `selector` go to `verifier` from now on.
    event RouteAdded(bytes4 indexed selector, IProofVerifier indexed verifier);
    /// @notice Proofs that begin with `selector` are refused from now on.
    event RouteFrozenForever(bytes4 indexed selector, IProofVerifier indexed verifier, address indexed by);
    /// @notice `guardian` may freeze routes; the one before it may not any more.
    event GuardianChanged(address indexed previous, address indexed guardian);
    /// @notice `pendingAdmin` may take the admin's role over.
    event AdminTransferStarted(address indexed admin, address indexed pendingAdmin);
    /// @notice `admin` took the role over.
    event AdminChanged(address indexed previous, address indexed admin);

    /// @notice A proof of `length` bytes has no room for a selector.
    error ProofTooShort(uint256 length);
    /// @notice No verifier was ever added for `selector`.
    error UnknownSelector(bytes4 selector);
    /// @notice The verifier behind `selector` was frozen.
    error RouteFrozen(bytes4 selector);
    /// @notice `selector` has its verifier already, frozen or not.
    error RouteExists(bytes4 selector, IProofVerifier verifier);
    /// @notice There is no code at `verifier`.
    error NotAContract(IProofVerifier verifier);
    /// @notice The caller is not the admin.
    error NotAdmin(address caller, address admin);
    /// @notice The caller is neither the guardian nor the admin.
    error NotGuardian(address caller, address guardian);
    /// @notice The caller was not offered the admin's role.
    error NotPendingAdmin(address caller, address pendingAdmin);

    /// @notice Sends proofs with a new selector to a verifier. For the admin.
    /// @dev Reverts with {NotAdmin}, {RouteExists} or {NotAContract}.
    function addRoute(bytes4 selector, IProofVerifier verifier) external;

    /// @notice Refuses proofs with a selector for ever. For the guardian and the admin; a second time changes nothing.
    /// @dev Reverts with {NotGuardian} or {UnknownSelector}.
    function freezeRoute(bytes4 selector) external;

    /// @notice Names another guardian; the zero address for none. For the admin.
    function setGuardian(address guardian_) external;

    /// @notice Offers the admin's role to an account; the zero address withdraws the offer. For the admin.
    function transferAdmin(address pendingAdmin_) external;

    /// @notice Takes the admin's role over. For the account that it was offered to.
    function acceptAdmin() external;

    /// @notice The account that adds routes
    function admin() external view returns (address);

    /// @notice The account that the admin's role is offered to; zero for none
    function pendingAdmin() external view returns (address);

    /// @notice The account that may freeze routes; zero for none but the admin
    function guardian() external view returns (address);

    /// @notice The verifier behind a selector, zero when there is none, and whether it is frozen
    function routeOf(bytes4 selector) external view returns (IProofVerifier verifier, bool frozen);
}
