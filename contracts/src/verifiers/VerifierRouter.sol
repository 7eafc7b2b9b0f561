// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "../interfaces/IProofVerifier.sol";
import {IVerifierRouter} from "../interfaces/IVerifierRouter.sol";

/// @title Router of proofs to verifiers, by selector
/// @notice See {IVerifierRouter} for the rules.
contract VerifierRouter is IVerifierRouter {
    struct Route {
        IProofVerifier verifier;
        bool frozen;
    }

    /// @inheritdoc IVerifierRouter
    address public admin;
    /// @inheritdoc IVerifierRouter
    address public pendingAdmin;
    /// @inheritdoc IVerifierRouter
    address public guardian;

    mapping(bytes4 selector => Route) private _routes;

    modifier onlyAdmin() {
        _requireAdmin();
        _;
    }

    /// @param admin_ The account that adds routes
    /// @param guardian_ The account that may freeze them; zero for none but the admin
    constructor(address admin_, address guardian_) {
        admin = admin_;
        guardian = guardian_;
        emit AdminChanged(address(0), admin_);
        emit GuardianChanged(address(0), guardian_);
    }

    /// @inheritdoc IProofVerifier
    /// @dev Reverts with {ProofTooShort}, {UnknownSelector}, {RouteFrozen}, and with whatever the verifier reverts with.
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external view returns (bool) {
        if (proof.length < 4) revert ProofTooShort(proof.length);
        bytes4 selector = bytes4(proof[:4]);
        Route memory route = _route(selector);
        if (route.frozen) revert RouteFrozen(selector);
        return route.verifier.verify(proof, publicInputs);
    }

    /// @inheritdoc IVerifierRouter
    function addRoute(bytes4 selector, IProofVerifier verifier) external onlyAdmin {
        IProofVerifier known = _routes[selector].verifier;
        if (address(known) != address(0)) revert RouteExists(selector, known);
        if (address(verifier).code.length == 0) revert NotAContract(verifier);
        _routes[selector].verifier = verifier;
        emit RouteAdded(selector, verifier);
    }

    /// @inheritdoc IVerifierRouter
    function freezeRoute(bytes4 selector) external {
        if (msg.sender != guardian && msg.sender != admin) revert NotGuardian(msg.sender, guardian);
        IProofVerifier verifier = _route(selector).verifier;
        _routes[selector].frozen = true;
        emit RouteFrozenForever(selector, verifier, msg.sender);
    }

    /// @inheritdoc IVerifierRouter
    function setGuardian(address guardian_) external onlyAdmin {
        emit GuardianChanged(guardian, guardian_);
        guardian = guardian_;
    }

    /// @inheritdoc IVerifierRouter
    function transferAdmin(address pendingAdmin_) external onlyAdmin {
        pendingAdmin = pendingAdmin_;
        emit AdminTransferStarted(admin, pendingAdmin_);
    }

    /// @inheritdoc IVerifierRouter
    function acceptAdmin() external {
        if (msg.sender != pendingAdmin) revert NotPendingAdmin(msg.sender, pendingAdmin);
        emit AdminChanged(admin, msg.sender);
        admin = msg.sender;
        pendingAdmin = address(0);
    }

    /// @inheritdoc IVerifierRouter
    function routeOf(bytes4 selector) external view returns (IProofVerifier verifier, bool frozen) {
        Route memory route = _routes[selector];
        return (route.verifier, route.frozen);
    }

    function _route(bytes4 selector) private view returns (Route memory route) {
        route = _routes[selector];
        if (address(route.verifier) == address(0)) revert UnknownSelector(selector);
    }

    function _requireAdmin() private view {
        if (msg.sender != admin) revert NotAdmin(msg.sender, admin);
    }
}
