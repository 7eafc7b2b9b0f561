// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {IPausing} from "../src/interfaces/IPausing.sol";
import {RollupManager} from "../src/manager/RollupManager.sol";
import {SettlementFixture} from "./SettlementFixture.sol";
import {Test} from "./Vm.sol";

/// @notice Guardian and administrator at random, without waivers; counts by itself the blocks that were paused
contract PausingHandler is Test {
    uint256 internal constant ID = 7;

    ISettlement internal immutable settlement;
    RollupManager internal immutable manager;
    address internal immutable guardian;
    address internal immutable admin;

    uint256 public pausedBlocks;
    /// Blocks in which the rollup was running since the last pause of any kind, and the least of them before a new one
    uint256 public running = type(uint128).max;
    uint256 public leastRunning = type(uint128).max;
    /// Blocks of the pause that is under way, and the most that one took which the administrator did not prolong
    uint256 public length;
    uint256 public longestOfGuardian;
    bool internal prolonged;

    constructor(ISettlement settlement_, RollupManager manager_, address guardian_, address admin_) {
        settlement = settlement_;
        manager = manager_;
        guardian = guardian_;
        admin = admin_;
    }

    function pause() external {
        vm.prank(guardian);
        try manager.pause(ID) {
            if (running < leastRunning) leastRunning = running;
            (length, running, prolonged) = (0, 0, false);
        } catch {}
    }

    function extend(uint256 until) external {
        IPausing.Pause memory last = settlement.pauseOf();
        vm.prank(admin);
        try manager.extendPause(ID, uint64(last.since + bound(until, 0, 250_000))) {
            prolonged = true;
        } catch {}
    }

    function resume(bool byAdmin) external {
        vm.prank(byAdmin ? admin : guardian);
        try manager.resume(ID) {} catch {}
    }

    /// Some blocks, or very many, or just to the end of what is under way
    function passBlocks(uint256 count, uint256 kind) external {
        IPausing.Pause memory last = settlement.pauseOf();
        uint256 from = block.number;
        uint256 to = from + bound(count, 1, kind % 3 == 0 ? 100 : 120_000);
        if (kind % 3 == 1 && last.until > from) to = last.until + kind % 2;
        uint256 paused = last.until > from ? (last.until < to ? last.until : to) - from : 0;
        pausedBlocks += paused;
        length += paused;
        running += to - from - paused;
        if (!prolonged && length > longestOfGuardian) longestOfGuardian = length;
        vm.roll(to);
    }
}

contract PausingInvariantTest is SettlementFixture {
    PausingHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new PausingHandler(settlement, manager, GUARDIAN, ADMIN);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_pausedBlocksAreAllThatWerePaused() external view {
        vm.assertEq(settlement.pausedBlocks(), handler.pausedBlocks());
    }

    function invariant_aGuardianAloneIsBounded() external view {
        vm.assertLe(handler.longestOfGuardian(), 50_400);
        vm.assertGe(handler.leastRunning(), 216_000);
    }

    function invariant_pausesEnd() external view {
        IPausing.Pause memory last = settlement.pauseOf();
        vm.assertFalse(last.halted);
        vm.assertLe(last.until, last.since + 216_000);
    }
}
