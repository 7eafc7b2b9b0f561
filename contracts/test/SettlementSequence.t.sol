// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Administered} from "../src/Administered.sol";
import {OperatorRegistry} from "../src/OperatorRegistry.sol";
import {IOperatorRegistry} from "../src/interfaces/IOperatorRegistry.sol";
import {IProofVerifier} from "../src/interfaces/IProofVerifier.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

contract SettlementSequenceTest is SettlementFixture {
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));

    function test_constructor_setsTheGenesis() public view {
        ISequences.State memory state = settlement.state();
        vm.assertEq(state.verifiedStateRoot, GENESIS_ROOT);
        vm.assertEq(state.lastSequence, 0);
        vm.assertEq(state.lastBatch, 0);
        vm.assertEq(state.lastDataHash, bytes32(0));
        vm.assertEq(settlement.sequenceOf(0).claimedStateRoot, GENESIS_ROOT);
        vm.assertEq(settlement.sequenceOf(0).firstBatch, 0);
        assertNothingVerified();

        vm.assertEq(settlement.rollupId(), 7);
        vm.assertEq(settlement.configHash(), CONFIG_HASH);
        vm.assertEq(settlement.keySetRoot(), KEY_SET_ROOT);
        vm.assertEq(address(settlement.verifier()), address(verifier));
        vm.assertEq(address(settlement.operators()), address(operators));
        vm.assertEq(settlement.sequencer(), SEQUENCER);
        vm.assertEq(Administered(address(settlement)).admin(), ADMIN);
        vm.assertEq(settlement.verifierGas(), VERIFIER_GAS);
        vm.assertEq(settlement.windowLengths().commitWindow, COMMIT_WINDOW);
        vm.assertEq(settlement.windowLengths().revealWindow, REVEAL_WINDOW);
        vm.assertEq(settlement.windowLengths().shareWindow, SHARE_WINDOW);
        vm.assertEq(settlement.rewardPolicy().priceWei, REWARD);
        vm.assertEq(settlement.rewardPolicy().blockRewardWei, 0);
        vm.assertEq(settlement.penalties().wrongProofWei, WRONG_PROOF);
        vm.assertEq(settlement.penalties().missedRevealWei, MISSED_REVEAL);
        vm.assertEq(settlement.penalties().failedRoundWei, FAILED_ROUND);
    }

    function test_constructor_revertsWithInvalidConfig() public {
        ISettlement.Config memory bad = config();
        bad.verifier = IProofVerifier(STRANGER);
        expectInvalidConfig("verifier");
        newSettlement(bad);

        bad = config();
        bad.operators = IOperatorRegistry(STRANGER);
        expectInvalidConfig("operators");
        newSettlement(bad);

        bad = config();
        bad.sequencer = address(0);
        expectInvalidConfig("sequencer");
        newSettlement(bad);

        bad = config();
        bad.admin = address(0);
        expectInvalidConfig("admin");
        newSettlement(bad);

        bad = config();
        bad.verifierGas = 0;
        expectInvalidConfig("verifierGas");
        newSettlement(bad);
        bad.verifierGas = 12_000_001;
        expectInvalidConfig("verifierGas");
        newSettlement(bad);

        bad = config();
        bad.penalties.failedRoundWei = uint96(MINIMUM_STAKE) + 1;
        expectInvalidConfig("penalties");
        newSettlement(bad);
    }

    /// Stake must not be able to leave before the longest commitment has ended.
    function test_constructor_revertsWithAShortUnbonding() public {
        ISettlement.Config memory settings = config();
        uint64 longest = settlement.LONGEST_COMMITMENT();
        settings.operators = new OperatorRegistry(MINIMUM_STAKE, longest, ADMIN, TREASURY);
        expectInvalidConfig("operators");
        newSettlement(settings);
        settings.operators = new OperatorRegistry(MINIMUM_STAKE, longest + 1, ADMIN, TREASURY);
        newSettlement(settings);
    }

    function test_constructor_revertsWithNotFieldElement() public {
        ISettlement.Config memory bad = config();
        bad.configHash = bytes32(FIELD_MODULUS);
        expectNotFieldElement(bad.configHash);
        newSettlement(bad);

        bad = config();
        bad.keySetRoot = bytes32(FIELD_MODULUS);
        expectNotFieldElement(bad.keySetRoot);
        newSettlement(bad);
    }

    /// The expected hashes come from another implementation of SHA-256 (Node's crypto).
    function test_sequence_chainsTheDataHash() public {
        bytes[] memory batches = new bytes[](2);
        batches[0] = "first batch";
        batches[1] = hex"00ff10";
        bytes32 dataHash = 0x00bf41834a30fc3c9d00567a4369272a176978832c3a6c9af5c646224d3f7366;

        vm.expectEmit(address(settlement));
        emit ISequences.SequenceSubmitted(1, 1, 2, 0, dataHash, ROOT);
        vm.prank(SEQUENCER);
        vm.assertEq(settlement.sequence(1, batches, ROOT), 1);

        ISequences.Sequence memory record = settlement.sequenceOf(1);
        vm.assertEq(record.firstBatch, 1);
        vm.assertEq(record.lastBatch, 2);
        vm.assertEq(record.blockNumber, block.number);
        vm.assertEq(record.prevDataHash, bytes32(0));
        vm.assertEq(record.newDataHash, dataHash);
        vm.assertEq(record.claimedStateRoot, ROOT);
    }

    function test_sequence_continuesTheOneBefore() public {
        submit(3, ROOT);
        bytes32 dataHash = settlement.state().lastDataHash;
        vm.assertEq(submit(2, bytes32(uint256(0xdef))), 2);

        ISequences.Sequence memory record = settlement.sequenceOf(2);
        vm.assertEq(record.firstBatch, 4);
        vm.assertEq(record.lastBatch, 5);
        vm.assertEq(record.prevDataHash, dataHash);
        ISequences.State memory state = settlement.state();
        vm.assertEq(state.lastSequence, 2);
        vm.assertEq(state.lastBatch, 5);
        vm.assertEq(state.lastDataHash, record.newDataHash);
        assertNothingVerified();
    }

    function test_sequence_revertsWithNotSequencer() public {
        bytes[] memory batches = new bytes[](1);
        batches[0] = "batch";
        vm.expectRevert(abi.encodeWithSelector(ISequences.NotSequencer.selector, ALICE, SEQUENCER));
        vm.prank(ALICE);
        settlement.sequence(1, batches, ROOT);
    }

    function test_sequence_revertsWithUnexpectedBatch_tooLow() public {
        submit(3, ROOT);
        for (uint64 given = 0; given <= 3; given++) {
            expectUnexpectedBatch(4, given);
        }
    }

    function test_sequence_revertsWithUnexpectedBatch_tooHigh() public {
        expectUnexpectedBatch(1, 2);
        submit(3, ROOT);
        expectUnexpectedBatch(4, 5);
        expectUnexpectedBatch(4, type(uint64).max);
    }

    function test_sequence_revertsWithUnexpectedBatch_onceMore() public {
        bytes[] memory batches = new bytes[](2);
        batches[0] = "first";
        batches[1] = "second";
        vm.prank(SEQUENCER);
        settlement.sequence(1, batches, ROOT);
        ISequences.State memory state = settlement.state();

        vm.expectRevert(abi.encodeWithSelector(ISequences.UnexpectedBatch.selector, 3, 1));
        vm.prank(SEQUENCER);
        settlement.sequence(1, batches, ROOT);
        assertState(state);
    }

    /// The number comes first: what a repeated submission says is of no interest any more.
    function test_sequence_revertsWithUnexpectedBatch_beforeTheContents() public {
        vm.expectRevert(abi.encodeWithSelector(ISequences.UnexpectedBatch.selector, 1, 2));
        vm.prank(SEQUENCER);
        settlement.sequence(2, new bytes[](0), bytes32(FIELD_MODULUS));
    }

    function test_sequence_revertsWithEmptySequence() public {
        vm.expectRevert(abi.encodeWithSelector(ISequences.EmptySequence.selector));
        vm.prank(SEQUENCER);
        settlement.sequence(1, new bytes[](0), ROOT);
    }

    function test_sequence_revertsWithEmptyBatch() public {
        bytes[] memory batches = new bytes[](3);
        batches[0] = "batch";
        batches[2] = "batch";
        vm.expectRevert(abi.encodeWithSelector(ISequences.EmptyBatch.selector, 1));
        vm.prank(SEQUENCER);
        settlement.sequence(1, batches, ROOT);
        vm.assertEq(settlement.state().lastSequence, 0);
    }

    function test_sequence_revertsWithNotFieldElement() public {
        bytes[] memory batches = new bytes[](1);
        batches[0] = "batch";
        expectNotFieldElement(bytes32(FIELD_MODULUS));
        vm.prank(SEQUENCER);
        settlement.sequence(1, batches, bytes32(FIELD_MODULUS));

        vm.prank(SEQUENCER);
        settlement.sequence(1, batches, bytes32(FIELD_MODULUS - 1));
    }

    function test_views_revertWithUnknownSequence() public {
        submit(1, ROOT);
        bytes memory unknown = abi.encodeWithSelector(ISequences.UnknownSequence.selector, 2, 1);
        vm.expectRevert(unknown);
        settlement.sequenceOf(2);
        vm.expectRevert(unknown);
        settlement.windowsOf(2);
        vm.expectRevert(unknown);
        settlement.publicInputsOf(2, 0, address(0));
        vm.expectRevert(abi.encodeWithSelector(ISequences.UnknownSequence.selector, 0, 1));
        settlement.publicInputsOf(0, 0, address(0));
    }

    function test_publicInputsOf_followsTheStatement() public {
        submit(2, ROOT);
        submit(3, bytes32(uint256(0xdef)));
        bytes32[] memory inputs = settlement.publicInputsOf(2, bytes32(uint256(9)), ALICE);
        vm.assertEq(inputs.length, 10);
        vm.assertEq(inputs[0], ROOT);
        vm.assertEq(inputs[1], bytes32(uint256(0xdef)));
        vm.assertEq(inputs[2], settlement.sequenceOf(1).newDataHash);
        vm.assertEq(inputs[3], settlement.sequenceOf(2).newDataHash);
        vm.assertEq(inputs[4], bytes32(uint256(3)));
        vm.assertEq(inputs[5], bytes32(uint256(5)));
        vm.assertEq(inputs[6], bytes32(uint256(9)));
        vm.assertEq(inputs[7], CONFIG_HASH);
        vm.assertEq(inputs[8], KEY_SET_ROOT);
        vm.assertEq(inputs[9], bytes32(uint256(uint160(ALICE))));
    }

    /// A sequence that begins with `given` is refused, and nothing changes.
    function expectUnexpectedBatch(uint64 expected, uint64 given) private {
        ISequences.State memory state = settlement.state();
        bytes[] memory batches = new bytes[](1);
        batches[0] = "batch";
        vm.expectRevert(abi.encodeWithSelector(ISequences.UnexpectedBatch.selector, expected, given));
        vm.prank(SEQUENCER);
        settlement.sequence(given, batches, ROOT);
        assertState(state);
    }

    function assertState(ISequences.State memory expected) private view {
        vm.assertEq(keccak256(abi.encode(settlement.state())), keccak256(abi.encode(expected)));
    }

    function expectInvalidConfig(string memory field) private {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.InvalidConfig.selector, field));
    }

    function expectNotFieldElement(bytes32 value) private {
        vm.expectRevert(abi.encodeWithSelector(ISequences.NotFieldElement.selector, value));
    }
}
