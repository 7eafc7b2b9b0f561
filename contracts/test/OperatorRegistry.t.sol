// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {OperatorRegistry} from "../src/OperatorRegistry.sol";
import {IOperatorRegistry} from "../src/interfaces/IOperatorRegistry.sol";
import {Test} from "./Vm.sol";

contract OperatorRegistryTest is Test {
    uint256 internal constant MINIMUM = 3 ether;
    address internal constant ALICE = address(0xa11ce);

    OperatorRegistry internal registry;

    function setUp() public {
        registry = new OperatorRegistry(MINIMUM);
        vm.deal(ALICE, 100 ether);
    }

    function test_register_recordsTheStake() public {
        vm.expectEmit(address(registry));
        emit IOperatorRegistry.OperatorRegistered(ALICE, 4 ether);
        vm.prank(ALICE);
        registry.register{value: 4 ether}();

        vm.assertTrue(registry.isOperator(ALICE));
        vm.assertEq(registry.stakeOf(ALICE), 4 ether);
        vm.assertEq(registry.totalStake(), 4 ether);
        vm.assertEq(address(registry).balance, 4 ether);
        vm.assertEq(registry.minimumStake(), MINIMUM);
    }

    function test_register_revertsWithInsufficientStake() public {
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorRegistry.InsufficientStake.selector, MINIMUM - 1, MINIMUM)
        );
        vm.prank(ALICE);
        registry.register{value: MINIMUM - 1}();
        vm.assertFalse(registry.isOperator(ALICE));
        vm.assertEq(registry.totalStake(), 0);
    }

    function test_register_revertsWithAlreadyRegistered() public {
        vm.prank(ALICE);
        registry.register{value: MINIMUM}();
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistry.AlreadyRegistered.selector, ALICE));
        vm.prank(ALICE);
        registry.register{value: MINIMUM}();
        vm.assertEq(registry.stakeOf(ALICE), MINIMUM);
    }

    function test_register_isPossibleWithoutStakeWhenNoneIsAsked() public {
        OperatorRegistry open = new OperatorRegistry(0);
        vm.prank(ALICE);
        open.register();
        vm.assertTrue(open.isOperator(ALICE));
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistry.AlreadyRegistered.selector, ALICE));
        vm.prank(ALICE);
        open.register();
    }

    function test_isOperator_isFalseForOthers() public view {
        vm.assertFalse(registry.isOperator(ALICE));
        vm.assertEq(registry.stakeOf(ALICE), 0);
    }
}
