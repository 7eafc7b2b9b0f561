// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Administered} from "../Administered.sol";
import {IProofVerifier} from "../interfaces/IProofVerifier.sol";
import {ITaskManager} from "../interfaces/ITaskManager.sol";
import {IVerifierRegistry} from "../interfaces/IVerifierRegistry.sol";
import {VerifierCall} from "../verifiers/VerifierCall.sol";

/// @title Proofs to verify, and what the verifiers found
/// @notice See {ITaskManager} for the rules.
/// @dev Tasks are announced by events; of one in the second lane nothing is stored, so that many share the price of one
/// certificate. The balance is the fees of what waits.
contract TaskManager is ITaskManager, Administered {
    struct OwnVerifier {
        IProofVerifier verifier;
        uint96 gasLimit;
    }

    uint256 private constant BPS = 10_000;
    bytes32 private constant ANSWER = keccak256("Polyproof network: answer");
    bytes32 private constant BATCH = keccak256("Polyproof network: batch");

    IVerifierRegistry public immutable registry;
    uint96 public immutable singleFeeWei;
    uint96 public immutable batchFeeWei;
    uint48 public immutable answerBlocks;
    uint16 public immutable slashedBps;
    uint16 public immutable bountyBps;

    uint256 private _singles;
    uint128 private _batched;
    uint128 private _answered;
    Batch[] private _batches;
    mapping(uint256 id => Single) private _single;
    mapping(bytes32 statement => bool) private _proven;
    mapping(bytes32 system => mapping(bytes32 program => OwnVerifier)) private _own;
    mapping(uint256 index => mapping(Lane lane => mapping(uint256 id => bool))) private _slashed;

    constructor(IVerifierRegistry registry_, Config memory config) Administered(config.admin) {
        if (config.answerBlocks == 0) revert InvalidTasksConfig("answerBlocks");
        if (config.slashedBps == 0 || config.slashedBps > BPS) revert InvalidTasksConfig("slashedBps");
        if (config.bountyBps > BPS) revert InvalidTasksConfig("bountyBps");
        if (config.admin == address(0)) revert InvalidTasksConfig("admin");
        if (address(registry_) == address(0)) revert InvalidTasksConfig("registry");
        registry = registry_;
        singleFeeWei = config.singleFeeWei;
        batchFeeWei = config.batchFeeWei;
        answerBlocks = config.answerBlocks;
        slashedBps = config.slashedBps;
        bountyBps = config.bountyBps;
    }

    /// @inheritdoc ITaskManager
    function submit(Lane lane, Task calldata task) external payable returns (uint256 id) {
        if (lane == Lane.Single) {
            if (msg.value < singleFeeWei) revert WrongFee(msg.value, singleFeeWei);
            id = _singles++;
            _single[id] = Single(uint96(msg.value), uint48(block.number), Verdict.None, msg.sender);
        } else {
            if (msg.value != batchFeeWei) revert WrongFee(msg.value, batchFeeWei);
            id = _batched++;
        }
        emit TaskSubmitted(lane, id, task.system, task, msg.value);
    }

    /// @inheritdoc ITaskManager
    function takeBack(uint256 id) external {
        Single memory single = _waiting(id);
        if (single.submitter != msg.sender) revert NotWaiting(id);
        uint256 until = uint256(single.submittedAt) + answerBlocks;
        if (block.number <= until) revert StillWaiting(id, block.number, until);
        delete _single[id];
        emit TaskWithdrawn(id, single.feeWei);
        (bool paid,) = msg.sender.call{value: single.feeWei}("");
        if (!paid) revert PaymentRefused(msg.sender, single.feeWei);
    }

    /// @inheritdoc ITaskManager
    function answer(Answer calldata result, IVerifierRegistry.Certificate calldata certificate) external {
        Single memory single = _waiting(result.id);
        if (result.verdict == Verdict.None) revert NoVerdict();
        _single[result.id].verdict = result.verdict;
        if (result.verdict == Verdict.Valid) _proven[result.statement] = true;
        emit TaskAnswered(result.id, result.statement, result.verdict);
        registry.certify{value: single.feeWei}(answerDigest(result), certificate);
    }

    /// @inheritdoc ITaskManager
    function answerBatch(uint256 to, bytes32 root, IVerifierRegistry.Certificate calldata certificate)
        external
        returns (uint256 batch)
    {
        uint256 from = _answered;
        if (to <= from || to > _batched) revert WrongBatch(from, to, from, _batched);
        batch = _batches.length;
        _batches.push(Batch(root, uint128(from), uint128(to)));
        _answered = uint128(to);
        emit BatchAnswered(batch, from, to, root);
        registry.certify{value: (to - from) * batchFeeWei}(batchDigest(from, to, root), certificate);
    }

    /// @inheritdoc ITaskManager
    function slashContradiction(uint256 index, Evidence calldata one, Evidence calldata other) external {
        bool sameTask = one.lane == other.lane && one.answer.id == other.answer.id;
        if (!sameTask || leafOf(one.answer) == leafOf(other.answer)) revert NoContradiction();
        _requireSigned(index, one);
        _requireSigned(index, other);
        _slash(index, one);
    }

    /// @inheritdoc ITaskManager
    function slashFalse(
        uint256 index,
        Evidence calldata evidence,
        Task calldata task,
        bytes calldata proof,
        bytes32[] calldata publicInputs
    ) external {
        if (evidence.answer.verdict != Verdict.Valid) revert NoContradiction();
        if (evidence.answer.statement != statementOf(task)) revert OtherBytes("statement");
        if (task.inputsHash != keccak256(abi.encodePacked(publicInputs))) revert OtherBytes("public inputs");
        if (evidence.answer.proofHash != keccak256(proof)) revert OtherBytes("proof");
        _requireSigned(index, evidence);
        OwnVerifier memory own = _own[task.system][task.program];
        if (address(own.verifier) == address(0)) revert NoVerifier(task.system, task.program);
        if (VerifierCall.verifies(own.verifier, own.gasLimit, proof, publicInputs)) revert ProofHolds();
        _slash(index, evidence);
    }

    /// @inheritdoc ITaskManager
    function setVerifier(bytes32 system, bytes32 program, IProofVerifier verifier, uint256 gasLimit)
        external
        onlyAdmin
    {
        _own[system][program] = OwnVerifier(verifier, uint96(gasLimit));
        emit VerifierSet(system, program, verifier, gasLimit);
    }

    /// @inheritdoc ITaskManager
    function isProven(bytes32 statement) external view returns (bool) {
        return _proven[statement];
    }

    /// @inheritdoc ITaskManager
    function isProvenIn(uint256 batch, Answer calldata result, bytes32[] calldata path)
        external
        view
        returns (bool)
    {
        if (batch >= _batches.length) revert UnknownBatch(batch);
        Batch memory answers = _batches[batch];
        return result.verdict == Verdict.Valid && result.id >= answers.from && result.id < answers.to
            && _rootOf(result, answers.from, path) == answers.root;
    }

    /// @inheritdoc ITaskManager
    function singleOf(uint256 id) external view returns (Single memory) {
        return _single[id];
    }

    /// @inheritdoc ITaskManager
    function batchOf(uint256 batch) external view returns (Batch memory) {
        if (batch >= _batches.length) revert UnknownBatch(batch);
        return _batches[batch];
    }

    /// @inheritdoc ITaskManager
    function counts()
        external
        view
        returns (uint256 singles, uint256 batched, uint256 answered, uint256 batches)
    {
        return (_singles, _batched, _answered, _batches.length);
    }

    /// @inheritdoc ITaskManager
    function statementOf(Task calldata task) public pure returns (bytes32) {
        return keccak256(abi.encode(task.system, task.program, task.inputsHash));
    }

    /// @inheritdoc ITaskManager
    function leafOf(Answer calldata result) public pure returns (bytes32) {
        return keccak256(abi.encode(result));
    }

    /// @inheritdoc ITaskManager
    function answerDigest(Answer calldata result) public view returns (bytes32) {
        return keccak256(abi.encode(ANSWER, block.chainid, address(this), leafOf(result)));
    }

    /// @inheritdoc ITaskManager
    function batchDigest(uint256 from, uint256 to, bytes32 root) public view returns (bytes32) {
        return keccak256(abi.encode(BATCH, block.chainid, address(this), from, to, root));
    }

    function _waiting(uint256 id) private view returns (Single memory single) {
        single = _single[id];
        if (single.submitter == address(0) || single.verdict != Verdict.None) revert NotWaiting(id);
    }

    function _requireSigned(uint256 index, Evidence calldata evidence) private view {
        IVerifierRegistry.Certificate calldata certificate = evidence.certificate;
        bytes32 digest = evidence.lane == Lane.Single
            ? answerDigest(evidence.answer)
            : batchDigest(evidence.from, evidence.to, _rootOf(evidence.answer, evidence.from, evidence.path));
        bool signed = evidence.certified
            ? registry.haveSigned(index, digest, certificate)
            : registry.hasSigned(index, digest, certificate.key, certificate.signature);
        if (!signed) revert NotSigned(index);
    }

    function _slash(uint256 index, Evidence calldata evidence) private {
        (Lane lane, uint256 id) = (evidence.lane, evidence.answer.id);
        if (_slashed[index][lane][id]) revert AlreadySlashed(index, lane, id);
        _slashed[index][lane][id] = true;
        registry.slash(index, slashedBps, bountyBps, msg.sender);
    }

    /// A leaf is a hash of 128 bytes and a node one of 64, so none can be taken for the other.
    function _rootOf(Answer calldata result, uint256 from, bytes32[] calldata path)
        private
        pure
        returns (bytes32 node)
    {
        uint256 position = result.id - from;
        node = leafOf(result);
        for (uint256 i = 0; i < path.length; i++) {
            node = position & 1 == 0
                ? keccak256(abi.encodePacked(node, path[i]))
                : keccak256(abi.encodePacked(path[i], node));
            position >>= 1;
        }
        // A position that the path does not reach would be another one's leaf.
        if (position != 0) node = 0;
    }
}
