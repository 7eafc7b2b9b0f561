// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Bridge} from "../src/Bridge.sol";
import {BridgeHandler} from "./BridgeHandler.sol";
import {Test} from "./Vm.sol";

contract BridgeInvariantTest is Test {
    BridgeHandler private handler;
    Bridge private bridge;

    function setUp() public {
        handler = new BridgeHandler();
        bridge = handler.target();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_moneyIsConserved() external view {
        uint256 held = handler.free() + handler.queued() + handler.owed();
        vm.assertEq(address(bridge).balance, held * 1 gwei);
        vm.assertEq(handler.entered(), held + handler.paid());
        vm.assertEq(bridge.available(), handler.free() * 1 gwei);
    }

    function invariant_neverPaysMoreThanCameIn() external view {
        vm.assertLe(handler.paid(), handler.entered());
    }

    function invariant_theInboxIsTakenInOrder() external view {
        vm.assertEq(bridge.depositCount(), handler.made());
        vm.assertEq(bridge.consumedCount(), handler.taken());
        vm.assertLe(bridge.consumedCount(), bridge.depositCount());
    }
}
