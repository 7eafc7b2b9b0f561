// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPausing} from "../src/interfaces/IPausing.sol";
import {IProofRounds} from "../src/interfaces/IProofRounds.sol";
import {IRoundWindows} from "../src/interfaces/IRoundWindows.sol";
import {IRollupManager} from "../src/interfaces/IRollupManager.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

contract PausingTest is SettlementFixture {
    uint64 internal constant WEEK = 50_400;
    uint64 internal constant MONTH = 216_000;
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));
    uint256 internal constant ID = 7;

    function test_pause_stopsSequencesCommitmentsAndProofs() public {
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
        bytes memory proof = proofOf(1);
        vm.expectEmit(address(settlement));
        emit IPausing.Paused(1000 + WEEK);
        pause();

        bytes memory refusal = abi.encodeWithSelector(IPausing.RollupPaused.selector, 1000, 1000 + WEEK);
        vm.expectRevert(refusal);
        vm.prank(SEQUENCER);
        settlement.sequence(2, new bytes[](1), ROOT);
        vm.expectRevert(refusal);
        commit(BOB, 1, proof);
        vm.expectRevert(refusal);
        reveal(ALICE, 1, proof, ROOT);

        vm.roll(1000 + WEEK);
        vm.expectRevert(abi.encodeWithSelector(IPausing.RollupPaused.selector, 1000 + WEEK, 1000 + WEEK));
        commit(BOB, 1, proof);
        vm.roll(1001 + WEEK);
        commit(BOB, 1, proof);
    }

    /// What is owed can be taken while nothing else goes on.
    function test_pause_doesNotHoldBackRewards() public {
        settlement.fundRewards{value: 1 ether}();
        finalise(ALICE, ROOT);
        pause();
        uint256 before = ALICE.balance;
        vm.prank(ALICE);
        settlement.claimRewards();
        vm.assertEq(ALICE.balance - before, REWARD);
    }

    /// A pause at any block of a round, of any length: the windows go on behind it with the blocks they had left.
    function testFuzz_pause_movesTheWindows(uint256 at, uint256 length, uint256 probe) public {
        at = bound(at, 0, 20);
        length = bound(length, 1, WEEK);
        submit(1, ROOT);
        bytes memory proof = proofOf(1);
        commit(ALICE, 1, proof);
        vm.roll(1000 + at);
        pause();
        if (length < WEEK) {
            vm.roll(1000 + at + length);
            vm.prank(GUARDIAN);
            manager.resume(ID);
        }
        uint256 resumed = 1000 + at + length + 1;
        probe = bound(probe, 0, 25);
        vm.roll(resumed + probe);

        // Blocks that counted since the round was opened, this one included.
        uint256 counted = at + 1 + probe;
        vm.assertEq(settlement.pausedBlocks(), length);
        IRoundWindows.Windows memory windows = settlement.windowsOf(1);
        vm.assertEq(windows.lastCommitBlock, 1000 + length + COMMIT_WINDOW);
        vm.assertEq(windows.lastRevealBlock, 1000 + length + COMMIT_WINDOW + REVEAL_WINDOW);

        bool commits = counted <= COMMIT_WINDOW || counted > COMMIT_WINDOW + REVEAL_WINDOW;
        if (!commits) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IProofRounds.CommitWindowClosed.selector, 1, block.number, windows.lastCommitBlock
                )
            );
            commit(BOB, 1, proof);
            reveal(ALICE, 1, proof, ROOT);
            vm.assertEq(settlement.state().verifiedSequence, 1);
        } else {
            commit(BOB, 1, proof);
            vm.assertEq(settlement.windowsOf(1).round, counted <= COMMIT_WINDOW ? 1 : 2);
        }
    }

    function test_pause_countsSeveralPauses() public {
        pause();
        vm.roll(1100);
        vm.prank(ADMIN);
        manager.resume(ID);
        vm.assertEq(settlement.pausedBlocks(), 100);
        vm.roll(1100 + MONTH);
        pause();
        vm.roll(1100 + MONTH + 5);
        vm.assertEq(settlement.pausedBlocks(), 105);
        vm.roll(1100 + 2 * MONTH);
        vm.assertEq(settlement.pausedBlocks(), 100 + WEEK);
    }

    function test_extendPause_byTheAdmin() public {
        pause();
        vm.expectEmit(address(settlement));
        emit IPausing.PauseExtended(1000 + MONTH);
        vm.prank(ADMIN);
        manager.extendPause(ID, 1000 + MONTH);
        vm.assertEq(settlement.pauseOf().until, 1000 + MONTH);
        vm.assertFalse(settlement.pauseOf().byGuardianAlone);

        // It is as long as it can be; and it is never made shorter.
        uint64[3] memory outside = [1001 + WEEK, 1000 + MONTH, 1001 + MONTH];
        for (uint256 i = 0; i < 3; i++) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IPausing.PauseOutOfBounds.selector, outside[i], 1001 + MONTH, 1000 + MONTH
                )
            );
            vm.prank(ADMIN);
            manager.extendPause(ID, outside[i]);
        }
    }

    function test_extendPause_isBounded() public {
        pause();
        uint64[2] memory outside = [1000 + WEEK, 1001 + MONTH];
        for (uint256 i = 0; i < 2; i++) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IPausing.PauseOutOfBounds.selector, outside[i], 1001 + WEEK, 1000 + MONTH
                )
            );
            vm.prank(ADMIN);
            manager.extendPause(ID, outside[i]);
        }
    }

    /// Blocks of a pause cannot be made to count afterwards, so that windows would have passed.
    function test_attack_shortenAPauseBehindItsBlocks() public {
        pause();
        vm.prank(ADMIN);
        manager.extendPause(ID, 1000 + MONTH);
        vm.roll(1000 + 2 * WEEK);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPausing.PauseOutOfBounds.selector, 1001 + WEEK, 1001 + MONTH, 1000 + MONTH
            )
        );
        vm.prank(ADMIN);
        manager.extendPause(ID, 1001 + WEEK);
        vm.assertEq(settlement.pausedBlocks(), 2 * WEEK);
    }

    function test_extendPauseAndResume_revertWithNotPaused() public {
        bytes memory refusal = abi.encodeWithSelector(IPausing.NotPaused.selector);
        vm.expectRevert(refusal);
        vm.prank(ADMIN);
        manager.extendPause(ID, 1000 + MONTH);
        vm.expectRevert(refusal);
        vm.prank(ADMIN);
        manager.resume(ID);
    }

    function test_resume_ofAProlongedPauseIsTheAdmins() public {
        pause();
        vm.prank(ADMIN);
        manager.extendPause(ID, 1000 + MONTH);
        vm.expectRevert(abi.encodeWithSelector(IRollupManager.PauseProlonged.selector, ID));
        vm.prank(GUARDIAN);
        manager.resume(ID);
        vm.roll(1010);
        vm.expectEmit(address(settlement));
        emit IPausing.Resumed();
        vm.prank(ADMIN);
        manager.resume(ID);
        vm.roll(1011);
        submit(1, ROOT);
    }

    function test_waiveCooldown_letsTheGuardianPauseAgain() public {
        pause();
        vm.roll(1001 + WEEK);
        vm.expectEmit(address(settlement));
        emit IPausing.CooldownWaived();
        vm.prank(ADMIN);
        manager.waiveCooldown(ID);
        vm.assertEq(settlement.pausedBlocks(), WEEK);
        vm.assertFalse(settlement.pauseOf().byGuardianAlone);
        pause();
        vm.assertEq(settlement.pausedBlocks(), WEEK);
        vm.roll(1002 + WEEK);
        vm.assertEq(settlement.pausedBlocks(), WEEK + 1);
    }

    function test_waiveCooldown_revertsWithRollupPaused() public {
        pause();
        vm.expectRevert(abi.encodeWithSelector(IPausing.RollupPaused.selector, 1000, 1000 + WEEK));
        vm.prank(ADMIN);
        manager.waiveCooldown(ID);
    }

    function test_settlement_isPausedByItsManagerOnly() public {
        bytes memory refusal =
            abi.encodeWithSelector(IPausing.NotManager.selector, GUARDIAN, address(manager));
        bytes[5] memory calls = [
            abi.encodeCall(IPausing.pause, ()),
            abi.encodeCall(IPausing.extendPause, (1)),
            abi.encodeCall(IPausing.resume, ()),
            abi.encodeCall(IPausing.waiveCooldown, ()),
            abi.encodeCall(IPausing.beginEpoch, ())
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            vm.prank(GUARDIAN);
            (bool done, bytes memory reason) = address(settlement).call(calls[i]);
            vm.assertFalse(done);
            vm.assertEq(keccak256(reason), keccak256(refusal));
        }
    }

    /// However a guardian times its pauses, a rollup is running for 30 days between two of them.
    function test_attack_guardianPausesForEver() public {
        pause();
        vm.expectRevert(abi.encodeWithSelector(IPausing.RollupPaused.selector, 1000, 1000 + WEEK));
        pause();
        uint256 earliest = 1000 + WEEK + MONTH;
        uint256[3] memory blocks = [uint256(1001 + WEEK), 1000 + 2 * WEEK, earliest - 1];
        for (uint256 i = 0; i < blocks.length; i++) {
            vm.roll(blocks[i]);
            vm.expectRevert(abi.encodeWithSelector(IPausing.PauseCooldown.selector, blocks[i], earliest));
            pause();
            submit(1, ROOT);
        }
        vm.roll(earliest);
        pause();
    }

    /// Ending a pause early and ordering the next one does not help either.
    function test_attack_guardianRenewsByResuming() public {
        pause();
        vm.roll(1500);
        vm.prank(GUARDIAN);
        manager.resume(ID);
        vm.expectRevert(abi.encodeWithSelector(IPausing.RollupPaused.selector, 1500, 1500));
        pause();
        vm.roll(1501);
        vm.expectRevert(abi.encodeWithSelector(IPausing.PauseCooldown.selector, 1501, 1500 + MONTH));
        pause();
    }

    /// Commitments of the last block before a pause cannot be followed by proofs in that block's place behind it.
    function test_attack_commitAndRevealAroundAPause() public {
        submit(1, ROOT);
        bytes memory proof = proofOf(1);
        commit(ALICE, 1, proof);
        vm.roll(1000 + COMMIT_WINDOW);
        commit(BOB, 1, proof);
        pause();
        vm.roll(1000 + COMMIT_WINDOW + WEEK + 1);
        // The first block behind the pause is the first one of the reveal window.
        vm.assertEq(settlement.windowsOf(1).firstRevealBlock, block.number);
        reveal(ALICE, 1, proof, ROOT);
    }

    /// Any walk of pauses: the blocks that counted and those that did not are all blocks.
    function testFuzz_pausedBlocks_areThoseThatRefused(uint256 seed) public {
        uint256 refused;
        uint64 start = uint64(block.number);
        for (uint256 i = 0; i < 40; i++) {
            seed = uint256(keccak256(abi.encode(seed)));
            if (seed % 3 == 0) tryAs(GUARDIAN, abi.encodeCall(IRollupManager.pause, (ID)));
            if (seed % 5 == 0) tryAs(ADMIN, abi.encodeCall(IRollupManager.resume, (ID)));
            if (seed % 7 == 0) tryAs(ADMIN, abi.encodeCall(IRollupManager.waiveCooldown, (ID)));
            vm.roll(block.number + 1);
            if (block.number <= settlement.pauseOf().until) refused++;
            vm.assertEq(settlement.pausedBlocks(), refused);
        }
        vm.assertEq(block.number, start + 40);
    }

    function pause() private {
        vm.prank(GUARDIAN);
        manager.pause(ID);
    }

    function tryAs(address caller, bytes memory call) private {
        vm.prank(caller);
        (bool done,) = address(manager).call(call);
        // Whether it is allowed is for other tests to say.
        done;
    }
}
