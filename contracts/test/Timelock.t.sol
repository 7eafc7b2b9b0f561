// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITimelock} from "../src/interfaces/ITimelock.sol";
import {Timelock} from "../src/manager/Timelock.sol";
import {Test} from "./Vm.sol";

/// @notice What is called: counts its calls, refuses 13, and calls back when it is told to
contract Target {
    uint256 public calls;
    bytes private _callback;

    error Refused(uint256 value);

    function call(uint256 value) external {
        if (value == 13) revert Refused(value);
        calls++;
        if (_callback.length == 0) return;
        (bool done,) = msg.sender.call(_callback);
        require(!done, "called back");
    }

    function setCallback(bytes calldata callback) external {
        _callback = callback;
    }
}

contract TimelockTest is Test {
    address internal constant ADMIN = address(0xad);
    address internal constant STRANGER = address(0x57a);
    uint256 internal constant DELAY = 8 days;

    Timelock internal timelock;
    Target internal target;
    bytes internal data = abi.encodeCall(Target.call, (1));

    function setUp() public {
        vm.warp(1_000_000);
        timelock = new Timelock(ADMIN, DELAY);
        target = new Target();
    }

    function test_constructor_revertsWithDelayOutOfBounds() public {
        for (uint256 i = 0; i < 2; i++) {
            uint256 delay = i == 0 ? 7 days - 1 : 90 days + 1;
            vm.expectRevert(
                abi.encodeWithSelector(ITimelock.DelayOutOfBounds.selector, delay, 7 days, 90 days)
            );
            new Timelock(ADMIN, delay);
        }
        new Timelock(ADMIN, 7 days);
        new Timelock(ADMIN, 90 days);
    }

    function test_constructor_revertsWithInvalidAddress() public {
        vm.expectRevert(abi.encodeWithSelector(ITimelock.InvalidAddress.selector, "admin", address(0)));
        new Timelock(address(0), DELAY);
    }

    function test_execute_makesAnAnnouncedCallOnce() public {
        bytes32 id = keccak256(abi.encode(address(target), data, bytes32(0)));
        uint256 readyAt = block.timestamp + DELAY;
        vm.expectEmit(address(timelock));
        emit ITimelock.OperationAnnounced(id, address(target), data, 0, readyAt, readyAt + 21 days);
        vm.assertEq(announce(), id);
        (uint256 ready, uint256 expires) = timelock.operationOf(id);
        vm.assertEq(ready, readyAt);
        vm.assertEq(expires, readyAt + 21 days);

        vm.warp(readyAt);
        vm.expectEmit(address(timelock));
        emit ITimelock.OperationExecuted(id, address(target));
        execute();
        vm.assertEq(target.calls(), 1);
        (ready, expires) = timelock.operationOf(id);
        vm.assertEq(ready + expires, 0);

        vm.expectRevert(abi.encodeWithSelector(ITimelock.UnknownOperation.selector, id));
        execute();
    }

    function testFuzz_execute_onlyBetweenDelayAndExpiry(uint256 after_) public {
        after_ = bound(after_, 0, DELAY + 30 days);
        bytes32 id = announce();
        uint256 readyAt = block.timestamp + DELAY;
        vm.warp(block.timestamp + after_);
        if (after_ < DELAY) {
            vm.expectRevert(
                abi.encodeWithSelector(ITimelock.OperationNotReady.selector, id, block.timestamp, readyAt)
            );
        } else if (after_ > DELAY + 21 days) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ITimelock.OperationExpired.selector, id, block.timestamp, readyAt + 21 days
                )
            );
        }
        execute();
        vm.assertEq(target.calls(), after_ >= DELAY && after_ <= DELAY + 21 days ? 1 : 0);
    }

    function test_execute_revertsWithOperationFailed_andTheAnnouncementStands() public {
        data = abi.encodeCall(Target.call, (13));
        bytes32 id = announce();
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITimelock.OperationFailed.selector, id, abi.encodeWithSelector(Target.Refused.selector, 13)
            )
        );
        execute();
        (uint256 readyAt,) = timelock.operationOf(id);
        vm.assertEq(readyAt, block.timestamp);
    }

    function test_announce_onceUntilItExpires() public {
        bytes32 id = announce();
        vm.warp(block.timestamp + DELAY + 21 days);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.AlreadyAnnounced.selector, id));
        announce();
        vm.warp(block.timestamp + 1);
        announce();
        (uint256 readyAt,) = timelock.operationOf(id);
        vm.assertEq(readyAt, block.timestamp + DELAY);
    }

    function test_announce_revertsWithInvalidAddress_withoutCode() public {
        vm.expectRevert(abi.encodeWithSelector(ITimelock.InvalidAddress.selector, "target", STRANGER));
        vm.prank(ADMIN);
        timelock.announce(STRANGER, data, 0);
    }

    function test_cancel_takesItBack() public {
        bytes32 id = announce();
        vm.expectEmit(address(timelock));
        emit ITimelock.OperationCancelled(id);
        vm.prank(ADMIN);
        timelock.cancel(id);

        bytes memory unknown = abi.encodeWithSelector(ITimelock.UnknownOperation.selector, id);
        vm.warp(block.timestamp + DELAY);
        vm.expectRevert(unknown);
        execute();
        vm.expectRevert(unknown);
        vm.prank(ADMIN);
        timelock.cancel(id);
    }

    function test_others_revertWithNotAdmin() public {
        bytes32 id = announce();
        vm.warp(block.timestamp + DELAY);
        bytes memory refusal = abi.encodeWithSelector(ITimelock.NotAdmin.selector, STRANGER, ADMIN);
        vm.expectRevert(refusal);
        vm.prank(STRANGER);
        timelock.announce(address(target), data, bytes32(uint256(1)));
        vm.expectRevert(refusal);
        vm.prank(STRANGER);
        timelock.execute(address(target), data, 0);
        vm.expectRevert(refusal);
        vm.prank(STRANGER);
        timelock.cancel(id);
    }

    function test_setDelay_holdsForLaterAnnouncements() public {
        data = abi.encodeCall(ITimelock.setDelay, (30 days));
        bytes32 earlier = announce();
        vm.warp(block.timestamp + 1 days);
        bytes memory other = abi.encodeCall(Target.call, (1));
        vm.prank(ADMIN);
        bytes32 before = timelock.announce(address(target), other, 0);
        uint256 readyBefore = block.timestamp + DELAY;

        vm.warp(block.timestamp + 7 days);
        vm.prank(ADMIN);
        timelock.execute(address(timelock), data, 0);
        vm.assertEq(timelock.delay(), 30 days);
        (uint256 readyAt,) = timelock.operationOf(before);
        vm.assertEq(readyAt, readyBefore);
        (readyAt,) = timelock.operationOf(earlier);
        vm.assertEq(readyAt, 0);
        vm.prank(ADMIN);
        bytes32 later = timelock.announce(address(target), other, bytes32(uint256(1)));
        (readyAt,) = timelock.operationOf(later);
        vm.assertEq(readyAt, block.timestamp + 30 days);
    }

    function test_setAdmin_handsOver() public {
        bytes memory call = abi.encodeCall(ITimelock.setAdmin, (STRANGER));
        vm.prank(ADMIN);
        timelock.announce(address(timelock), call, 0);
        vm.warp(block.timestamp + DELAY);
        vm.prank(ADMIN);
        timelock.execute(address(timelock), call, 0);
        vm.assertEq(timelock.admin(), STRANGER);

        vm.expectRevert(abi.encodeWithSelector(ITimelock.NotAdmin.selector, ADMIN, STRANGER));
        announce();
    }

    /// The administrator cannot shorten the delay, or hand it on, at once.
    function test_attack_adminSkipsTheDelay() public {
        vm.expectRevert(abi.encodeWithSelector(ITimelock.NotAnnounced.selector, ADMIN));
        vm.prank(ADMIN);
        timelock.setDelay(7 days);
        vm.expectRevert(abi.encodeWithSelector(ITimelock.NotAnnounced.selector, ADMIN));
        vm.prank(ADMIN);
        timelock.setAdmin(STRANGER);
    }

    /// A target that calls back finds its own announcement gone.
    function test_attack_reentrancyOnExecute() public {
        Timelock own = new Timelock(address(target), DELAY);
        // The target is the administrator here, so that only the missing announcement can stop it.
        vm.prank(address(target));
        own.announce(address(target), data, 0);
        vm.warp(block.timestamp + DELAY);
        target.setCallback(abi.encodeCall(ITimelock.execute, (address(target), data, 0)));
        vm.prank(address(target));
        own.execute(address(target), data, 0);
        vm.assertEq(target.calls(), 1);
    }

    function announce() private returns (bytes32) {
        address to = data.length > 4 && bytes4(data) == ITimelock.setDelay.selector
            ? address(timelock)
            : address(target);
        vm.prank(ADMIN);
        return timelock.announce(to, data, 0);
    }

    function execute() private {
        vm.prank(ADMIN);
        timelock.execute(address(target), data, 0);
    }
}
