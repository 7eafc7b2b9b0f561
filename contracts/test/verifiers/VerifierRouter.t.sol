// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "../../src/interfaces/IProofVerifier.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {VerifierRouter} from "../../src/verifiers/VerifierRouter.sol";
import {HostileVerifier} from "../mocks/HostileVerifier.sol";
import {Test} from "../Vm.sol";

/// @notice Accepts one proof, byte for byte
contract FixedVerifier is IProofVerifier {
    bytes32 private immutable _proofHash;

    constructor(bytes memory proof) {
        _proofHash = keccak256(proof);
    }

    function verify(bytes calldata proof, bytes32[] calldata) external view returns (bool) {
        return keccak256(proof) == _proofHash;
    }
}

contract VerifierRouterTest is Test {
    address internal constant ADMIN = address(0xad);
    address internal constant GUARDIAN = address(0x9a);
    address internal constant STRANGER = address(0x57a);
    bytes4 internal constant FIRST = 0x00000001;
    bytes4 internal constant SECOND = 0xffffffff;
    bytes internal constant PROOF = hex"00000001aabb";

    VerifierRouter internal router;
    IProofVerifier internal verifier;
    bytes32[] internal inputs;

    function setUp() public {
        router = new VerifierRouter(ADMIN, GUARDIAN);
        // The verifier gets the whole proof, selector included.
        verifier = new FixedVerifier(PROOF);
        vm.prank(ADMIN);
        router.addRoute(FIRST, verifier);
    }

    function test_verify_asksTheVerifierBehindTheSelector() public {
        vm.assertTrue(router.verify(PROOF, inputs));
        vm.assertFalse(router.verify(hex"00000001aabc", inputs));

        IProofVerifier second = new FixedVerifier(hex"ffffffff");
        vm.prank(ADMIN);
        router.addRoute(SECOND, second);
        vm.assertTrue(router.verify(hex"ffffffff", inputs));
        vm.assertFalse(router.verify(hex"ffffffffaabb", inputs));
        vm.assertTrue(router.verify(PROOF, inputs));
    }

    function test_verify_revertsWithUnknownSelector(bytes4 selector) public {
        if (selector == FIRST) return;
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.UnknownSelector.selector, selector));
        router.verify(abi.encodePacked(selector, hex"aabb"), inputs);
    }

    function test_verify_revertsWithProofTooShort() public {
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.ProofTooShort.selector, 3));
        router.verify(hex"000000", inputs);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.ProofTooShort.selector, 0));
        router.verify("", inputs);
    }

    function test_verify_revertsWithWhatTheVerifierRevertsWith() public {
        IProofVerifier hostile = new HostileVerifier(HostileVerifier.Behaviour.Revert, 77, 32);
        vm.prank(ADMIN);
        router.addRoute(SECOND, hostile);
        vm.expectRevert(abi.encode(uint256(77)));
        router.verify(hex"ffffffff", inputs);
    }

    function test_addRoute_tellsOfIt() public {
        vm.expectEmit(address(router));
        emit IVerifierRouter.RouteAdded(SECOND, verifier);
        vm.prank(ADMIN);
        router.addRoute(SECOND, verifier);
        assertRoute(SECOND, verifier, false);
    }

    function test_addRoute_revertsWithRouteExists() public {
        IProofVerifier other = new FixedVerifier("");
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.RouteExists.selector, FIRST, verifier));
        vm.prank(ADMIN);
        router.addRoute(FIRST, other);
        assertRoute(FIRST, verifier, false);
    }

    function test_addRoute_revertsWithRouteExists_alsoWhenItIsFrozen() public {
        vm.prank(GUARDIAN);
        router.freezeRoute(FIRST);
        IProofVerifier other = new FixedVerifier("");
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.RouteExists.selector, FIRST, verifier));
        vm.prank(ADMIN);
        router.addRoute(FIRST, other);
        assertRoute(FIRST, verifier, true);
    }

    function test_addRoute_revertsWithNotAContract() public {
        IProofVerifier nobody = IProofVerifier(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.NotAContract.selector, nobody));
        vm.prank(ADMIN);
        router.addRoute(SECOND, nobody);
        assertRoute(SECOND, IProofVerifier(address(0)), false);
    }

    function test_freezeRoute_isForEver() public {
        vm.expectEmit(address(router));
        emit IVerifierRouter.RouteFrozenForever(FIRST, verifier, GUARDIAN);
        vm.prank(GUARDIAN);
        router.freezeRoute(FIRST);
        assertRoute(FIRST, verifier, true);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.RouteFrozen.selector, FIRST));
        router.verify(PROOF, inputs);

        vm.prank(ADMIN);
        router.freezeRoute(FIRST);
        assertRoute(FIRST, verifier, true);
    }

    function test_freezeRoute_isTheAdminsRightToo() public {
        vm.prank(ADMIN);
        router.freezeRoute(FIRST);
        assertRoute(FIRST, verifier, true);
    }

    function test_freezeRoute_revertsWithUnknownSelector() public {
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.UnknownSelector.selector, SECOND));
        vm.prank(GUARDIAN);
        router.freezeRoute(SECOND);
    }

    function test_roles_othersAreRefused(address caller) public {
        if (caller == ADMIN) return;
        bytes memory notAdmin = abi.encodeWithSelector(IVerifierRouter.NotAdmin.selector, caller, ADMIN);
        vm.expectRevert(notAdmin);
        vm.prank(caller);
        router.addRoute(SECOND, verifier);
        vm.expectRevert(notAdmin);
        vm.prank(caller);
        router.setGuardian(caller);
        vm.expectRevert(notAdmin);
        vm.prank(caller);
        router.transferAdmin(caller);
        if (caller != address(0)) {
            vm.expectRevert(
                abi.encodeWithSelector(IVerifierRouter.NotPendingAdmin.selector, caller, address(0))
            );
            vm.prank(caller);
            router.acceptAdmin();
        }
        if (caller != GUARDIAN) {
            vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.NotGuardian.selector, caller, GUARDIAN));
            vm.prank(caller);
            router.freezeRoute(FIRST);
        }
        assertRoute(FIRST, verifier, false);
        assertRoute(SECOND, IProofVerifier(address(0)), false);
        vm.assertEq(router.admin(), ADMIN);
        vm.assertEq(router.guardian(), GUARDIAN);
    }

    function test_roles_theGuardianMayNotAdd() public {
        test_roles_othersAreRefused(GUARDIAN);
    }

    function test_setGuardian_takesTheRightFromTheOneBefore() public {
        vm.expectEmit(address(router));
        emit IVerifierRouter.GuardianChanged(GUARDIAN, STRANGER);
        vm.prank(ADMIN);
        router.setGuardian(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.NotGuardian.selector, GUARDIAN, STRANGER));
        vm.prank(GUARDIAN);
        router.freezeRoute(FIRST);
        vm.prank(STRANGER);
        router.freezeRoute(FIRST);
        assertRoute(FIRST, verifier, true);
    }

    function test_transferAdmin_takesTwoSteps() public {
        vm.expectEmit(address(router));
        emit IVerifierRouter.AdminTransferStarted(ADMIN, STRANGER);
        vm.prank(ADMIN);
        router.transferAdmin(STRANGER);
        vm.assertEq(router.admin(), ADMIN);
        vm.assertEq(router.pendingAdmin(), STRANGER);

        vm.expectEmit(address(router));
        emit IVerifierRouter.AdminChanged(ADMIN, STRANGER);
        vm.prank(STRANGER);
        router.acceptAdmin();
        vm.assertEq(router.admin(), STRANGER);
        vm.assertEq(router.pendingAdmin(), address(0));
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.NotAdmin.selector, ADMIN, STRANGER));
        vm.prank(ADMIN);
        router.addRoute(SECOND, verifier);
    }

    function test_transferAdmin_isWithdrawnByTheZeroAddress() public {
        vm.prank(ADMIN);
        router.transferAdmin(STRANGER);
        vm.prank(ADMIN);
        router.transferAdmin(address(0));
        vm.expectRevert(
            abi.encodeWithSelector(IVerifierRouter.NotPendingAdmin.selector, STRANGER, address(0))
        );
        vm.prank(STRANGER);
        router.acceptAdmin();
    }

    function assertRoute(bytes4 selector, IProofVerifier expected, bool frozen) internal view {
        (IProofVerifier actual, bool isFrozen) = router.routeOf(selector);
        vm.assertEq(address(actual), address(expected));
        vm.assertEq(isFrozen, frozen);
    }
}
