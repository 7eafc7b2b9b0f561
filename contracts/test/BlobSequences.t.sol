// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBridge} from "../src/interfaces/IBridge.sol";
import {IBlobSequences} from "../src/interfaces/IBlobSequences.sol";
import {IPausing} from "../src/interfaces/IPausing.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

contract BlobSequencesTest is SettlementFixture {
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));
    bytes32 internal constant FIRST = bytes32(type(uint256).max >> 8);
    bytes32 internal constant SECOND = bytes32(uint256(2));

    function setUp() public override {
        super.setUp();
        ISettlement.Config memory settings = config();
        settings.rollupId = 8;
        settings.allowsBlobs = true;
        settings.bridge = IBridge(address(0));
        deploy(settings);
    }

    function test_sequenceBlobs_recordsWhatTheSequencerSays() public {
        bytes32[] memory blobs = attach(3);
        vm.expectEmit(address(settlement));
        emit ISequences.SequenceSubmitted(1, 1, 2, 0, SECOND, ROOT);
        vm.expectEmit(address(settlement));
        emit IBlobSequences.BlobsSequenced(1, hashes(), blobs);
        vm.assertEq(sequenceBlobs(1, hashes(), ROOT), 1);

        vm.assertEq(settlement.blobsOf(1), keccak256(abi.encodePacked(blobs)));
        ISequences.Sequence memory record = settlement.sequenceOf(1);
        vm.assertEq(record.firstBatch, 1);
        vm.assertEq(record.lastBatch, 2);
        vm.assertEq(record.newDataHash, SECOND);
        vm.assertEq(record.claimedStateRoot, ROOT);
    }

    /// Calldata and blobs follow each other, and are proved alike.
    function test_sequenceBlobs_continuesCalldata() public {
        submit(1, ROOT);
        bytes32 before = settlement.state().lastDataHash;
        attach(1);
        sequenceBlobs(2, hashes(), ROOT);
        vm.assertEq(settlement.sequenceOf(2).prevDataHash, before);
        vm.assertEq(settlement.blobsOf(1), bytes32(0));
        submit(1, ROOT);
        vm.assertEq(settlement.sequenceOf(3).prevDataHash, SECOND);
        vm.assertEq(settlement.sequenceOf(3).firstBatch, 4);

        for (uint64 number = 1; number <= 3; number++) {
            commit(ALICE, number, proofOf(number));
            rollToReveal(number);
            reveal(ALICE, number, proofOf(number), ROOT);
        }
        vm.assertEq(settlement.state().verifiedBatch, 4);
    }

    function test_sequenceBlobs_revertsWithNoBlobs() public {
        vm.expectRevert(abi.encodeWithSelector(IBlobSequences.NoBlobs.selector));
        sequenceBlobs(1, hashes(), ROOT);
    }

    function testFuzz_sequenceBlobs_revertsWithInvalidDataHash(bytes32 hash) public {
        attach(1);
        bytes32[] memory given = hashes();
        given[1] = hash;
        if (hash >> 248 != 0) {
            vm.expectRevert(abi.encodeWithSelector(IBlobSequences.InvalidDataHash.selector, 1, hash));
        }
        sequenceBlobs(1, given, ROOT);
    }

    function test_sequenceBlobs_revertsAsSequenceDoes() public {
        attach(1);
        vm.expectRevert(abi.encodeWithSelector(ISequences.NotSequencer.selector, ALICE, SEQUENCER));
        vm.prank(ALICE);
        settlement.sequenceBlobs(1, hashes(), ROOT);
        vm.expectRevert(abi.encodeWithSelector(ISequences.UnexpectedBatch.selector, 1, 2));
        sequenceBlobs(2, hashes(), ROOT);
        vm.expectRevert(abi.encodeWithSelector(ISequences.EmptySequence.selector));
        sequenceBlobs(1, new bytes32[](0), ROOT);
        vm.expectRevert(abi.encodeWithSelector(ISequences.NotFieldElement.selector, FIELD_MODULUS));
        sequenceBlobs(1, hashes(), bytes32(FIELD_MODULUS));
        vm.prank(GUARDIAN);
        manager.pause(8);
        vm.expectRevert(abi.encodeWithSelector(IPausing.RollupPaused.selector, 1000, 1000 + 50_400));
        sequenceBlobs(1, hashes(), ROOT);
    }

    /// A rollup that did not choose blobs cannot be given data that nobody can check.
    function test_attack_sequencerHidesDataInBlobs() public {
        ISettlement.Config memory settings = config();
        settings.rollupId = 9;
        deploy(settings);
        attach(1);
        vm.assertFalse(settlement.allowsBlobs());
        vm.expectRevert(abi.encodeWithSelector(IBlobSequences.BlobsNotAllowed.selector));
        sequenceBlobs(1, hashes(), ROOT);
    }

    function hashes() private pure returns (bytes32[] memory given) {
        given = new bytes32[](2);
        (given[0], given[1]) = (FIRST, SECOND);
    }

    function attach(uint256 count) private returns (bytes32[] memory blobs) {
        blobs = new bytes32[](count);
        for (uint256 i = 0; i < count; i++) {
            blobs[i] = bytes32((uint256(1) << 248) | i);
        }
        vm.blobhashes(blobs);
    }

    function sequenceBlobs(uint64 first, bytes32[] memory given, bytes32 root) private returns (uint64) {
        vm.prank(SEQUENCER);
        return settlement.sequenceBlobs(first, given, root);
    }
}
