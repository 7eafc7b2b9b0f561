// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Administered} from "../src/Administered.sol";
import {OperatorRegistry} from "../src/OperatorRegistry.sol";
import {IOperatorRegistry} from "../src/interfaces/IOperatorRegistry.sol";
import {Test} from "./Vm.sol";

contract OperatorRegistryTest is Test {
    uint256 internal constant MINIMUM = 3 ether;
    uint64 internal constant DELAY = 100;
    address internal constant ADMIN = address(0xad);
    address internal constant TREASURY = address(0x74ea);
    address internal constant ALICE = address(0xa11ce);
    address internal constant SETTLEMENT = address(0x5e7);
    address internal constant OTHER = address(0x07e);

    OperatorRegistry internal registry;

    function setUp() public {
        registry = new OperatorRegistry(MINIMUM, DELAY, ADMIN, TREASURY);
        vm.deal(ALICE, 100 ether);
        enable(SETTLEMENT, true);
        vm.roll(1000);
    }

    function test_constructor_revertsWithInvalidRegistryConfig() public {
        expectInvalid("minimumStake");
        new OperatorRegistry(0, DELAY, ADMIN, TREASURY);
        expectInvalid("unbondingBlocks");
        new OperatorRegistry(MINIMUM, 0, ADMIN, TREASURY);
        expectInvalid("admin");
        new OperatorRegistry(MINIMUM, DELAY, address(0), TREASURY);
        expectInvalid("treasury");
        new OperatorRegistry(MINIMUM, DELAY, ADMIN, address(0));
    }

    function test_register_recordsTheStake() public {
        vm.expectEmit(address(registry));
        emit IOperatorRegistry.OperatorRegistered(ALICE, 4 ether);
        register(4 ether);

        vm.assertTrue(registry.isOperator(ALICE));
        assertStake(4 ether, 0, 0);
        vm.assertEq(registry.minimumStake(), MINIMUM);
        vm.assertEq(registry.unbondingBlocks(), DELAY);
        vm.assertEq(registry.treasury(), TREASURY);
        vm.assertEq(registry.admin(), ADMIN);
    }

    function test_register_revertsWithInsufficientStake() public {
        expect(abi.encodeWithSelector(IOperatorRegistry.InsufficientStake.selector, MINIMUM - 1, MINIMUM));
        register(MINIMUM - 1);
        vm.assertFalse(registry.isOperator(ALICE));
        vm.assertEq(registry.totalStake(), 0);
    }

    function test_register_revertsWithAlreadyRegistered() public {
        register(MINIMUM);
        bytes memory refusal = abi.encodeWithSelector(IOperatorRegistry.AlreadyRegistered.selector, ALICE);
        expect(refusal);
        register(MINIMUM);
        assertStake(MINIMUM, 0, 0);
        // One that has left comes back with addStake.
        unbond(MINIMUM);
        expect(refusal);
        register(MINIMUM);
    }

    function test_addStake_raisesTheStake() public {
        register(MINIMUM);
        vm.expectEmit(address(registry));
        emit IOperatorRegistry.StakeAdded(ALICE, 1, MINIMUM + 1);
        addStake(1);
        assertStake(MINIMUM + 1, 0, 0);
    }

    function test_addStake_reverts() public {
        expect(abi.encodeWithSelector(IOperatorRegistry.NotRegistered.selector, ALICE));
        addStake(MINIMUM);
        register(MINIMUM);
        expect(abi.encodeWithSelector(IOperatorRegistry.ZeroAmount.selector));
        addStake(0);
    }

    function test_isOperator_endsBelowTheMinimum() public {
        register(MINIMUM + 1 ether);
        lock(SETTLEMENT, 2 ether);
        slash(SETTLEMENT, 1 ether, 1 ether);
        vm.assertTrue(registry.isOperator(ALICE));
        slash(SETTLEMENT, 1 ether, 1);
        vm.assertFalse(registry.isOperator(ALICE));
        vm.assertEq(registry.stakeOf(ALICE), MINIMUM - 1);
        addStake(1);
        vm.assertTrue(registry.isOperator(ALICE));
        unbond(1);
        vm.assertFalse(registry.isOperator(ALICE));
        vm.assertFalse(registry.isOperator(OTHER));
    }

    function test_withdraw_paysAfterTheDelay() public {
        register(5 ether);
        vm.expectEmit(address(registry));
        emit IOperatorRegistry.UnbondRequested(ALICE, 2 ether, 1100);
        unbond(2 ether);
        assertStake(3 ether, 2 ether, 0);

        vm.roll(1099);
        expect(abi.encodeWithSelector(IOperatorRegistry.StillUnbonding.selector, ALICE, 1099, 1100));
        withdraw();
        vm.roll(1100);
        vm.expectEmit(address(registry));
        emit IOperatorRegistry.StakeWithdrawn(ALICE, 2 ether);
        vm.assertEq(withdraw(), 2 ether);
        vm.assertEq(ALICE.balance, 97 ether);
        assertStake(3 ether, 0, 0);
        expect(abi.encodeWithSelector(IOperatorRegistry.NothingToWithdraw.selector, ALICE));
        withdraw();
    }

    function test_requestUnbond_startsAgainWithMore() public {
        register(5 ether);
        unbond(1 ether);
        vm.roll(1060);
        unbond(1 ether);
        vm.roll(1159);
        expect(abi.encodeWithSelector(IOperatorRegistry.StillUnbonding.selector, ALICE, 1159, 1160));
        withdraw();
        vm.roll(1160);
        vm.assertEq(withdraw(), 2 ether);
    }

    function test_requestUnbond_reverts() public {
        register(5 ether);
        expect(abi.encodeWithSelector(IOperatorRegistry.ZeroAmount.selector));
        unbond(0);
        lock(SETTLEMENT, 2 ether);
        expectNotFree(3 ether, 3 ether + 1);
        unbond(3 ether + 1);
        unbond(3 ether);
        expectNotFree(0, 1);
        unbond(1);
    }

    function test_withdraw_revertsWithPaymentRefused() public {
        Refuser refuser = new Refuser();
        vm.deal(address(refuser), MINIMUM);
        vm.prank(address(refuser));
        registry.register{value: MINIMUM}();
        vm.prank(address(refuser));
        registry.requestUnbond(MINIMUM);
        vm.roll(1100);
        expect(abi.encodeWithSelector(IOperatorRegistry.PaymentRefused.selector, address(refuser), MINIMUM));
        vm.prank(address(refuser));
        registry.withdraw();
        vm.assertEq(registry.totalStake(), MINIMUM);
    }

    function test_setEnabled_isForTheAdministrator() public {
        expect(abi.encodeWithSelector(Administered.NotAdmin.selector, address(this), ADMIN));
        registry.setEnabled(OTHER, true);
        vm.expectEmit(address(registry));
        emit IOperatorRegistry.SettlementEnabled(OTHER, true);
        enable(OTHER, true);
        vm.assertTrue(registry.isEnabled(OTHER));
        vm.assertFalse(registry.isEnabled(ALICE));
    }

    function test_lock_isForEnabledSettlements() public {
        register(5 ether);
        expect(abi.encodeWithSelector(IOperatorRegistry.SettlementNotEnabled.selector, OTHER));
        vm.prank(OTHER);
        registry.lock(ALICE, 1);
        expect(abi.encodeWithSelector(IOperatorRegistry.SettlementNotEnabled.selector, OTHER));
        vm.prank(OTHER);
        registry.slash(ALICE, 0, 1);
        vm.assertEq(registry.stakeOf(ALICE), 5 ether);
    }

    function test_lock_keepsBooksForEachSettlement() public {
        register(5 ether);
        enable(OTHER, true);
        vm.prank(SETTLEMENT);
        vm.assertEq(registry.lock(ALICE, 2 ether), 5 ether);
        lock(OTHER, 3 ether);
        vm.assertEq(registry.lockedOf(ALICE), 5 ether);
        vm.assertEq(registry.lockedBy(SETTLEMENT, ALICE), 2 ether);
        expectNotFree(0, 1);
        lock(OTHER, 1);

        expect(abi.encodeWithSelector(IOperatorRegistry.LockExceeded.selector, ALICE, 2 ether, 2 ether + 1));
        unlock(SETTLEMENT, 2 ether + 1);
        expect(abi.encodeWithSelector(IOperatorRegistry.LockExceeded.selector, ALICE, 2 ether, 2 ether + 1));
        slash(SETTLEMENT, 2 ether + 1, 0);
        unlock(SETTLEMENT, 2 ether);
        vm.assertEq(registry.lockedOf(ALICE), 3 ether);
    }

    function test_slash_takesStakeAway() public {
        register(5 ether);
        lock(SETTLEMENT, 2 ether);
        vm.expectEmit(address(registry));
        emit IOperatorRegistry.StakeSlashed(ALICE, SETTLEMENT, 1 ether);
        slash(SETTLEMENT, 2 ether, 1 ether);
        assertStake(4 ether, 0, 1 ether);
        vm.assertEq(registry.lockedOf(ALICE), 0);

        vm.expectEmit(address(registry));
        emit IOperatorRegistry.SlashedStakeSent(1 ether);
        vm.assertEq(registry.sendSlashed(), 1 ether);
        vm.assertEq(TREASURY.balance, 1 ether);
        assertStake(4 ether, 0, 0);
        expect(abi.encodeWithSelector(IOperatorRegistry.NothingToWithdraw.selector, TREASURY));
        registry.sendSlashed();
    }

    function test_slash_takesFromWhatIsUnbonding() public {
        register(5 ether);
        unbond(4 ether);
        vm.prank(SETTLEMENT);
        vm.assertEq(registry.slash(ALICE, 0, 3 ether), 3 ether);
        assertStake(0, 2 ether, 3 ether);
        vm.roll(1100);
        vm.assertEq(withdraw(), 2 ether);
    }

    function test_slash_takesNoMoreThanThereIs() public {
        register(5 ether);
        unbond(1 ether);
        vm.prank(SETTLEMENT);
        vm.assertEq(registry.slash(ALICE, 0, type(uint256).max), 5 ether);
        assertStake(0, 0, 5 ether);
        vm.roll(1100);
        expect(abi.encodeWithSelector(IOperatorRegistry.NothingToWithdraw.selector, ALICE));
        withdraw();
    }

    /// One settlement may take what another has locked; the other's lock then finds less, and nothing else breaks.
    function test_slash_belowTheLocksOfAnother() public {
        register(5 ether);
        enable(OTHER, true);
        lock(OTHER, 4 ether);
        slash(SETTLEMENT, 0, 3 ether);
        expectNotFree(0, 1);
        unbond(1);
        vm.prank(OTHER);
        vm.assertEq(registry.slash(ALICE, 4 ether, 4 ether), 2 ether);
        assertStake(0, 0, 5 ether);
        vm.assertEq(registry.lockedOf(ALICE), 0);
    }

    function test_slash_byADisabledSettlementReachesItsLocksOnly() public {
        register(5 ether);
        lock(SETTLEMENT, 2 ether);
        enable(SETTLEMENT, false);
        bytes memory refusal =
            abi.encodeWithSelector(IOperatorRegistry.SettlementNotEnabled.selector, SETTLEMENT);
        expect(refusal);
        lock(SETTLEMENT, 1);
        expect(refusal);
        slash(SETTLEMENT, 1 ether, 1 ether + 1);
        slash(SETTLEMENT, 1 ether, 1 ether);
        unlock(SETTLEMENT, 1 ether);
        assertStake(4 ether, 0, 1 ether);
        vm.assertEq(registry.lockedOf(ALICE), 0);
    }

    /// The penalty was booked before: a treasury that refuses it saves nobody.
    function test_sendSlashed_revertsWithPaymentRefused() public {
        Refuser refuser = new Refuser();
        registry = new OperatorRegistry(MINIMUM, DELAY, ADMIN, address(refuser));
        enable(SETTLEMENT, true);
        register(MINIMUM);
        slash(SETTLEMENT, 0, 1 ether);
        expect(abi.encodeWithSelector(IOperatorRegistry.PaymentRefused.selector, address(refuser), 1 ether));
        registry.sendSlashed();
        assertStake(MINIMUM - 1 ether, 0, 1 ether);
    }

    /// However an operator splits its stake, a slash and a withdrawal together never make more or less of it.
    function testFuzz_slash_conserves(uint256 stake, uint256 out, uint256 locked, uint256 amount) public {
        stake = bound(stake, MINIMUM, 50 ether);
        out = bound(out, 0, stake);
        locked = bound(locked, 0, stake - out);
        amount = bound(amount, 0, 60 ether);
        register(stake);
        lock(SETTLEMENT, locked);
        if (out != 0) unbond(out);
        vm.prank(SETTLEMENT);
        uint256 taken = registry.slash(ALICE, locked, amount);
        vm.assertEq(taken, amount < stake ? amount : stake);
        vm.assertEq(registry.totalStake(), stake - taken);
        uint256 left = taken > stake - out ? stake - taken : out;
        vm.roll(1100);
        if (left == 0) expect(abi.encodeWithSelector(IOperatorRegistry.NothingToWithdraw.selector, ALICE));
        vm.assertEq(withdraw(), left);
        vm.assertEq(address(registry).balance, registry.totalStake() + registry.slashedStake());
        vm.assertEq(ALICE.balance, 100 ether - stake + left);
    }

    function register(uint256 stake) private {
        vm.prank(ALICE);
        registry.register{value: stake}();
    }

    function addStake(uint256 amount) private {
        vm.prank(ALICE);
        registry.addStake{value: amount}();
    }

    function unbond(uint256 amount) private {
        vm.prank(ALICE);
        registry.requestUnbond(amount);
    }

    function withdraw() private returns (uint256) {
        vm.prank(ALICE);
        return registry.withdraw();
    }

    function enable(address settlement, bool enabled) private {
        vm.prank(ADMIN);
        registry.setEnabled(settlement, enabled);
    }

    function lock(address settlement, uint256 amount) private {
        vm.prank(settlement);
        registry.lock(ALICE, amount);
    }

    function unlock(address settlement, uint256 amount) private {
        vm.prank(settlement);
        registry.unlock(ALICE, amount);
    }

    function slash(address settlement, uint256 released, uint256 amount) private {
        vm.prank(settlement);
        registry.slash(ALICE, released, amount);
    }

    /// What Alice, the only operator, has, and what was taken and not sent.
    function assertStake(uint256 stake, uint256 unbonding, uint256 slashed) private view {
        (uint256 amount,) = registry.unbondingOf(ALICE);
        vm.assertEq(registry.stakeOf(ALICE), stake);
        vm.assertEq(amount, unbonding);
        vm.assertEq(registry.totalStake(), stake + unbonding);
        vm.assertEq(registry.slashedStake(), slashed);
        vm.assertEq(address(registry).balance, stake + unbonding + slashed);
    }

    function expect(bytes memory refusal) private {
        vm.expectRevert(refusal);
    }

    function expectInvalid(string memory field) private {
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistry.InvalidRegistryConfig.selector, field));
    }

    function expectNotFree(uint256 free, uint256 required) private {
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorRegistry.InsufficientFreeStake.selector, ALICE, free, required)
        );
    }
}

/// @notice An account that takes no payment
contract Refuser {
    receive() external payable {
        revert("refused");
    }
}
