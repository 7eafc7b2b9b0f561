// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofRounds} from "../src/interfaces/IProofRounds.sol";
import {IRoundWindows} from "../src/interfaces/IRoundWindows.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

contract SettlementFuzzTest is SettlementFixture {
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));

    /// Windows of any length, and any number of blocks after the round was opened: a commitment is taken, or
    /// opens the next round, or is refused, exactly as the rule says. `offset` is fuzzed around the two edges.
    function testFuzz_commitProof_atAnyBlock(uint32 t1, uint32 t2, uint256 edge, uint256 offset) public {
        uint256 opened = openRound(t1, t2);
        uint256 after_ = aroundAnEdge(
            settlement.windowLengths().commitWindow, settlement.windowLengths().revealWindow, edge, offset
        );
        uint256 t1_ = settlement.windowLengths().commitWindow;
        uint256 total = t1_ + settlement.windowLengths().revealWindow;
        vm.roll(opened + after_);

        bool refused = after_ > t1_ && after_ <= total;
        if (refused) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IProofRounds.CommitWindowClosed.selector, 1, opened + after_, opened + t1_
                )
            );
        }
        vm.prank(BOB);
        settlement.commitProof(1, bytes32(uint256(2)));

        IRoundWindows.Windows memory windows = settlement.windowsOf(1);
        bool reopened = after_ > total;
        vm.assertEq(windows.round, reopened ? 2 : 1);
        vm.assertEq(windows.openedAt, reopened ? opened + after_ : opened);
        vm.assertEq(settlement.commitmentOf(1, BOB).proofHash != 0, !refused);
        vm.assertEq(settlement.commitmentOf(1, ALICE).proofHash != 0, !reopened);
    }

    function testFuzz_revealProof_atAnyBlock(uint32 t1, uint32 t2, uint256 edge, uint256 offset) public {
        uint256 opened = openRound(t1, t2);
        uint256 after_ = aroundAnEdge(
            settlement.windowLengths().commitWindow, settlement.windowLengths().revealWindow, edge, offset
        );
        uint256 t1_ = settlement.windowLengths().commitWindow;
        uint256 total = t1_ + settlement.windowLengths().revealWindow;
        bytes memory proof = proofOf(1);
        vm.roll(opened + after_);

        if (after_ <= t1_) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IProofRounds.RevealWindowNotOpen.selector, 1, opened + after_, opened + t1_ + 1
                )
            );
        } else if (after_ > total) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IProofRounds.RevealWindowClosed.selector, 1, opened + after_, opened + total
                )
            );
        }
        reveal(ALICE, 1, proof, ROOT);
        vm.assertEq(settlement.state().verifiedSequence, after_ > t1_ && after_ <= total ? 1 : 0);
    }

    /// The data hash after any batches, against SHA-256 called directly on bytes put together one by one.
    function testFuzz_sequence_dataHash(bytes[] memory first, bytes[] memory second) public {
        bytes32 expected = submitAndExpect(first, 0);
        vm.assertEq(settlement.state().lastDataHash, expected);
        expected = submitAndExpect(second, expected);
        vm.assertEq(settlement.state().lastDataHash, expected);
        vm.assertEq(settlement.sequenceOf(2).prevDataHash, settlement.sequenceOf(1).newDataHash);
        vm.assertEq(settlement.state().lastBatch, count(first) + count(second));
        vm.assertTrue(uint256(expected) < FIELD_MODULUS);
    }

    /// A sequence is taken with the one number that comes next; with any other, nothing changes.
    function testFuzz_sequence_firstBatch(uint8 before, uint64 given) public {
        uint64 expected = before == 0 ? 1 : submit(before, ROOT) + before;
        ISequences.State memory state = settlement.state();
        // Near the right number half of the time, where an error by one would be.
        if (given % 2 == 0) given = uint64(bound(given, expected - 1, expected + 1));
        bytes[] memory batches = new bytes[](1);
        batches[0] = "batch";
        bool taken = given == expected;
        if (!taken) {
            vm.expectRevert(abi.encodeWithSelector(ISequences.UnexpectedBatch.selector, expected, given));
        }
        vm.prank(SEQUENCER);
        settlement.sequence(given, batches, ROOT);
        vm.assertEq(settlement.state().lastBatch, taken ? expected : state.lastBatch);
        vm.assertEq(settlement.state().lastDataHash == state.lastDataHash, !taken);
    }

    /// Changing any byte of the proof, of the root or of the exit root is refused and changes nothing.
    function testFuzz_revealProof_corrupted(uint8 part, uint8 position, uint8 flip) public {
        submit(1, ROOT);
        bytes memory proof = proofOf(1);
        bytes32 root = ROOT;
        bytes32 exitRoot = EXIT_ROOT;
        // The top byte of a root is left alone, so that it stays a BN254 scalar.
        uint256 index = 1 + position % 31;
        bytes32 mask = bytes32(uint256(flip == 0 ? 1 : flip) << (8 * (31 - index)));
        bool otherRoot = part % 3 == 1;
        if (part % 3 == 0) proof[index] ^= bytes1(flip == 0 ? 1 : flip);
        else if (otherRoot) root ^= mask;
        else exitRoot ^= mask;

        commit(ALICE, 1, proof);
        rollToReveal(1);
        if (otherRoot) {
            vm.expectRevert(abi.encodeWithSelector(IProofRounds.StateRootMismatch.selector, ROOT, root));
        }
        vm.prank(ALICE);
        vm.assertFalse(settlement.revealProof(1, proof, root, exitRoot));
        assertNothingVerified();
        vm.assertEq(operators.slashedStake(), otherRoot ? 0 : WRONG_PROOF);
    }

    /// A settlement with these windows, whose first sequence has a commitment of Alice; the block of it.
    function openRound(uint32 t1, uint32 t2) private returns (uint256 opened) {
        ISettlement.Genesis memory fuzzed = genesis();
        fuzzed.windows.commitWindow = uint32(bound(t1, 1, 7_200));
        fuzzed.windows.revealWindow = uint32(bound(t2, 1, 7_200));
        deploy(config(), fuzzed);
        opened = block.number;
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
    }

    /// A number of blocks near the opening, the end of the commit window or the end of the reveal window, or
    /// anywhere up to twice the length of the round.
    function aroundAnEdge(uint256 t1, uint256 t2, uint256 edge, uint256 offset)
        private
        pure
        returns (uint256)
    {
        uint256 total = t1 + t2;
        if (edge % 4 == 3) return bound(offset, 0, 2 * total);
        uint256 center = edge % 4 == 0 ? 0 : edge % 4 == 1 ? t1 : total;
        return bound(offset, center < 2 ? 0 : center - 2, center + 3);
    }

    /// An empty list is submitted as one batch.
    function count(bytes[] memory batches) private pure returns (uint256) {
        return batches.length == 0 ? 1 : batches.length;
    }

    function submitAndExpect(bytes[] memory batches, bytes32 dataHash) private returns (bytes32) {
        bytes[] memory filled = batches.length == 0 ? new bytes[](count(batches)) : batches;
        for (uint256 i = 0; i < filled.length; i++) {
            if (filled[i].length == 0) filled[i] = hex"00";
            dataHash = referenceChain(dataHash, filled[i]);
        }
        uint64 firstBatch = nextBatch();
        vm.prank(SEQUENCER);
        settlement.sequence(firstBatch, filled, ROOT);
        return dataHash;
    }

    function referenceChain(bytes32 dataHash, bytes memory batch) private view returns (bytes32) {
        bytes memory input = new bytes(32 + batch.length);
        for (uint256 i = 0; i < 32; i++) {
            input[i] = dataHash[i];
        }
        for (uint256 i = 0; i < batch.length; i++) {
            input[32 + i] = batch[i];
        }
        (bool ok, bytes memory output) = address(2).staticcall(input);
        vm.assertTrue(ok);
        return bytes32(uint256(bytes32(output)) % (1 << 248));
    }
}
