// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ITaskManager} from "../../src/interfaces/ITaskManager.sol";
import {IVerifierRegistry} from "../../src/interfaces/IVerifierRegistry.sol";
import {Bn254} from "../../src/libraries/Bn254.sol";
import {NetworkFixture} from "./NetworkFixture.sol";

/// What transactions of the verifier network cost, as transactions of their own. The figures are in snapshots/Network.json.
/// forge-config: default.isolate = true
contract NetworkGasTest is NetworkFixture {
    function test_gas() public {
        enter(11, 2 ether);
        vm.deal(address(this), 10 ether);
        // What is written for the first time costs more.
        uint32[] memory three = new uint32[](3);
        (three[0], three[1], three[2]) = (1, 3, 5);
        answer(three);
        answer(none());
        snapshot("answer by 11 verifiers, none absent");
        answer(these(1));
        snapshot("answer by 11 verifiers, 1 absent");
        answer(these(3, 5));
        snapshot("answer by 11 verifiers, 2 absent");
        submit(keccak256("another"));
        snapshot("submit a task to be answered alone");
    }

    function submit(bytes32 proofHash) private returns (uint256) {
        return tasks.submit{value: SINGLE_FEE}(ITaskManager.Lane.Single, taskOf(proofHash));
    }

    function taskOf(bytes32 proofHash) private pure returns (ITaskManager.Task memory) {
        return ITaskManager.Task(keccak256("system"), keccak256("program"), proofHash, proofHash);
    }

    function answer(uint32[] memory absent) private {
        // Hashing to the curve takes a try or several, by luck: here, one.
        (uint256 id,,,) = tasks.counts();
        bytes32 proofHash = bytes32(id << 128);
        while (!_isLucky(tasks.answerDigest(answerOf(id, proofHash)))) {
            proofHash = bytes32(uint256(proofHash) + 1);
        }
        submit(proofHash);
        ITaskManager.Answer memory result = answerOf(id, proofHash);
        tasks.answer(result, certificate(tasks.answerDigest(result), absent));
    }

    function answerOf(uint256 id, bytes32 proofHash) private view returns (ITaskManager.Answer memory) {
        bytes32 statement = tasks.statementOf(taskOf(proofHash));
        return ITaskManager.Answer(id, statement, proofHash, ITaskManager.Verdict.Valid);
    }

    function _isLucky(bytes32 digest) private view returns (bool) {
        return Bn254.hashToG1(digest).x == uint256(digest) % Bn254.P;
    }

    function test_gas_eight() public {
        enter(8, 2 ether);
        vm.deal(address(this), 10 ether);
        ITaskManager.Task memory task;
        for (uint256 i = 0; i < 1056; i++) {
            tasks.submit{value: BATCH_FEE}(ITaskManager.Lane.Batch, task);
        }
        snapshot("submit a task to be answered with others");
        answerBatch(0, 32);
        answerBatch(32, 1056);
        snapshot("answer 1,024 tasks by 8 verifiers");
        ITaskManager.Answer memory result =
            ITaskManager.Answer(32, bytes32(0), bytes32(0), ITaskManager.Verdict.Valid);
        tasks.isProvenIn(1, result, new bytes32[](10));
        snapshot("look one of 1,024 answers up");
    }

    function answerBatch(uint256 from, uint256 to) private {
        bytes32 root = bytes32(from << 128);
        while (!_isLucky(tasks.batchDigest(from, to, root))) root = bytes32(uint256(root) + 1);
        tasks.answerBatch(to, root, certificate(tasks.batchDigest(from, to, root), none()));
    }

    function test_gas_join() public {
        enter(2, 2 ether);
        join(2, 2 ether);
        snapshot("join");
        vm.roll(block.number + EPOCH);
        registry.advance(1);
        snapshot("begin an epoch with one more verifier");
    }

    function snapshot(string memory name) private {
        vm.snapshotGasLastCall("Network", name);
    }
}
