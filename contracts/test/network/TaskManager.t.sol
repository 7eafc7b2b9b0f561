// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "../../src/interfaces/IProofVerifier.sol";
import {ITaskManager} from "../../src/interfaces/ITaskManager.sol";
import {IVerifierRegistry} from "../../src/interfaces/IVerifierRegistry.sol";
import {TaskManager} from "../../src/network/TaskManager.sol";
import {NetworkFixture} from "./NetworkFixture.sol";

/// @title A verifier of one good proof
contract OneProof is IProofVerifier {
    bytes32 private immutable _good;

    constructor(bytes memory good) {
        _good = keccak256(good);
    }

    function verify(bytes calldata proof, bytes32[] calldata) external view returns (bool) {
        return keccak256(proof) == _good;
    }
}

contract TaskManagerTest is NetworkFixture {
    address internal constant USER = address(0x05e4);
    address internal constant CHALLENGER = address(0xc4a1);
    bytes internal constant GOOD = "a good proof";
    bytes internal constant BAD = "a bad proof";
    uint256 internal constant OWN_GAS = 100_000;

    bytes32[] internal publicInputs;

    function setUp() public override {
        super.setUp();
        enter(4, 2 ether);
        vm.deal(USER, 10 ether);
        publicInputs.push(bytes32(uint256(7)));
    }

    function taskOf(bytes memory proof) internal view returns (ITaskManager.Task memory) {
        return ITaskManager.Task({
            system: keccak256("groth16"),
            program: keccak256("a key"),
            inputsHash: keccak256(abi.encodePacked(publicInputs)),
            proofHash: keccak256(proof)
        });
    }

    function submit(ITaskManager.Lane lane, bytes memory proof) internal returns (uint256) {
        uint96 fee = lane == ITaskManager.Lane.Single ? SINGLE_FEE : BATCH_FEE;
        vm.prank(USER);
        return tasks.submit{value: fee}(lane, taskOf(proof));
    }

    function answerOf(uint256 id, bytes memory proof, ITaskManager.Verdict verdict)
        internal
        view
        returns (ITaskManager.Answer memory)
    {
        return ITaskManager.Answer(id, tasks.statementOf(taskOf(proof)), keccak256(proof), verdict);
    }

    /// A tree of answers of one more than the last power of two, and the path of one of them
    function treeOf(ITaskManager.Answer[] memory answers, uint256 position)
        internal
        view
        returns (bytes32 root, bytes32[] memory path)
    {
        uint256 width = 1;
        uint256 depth;
        for (; width < answers.length; width *= 2) {
            depth++;
        }
        bytes32[] memory nodes = new bytes32[](width);
        for (uint256 i = 0; i < answers.length; i++) {
            nodes[i] = tasks.leafOf(answers[i]);
        }
        path = new bytes32[](depth);
        for (uint256 level = 0; level < depth; level++) {
            path[level] = nodes[position ^ 1];
            position /= 2;
            width /= 2;
            for (uint256 i = 0; i < width; i++) {
                nodes[i] = keccak256(abi.encodePacked(nodes[2 * i], nodes[2 * i + 1]));
            }
        }
        root = nodes[0];
    }

    function batchOf(uint256 from, uint256 count, ITaskManager.Verdict verdict)
        internal
        view
        returns (ITaskManager.Answer[] memory answers)
    {
        answers = new ITaskManager.Answer[](count);
        for (uint256 i = 0; i < count; i++) {
            answers[i] = answerOf(from + i, GOOD, verdict);
        }
    }

    function test_submit_revertsWithWrongFee() public {
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.WrongFee.selector, SINGLE_FEE - 1, SINGLE_FEE));
        tasks.submit{value: SINGLE_FEE - 1}(ITaskManager.Lane.Single, taskOf(GOOD));
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.WrongFee.selector, BATCH_FEE + 1, BATCH_FEE));
        tasks.submit{value: BATCH_FEE + 1}(ITaskManager.Lane.Batch, taskOf(GOOD));
    }

    function test_answer_recordsWhatIsValidAndPays() public {
        uint256 id = submit(ITaskManager.Lane.Single, GOOD);
        ITaskManager.Answer memory result = answerOf(id, GOOD, ITaskManager.Verdict.Valid);
        vm.assertFalse(tasks.isProven(result.statement));
        vm.expectEmit(address(tasks));
        emit ITaskManager.TaskAnswered(id, result.statement, ITaskManager.Verdict.Valid);
        tasks.answer(result, certificate(tasks.answerDigest(result), none()));
        vm.assertTrue(tasks.isProven(result.statement));
        // Shares are rounded down.
        vm.assertEq(registry.claimable(accountOf(0)), SINGLE_FEE / 4 - 1);
        vm.assertEq(address(tasks).balance, 0);
    }

    function test_answer_ofABadProofProvesNothing() public {
        uint256 id = submit(ITaskManager.Lane.Single, BAD);
        ITaskManager.Answer memory result = answerOf(id, BAD, ITaskManager.Verdict.Invalid);
        tasks.answer(result, certificate(tasks.answerDigest(result), none()));
        vm.assertFalse(tasks.isProven(result.statement));
        // Another proof may show it.
        id = submit(ITaskManager.Lane.Single, GOOD);
        result = answerOf(id, GOOD, ITaskManager.Verdict.Valid);
        tasks.answer(result, certificate(tasks.answerDigest(result), none()));
        vm.assertTrue(tasks.isProven(result.statement));
    }

    function test_answer_refusesACertificateOfSomethingElse() public {
        uint256 id = submit(ITaskManager.Lane.Single, BAD);
        ITaskManager.Answer memory result = answerOf(id, BAD, ITaskManager.Verdict.Invalid);
        bytes32 digest = tasks.answerDigest(result);
        IVerifierRegistry.Certificate memory made = certificate(digest, none());
        result.verdict = ITaskManager.Verdict.Valid;
        vm.expectRevert(
            abi.encodeWithSelector(IVerifierRegistry.WrongSignature.selector, tasks.answerDigest(result))
        );
        tasks.answer(result, made);
        result.verdict = ITaskManager.Verdict.None;
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.NoVerdict.selector));
        tasks.answer(result, made);
    }

    function test_answer_isOfOneChainAndOneContract() public {
        ITaskManager.Answer memory result = answerOf(0, GOOD, ITaskManager.Verdict.Valid);
        TaskManager other = new TaskManager(registry, tasksConfig());
        vm.assertFalse(tasks.answerDigest(result) == other.answerDigest(result));
        bytes32 here = tasks.answerDigest(result);
        vm.chainId(block.chainid + 1);
        vm.assertFalse(tasks.answerDigest(result) == here);
    }

    function test_answer_revertsWithNotWaiting() public {
        uint256 id = submit(ITaskManager.Lane.Single, GOOD);
        ITaskManager.Answer memory result = answerOf(id, GOOD, ITaskManager.Verdict.Valid);
        IVerifierRegistry.Certificate memory made = certificate(tasks.answerDigest(result), none());
        tasks.answer(result, made);
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.NotWaiting.selector, id));
        tasks.answer(result, made);
        result.id = 1;
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.NotWaiting.selector, 1));
        tasks.answer(result, made);
    }

    function test_takeBack_paysWhatNobodyAnswered() public {
        uint256 id = submit(ITaskManager.Lane.Single, GOOD);
        uint256 until = block.number + 50;
        vm.roll(until);
        vm.prank(USER);
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.StillWaiting.selector, id, until, until));
        tasks.takeBack(id);
        vm.roll(until + 1);
        vm.prank(CHALLENGER);
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.NotWaiting.selector, id));
        tasks.takeBack(id);
        uint256 before = USER.balance;
        vm.prank(USER);
        tasks.takeBack(id);
        vm.assertEq(USER.balance, before + SINGLE_FEE);
        vm.prank(USER);
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.NotWaiting.selector, id));
        tasks.takeBack(id);
    }

    function test_answerBatch_provesEachOfIt() public {
        for (uint256 i = 0; i < 5; i++) {
            submit(ITaskManager.Lane.Batch, GOOD);
        }
        ITaskManager.Answer[] memory answers = batchOf(0, 5, ITaskManager.Verdict.Valid);
        answers[3].verdict = ITaskManager.Verdict.Invalid;
        (bytes32 root,) = treeOf(answers, 0);
        uint256 batch = tasks.answerBatch(5, root, certificate(tasks.batchDigest(0, 5, root), none()));
        for (uint256 i = 0; i < 5; i++) {
            (, bytes32[] memory path) = treeOf(answers, i);
            vm.assertEq(tasks.isProvenIn(batch, answers[i], path), i != 3);
            // Not at another place, nor with another verdict.
            ITaskManager.Answer memory other = answerOf(i, GOOD, answers[i].verdict);
            other.id = (i + 1) % 5;
            vm.assertFalse(tasks.isProvenIn(batch, other, path));
            other.id = i + 8;
            vm.assertFalse(tasks.isProvenIn(batch, other, path));
            other.id = i;
            if (i == 3) {
                other.verdict = ITaskManager.Verdict.Valid;
                vm.assertFalse(tasks.isProvenIn(batch, other, path));
            }
        }
        vm.assertEq(address(tasks).balance, 0);
        vm.assertEq(registry.claimable(accountOf(0)), 5 * uint256(BATCH_FEE) / 4 - 1);
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.UnknownBatch.selector, 1));
        tasks.isProvenIn(1, answers[0], new bytes32[](0));
    }

    function test_answerBatch_revertsWithWrongBatch() public {
        submit(ITaskManager.Lane.Batch, GOOD);
        IVerifierRegistry.Certificate memory made = certificate(tasks.batchDigest(0, 1, bytes32(0)), none());
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.WrongBatch.selector, 0, 2, 0, 1));
        tasks.answerBatch(2, bytes32(0), made);
        tasks.answerBatch(1, bytes32(0), made);
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.WrongBatch.selector, 1, 1, 1, 1));
        tasks.answerBatch(1, bytes32(0), made);
    }

    function single(uint256 index, ITaskManager.Answer memory result)
        internal
        view
        returns (ITaskManager.Evidence memory made)
    {
        made.lane = ITaskManager.Lane.Single;
        made.answer = result;
        made.path = new bytes32[](0);
        made.certificate = own(index, tasks.answerDigest(result));
    }

    function inBatch(uint256 index, ITaskManager.Answer[] memory answers, uint256 position)
        internal
        view
        returns (ITaskManager.Evidence memory made)
    {
        (bytes32 root, bytes32[] memory path) = treeOf(answers, position);
        made.lane = ITaskManager.Lane.Batch;
        made.answer = answers[position];
        made.from = answers[0].id;
        made.to = answers[0].id + answers.length;
        made.path = path;
        made.certificate = own(index, tasks.batchDigest(made.from, made.to, root));
    }

    function test_slashContradiction_takesStakeOfWhoSignedBoth() public {
        ITaskManager.Evidence memory one = single(2, answerOf(9, GOOD, ITaskManager.Verdict.Valid));
        ITaskManager.Evidence memory other = single(2, answerOf(9, GOOD, ITaskManager.Verdict.Invalid));
        vm.prank(CHALLENGER);
        tasks.slashContradiction(2, one, other);
        vm.assertEq(registry.claimable(CHALLENGER), 0.2 ether);
        vm.assertEq(registry.verifierOf(2).stake, 1 ether);
        vm.expectRevert(
            abi.encodeWithSelector(ITaskManager.AlreadySlashed.selector, 2, ITaskManager.Lane.Single, 9)
        );
        tasks.slashContradiction(2, one, other);
    }

    function test_slashContradiction_findsItInBatches() public {
        ITaskManager.Answer[] memory answers = batchOf(4, 3, ITaskManager.Verdict.Valid);
        ITaskManager.Evidence memory one = inBatch(1, answers, 2);
        answers = batchOf(5, 4, ITaskManager.Verdict.Valid);
        // The same answer in another batch is none.
        ITaskManager.Evidence memory other = inBatch(1, answers, 1);
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.NoContradiction.selector));
        tasks.slashContradiction(1, one, other);
        answers[1].verdict = ITaskManager.Verdict.Invalid;
        tasks.slashContradiction(1, one, inBatch(1, answers, 1));
        vm.assertEq(registry.verifierOf(1).stake, 1 ether);
    }

    function test_slashContradiction_takesNothingOfOthers() public {
        ITaskManager.Evidence memory one = single(2, answerOf(9, GOOD, ITaskManager.Verdict.Valid));
        ITaskManager.Evidence memory other = single(2, answerOf(9, GOOD, ITaskManager.Verdict.Invalid));
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.NotSigned.selector, 1));
        tasks.slashContradiction(1, one, other);
        // one of them signed by another; of another task; of another lane
        other.certificate = single(1, other.answer).certificate;
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.NotSigned.selector, 2));
        tasks.slashContradiction(2, one, other);
        other = single(2, answerOf(8, GOOD, ITaskManager.Verdict.Invalid));
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.NoContradiction.selector));
        tasks.slashContradiction(2, one, other);
        other = inBatch(2, batchOf(9, 1, ITaskManager.Verdict.Invalid), 0);
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.NoContradiction.selector));
        tasks.slashContradiction(2, one, other);
    }

    function registerOwn() internal {
        ITaskManager.Task memory task = taskOf(GOOD);
        OneProof verifier = new OneProof(GOOD);
        vm.prank(ADMIN);
        tasks.setVerifier(task.system, task.program, verifier, OWN_GAS);
    }

    function test_slashFalse_takesStakeOfWhoSignedABadProof() public {
        registerOwn();
        ITaskManager.Evidence memory evidence = single(3, answerOf(0, BAD, ITaskManager.Verdict.Valid));
        vm.prank(CHALLENGER);
        tasks.slashFalse(3, evidence, taskOf(BAD), BAD, publicInputs);
        vm.assertEq(registry.verifierOf(3).stake, 1 ether);
        vm.assertEq(registry.claimable(CHALLENGER), 0.2 ether);
    }

    function test_slashFalse_reachesAllOfACertificate() public {
        registerOwn();
        ITaskManager.Evidence memory evidence;
        evidence.answer = answerOf(0, BAD, ITaskManager.Verdict.Valid);
        evidence.path = new bytes32[](0);
        evidence.certified = true;
        evidence.certificate = certificate(tasks.answerDigest(evidence.answer), these(1));
        for (uint256 i = 0; i < 4; i++) {
            if (i == 1) vm.expectRevert(abi.encodeWithSelector(ITaskManager.NotSigned.selector, 1));
            tasks.slashFalse(i, evidence, taskOf(BAD), BAD, publicInputs);
        }
        (,, uint32 count,,) = registry.set();
        vm.assertEq(count, 1);
        vm.assertEq(registry.verifierOf(1).stake, 2 ether);
    }

    function expectUnslashed(
        ITaskManager.Evidence memory evidence,
        ITaskManager.Task memory task,
        bytes memory proof,
        bytes memory error
    ) internal {
        vm.expectRevert(error);
        tasks.slashFalse(3, evidence, task, proof, publicInputs);
    }

    function test_slashFalse_takesNothingOfTheHonest() public {
        ITaskManager.Evidence memory evidence = single(3, answerOf(0, GOOD, ITaskManager.Verdict.Valid));
        ITaskManager.Task memory task = taskOf(GOOD);
        bytes memory none_ =
            abi.encodeWithSelector(ITaskManager.NoVerifier.selector, task.system, task.program);
        expectUnslashed(evidence, task, GOOD, none_);
        registerOwn();
        expectUnslashed(evidence, task, GOOD, abi.encodeWithSelector(ITaskManager.ProofHolds.selector));
        bytes memory otherBytes = abi.encodeWithSelector(ITaskManager.OtherBytes.selector, "proof");
        expectUnslashed(evidence, task, BAD, otherBytes);
        otherBytes = abi.encodeWithSelector(ITaskManager.OtherBytes.selector, "public inputs");
        publicInputs[0] = bytes32(uint256(8));
        expectUnslashed(evidence, task, GOOD, otherBytes);
        otherBytes = abi.encodeWithSelector(ITaskManager.OtherBytes.selector, "statement");
        expectUnslashed(evidence, taskOf(GOOD), GOOD, otherBytes);
        publicInputs[0] = bytes32(uint256(7));
        evidence = single(3, answerOf(0, BAD, ITaskManager.Verdict.Invalid));
        bytes memory other = abi.encodeWithSelector(ITaskManager.NoContradiction.selector);
        expectUnslashed(evidence, taskOf(BAD), BAD, other);
    }

    /// Too little gas for the chain's verifier must not make a good proof look bad.
    function test_slashFalse_needsTheGasOfTheVerifier() public {
        registerOwn();
        ITaskManager.Evidence memory evidence = single(3, answerOf(0, GOOD, ITaskManager.Verdict.Valid));
        (bool success, bytes memory answer) = address(tasks).call{gas: 230_000}(
            abi.encodeCall(tasks.slashFalse, (3, evidence, taskOf(GOOD), GOOD, publicInputs))
        );
        vm.assertFalse(success);
        vm.assertTrue(bytes4(answer) != ITaskManager.ProofHolds.selector);
        vm.assertEq(registry.verifierOf(3).stake, 2 ether);
    }

    function test_setVerifier_isForTheAdministrator() public {
        vm.expectRevert(abi.encodeWithSignature("NotAdmin(address,address)", address(this), ADMIN));
        tasks.setVerifier(bytes32(0), bytes32(0), IProofVerifier(address(1)), 1);
    }

    function test_constructor_revertsWithInvalidTasksConfig() public {
        ITaskManager.Config memory config = tasksConfig();
        config.answerBlocks = 0;
        expectInvalid(registry, config, "answerBlocks");
        config = tasksConfig();
        config.slashedBps = 0;
        expectInvalid(registry, config, "slashedBps");
        config.slashedBps = 10_001;
        expectInvalid(registry, config, "slashedBps");
        config = tasksConfig();
        config.bountyBps = 10_001;
        expectInvalid(registry, config, "bountyBps");
        config = tasksConfig();
        config.admin = address(0);
        expectInvalid(registry, config, "admin");
        expectInvalid(IVerifierRegistry(address(0)), tasksConfig(), "registry");
    }

    function expectInvalid(IVerifierRegistry of_, ITaskManager.Config memory config, string memory field)
        internal
    {
        vm.expectRevert(abi.encodeWithSelector(ITaskManager.InvalidTasksConfig.selector, field));
        new TaskManager(of_, config);
    }
}
