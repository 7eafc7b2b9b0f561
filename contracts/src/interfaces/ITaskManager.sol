// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "./IProofVerifier.sol";
import {IVerifierRegistry} from "./IVerifierRegistry.sol";

/// @title Proofs to verify, and what the verifiers found
/// @notice Anybody submits a proof by its hash, with a fee; the verifiers get its bytes elsewhere, verify it, and answer with
/// a certificate: whether the proof shows its statement. Tasks of the first lane are answered one by one, those of the
/// second by a Merkle root of many answers, whose tasks are consecutive.
///
/// A statement is what a proof of some system shows of some program: {statementOf}. An answer that a proof is not valid says
/// nothing of its statement, which another proof may show.
///
/// What verifiers sign can be held against them: two answers to one task, or "valid" of a proof that the chain's own verifier of
/// that program refuses. Whoever shows it gets a part of what they lose.
interface ITaskManager {
    /// @notice Answered alone, or together with others
    enum Lane {
        Single,
        Batch
    }

    enum Verdict {
        None,
        Valid,
        Invalid
    }

    struct Config {
        /// fee (in wei) of a task that is answered alone, at least, and of one that is answered with others
        uint96 singleFeeWei;
        uint96 batchFeeWei;
        /// blocks after which the fee of a task that is answered alone may be taken back
        uint48 answerBlocks;
        /// parts (in hundredths of a per cent) of the stake that a false answer costs, and of that, what who shows it gets
        uint16 slashedBps;
        uint16 bountyBps;
        /// who registers the chain's own verifiers
        address admin;
    }

    /// @notice What is to be verified.
    struct Task {
        /// the proof system, by the hash of its name
        bytes32 system;
        /// what the system knows a program by: the hash of a verification key, SP1's key, RISC Zero's image
        bytes32 program;
        /// keccak256 of the public inputs, 32 bytes each
        bytes32 inputsHash;
        /// keccak256 of the proof
        bytes32 proofHash;
    }

    /// @notice An answer, as it is signed: alone, or as a leaf of a batch's tree.
    struct Answer {
        uint256 id;
        bytes32 statement;
        bytes32 proofHash;
        Verdict verdict;
    }

    /// @notice What a verifier signed: an answer of either lane, by its own signature or by a certificate.
    struct Evidence {
        Lane lane;
        Answer answer;
        /// of a batch: its first task, the one behind its last, and the siblings of the answer's leaf, from below
        uint256 from;
        uint256 to;
        bytes32[] path;
        /// as part of a certificate, or alone, by `key` and `signature` of it
        bool certified;
        IVerifierRegistry.Certificate certificate;
    }

    struct Single {
        uint96 feeWei;
        uint48 submittedAt;
        Verdict verdict;
        address submitter;
    }

    struct Batch {
        bytes32 root;
        uint128 from;
        uint128 to;
    }

    /// @notice A proof is to be verified.
    event TaskSubmitted(
        Lane indexed lane, uint256 indexed id, bytes32 indexed system, Task task, uint256 feeWei
    );

    /// @notice The verifiers answered a task alone.
    event TaskAnswered(uint256 indexed id, bytes32 indexed statement, Verdict verdict);

    /// @notice The verifiers answered the tasks [from, to) of the second lane: `root` is over their answers.
    event BatchAnswered(uint256 indexed batch, uint256 from, uint256 to, bytes32 root);

    /// @notice The fee of a task that nobody answered went back.
    event TaskWithdrawn(uint256 indexed id, uint256 feeWei);

    /// @notice The chain's own verifier of a program; none when `verifier` is zero.
    event VerifierSet(
        bytes32 indexed system, bytes32 indexed program, IProofVerifier verifier, uint256 gasLimit
    );

    /// @notice `field` of the configuration cannot work.
    error InvalidTasksConfig(string field);

    /// @notice The fee sent (in wei) is not what the lane asks for (in wei).
    error WrongFee(uint256 sent, uint256 expected);

    /// @notice No such task waits for an answer.
    error NotWaiting(uint256 id);

    /// @notice The verifiers have until block `until` to answer.
    error StillWaiting(uint256 id, uint256 blockNumber, uint256 until);

    /// @notice An answer has to say something.
    error NoVerdict();

    /// @notice A batch continues with task `expected`, and goes no further than task `end`.
    error WrongBatch(uint256 from, uint256 to, uint256 expected, uint256 end);

    /// @notice There is no such batch.
    error UnknownBatch(uint256 batch);

    /// @notice The answers do not contradict each other.
    error NoContradiction();

    /// @notice The verifier did not sign this.
    error NotSigned(uint256 index);

    /// @notice These are not the bytes of the task.
    error OtherBytes(string what);

    /// @notice The chain has no verifier of that program, so nothing can be shown.
    error NoVerifier(bytes32 system, bytes32 program);

    /// @notice The proof holds.
    error ProofHolds();

    /// @notice The verifier was slashed for this task already.
    error AlreadySlashed(uint256 index, Lane lane, uint256 id);

    /// @notice The account refused the payment (in wei).
    error PaymentRefused(address account, uint256 amountWei);

    /// @notice Submits a proof. The value sent is the fee: at least that of the first lane, exactly that of the second.
    /// @dev Reverts with {WrongFee}.
    /// @return id Its number in its lane
    function submit(Lane lane, Task calldata task) external payable returns (uint256 id);

    /// @notice Takes back the fee of a task of the first lane that was not answered in time. For who submitted it.
    /// @dev Reverts with {NotWaiting}, {StillWaiting} or {PaymentRefused}.
    function takeBack(uint256 id) external;

    /// @notice Answers a task of the first lane. For anybody who has a certificate of {answerDigest}.
    /// @dev Reverts with {NotWaiting}, {NoVerdict} and as {IVerifierRegistry-certify} does.
    function answer(Answer calldata result, IVerifierRegistry.Certificate calldata certificate) external;

    /// @notice Answers the tasks of the second lane up to `to`, without it. For anybody who has a certificate of {batchDigest}.
    /// @dev Reverts with {WrongBatch} and as {IVerifierRegistry-certify} does.
    /// @param root Over the {leafOf} each answer, in the order of the tasks, padded with zeros to a power of two
    /// @return batch Its number
    function answerBatch(uint256 to, bytes32 root, IVerifierRegistry.Certificate calldata certificate)
        external
        returns (uint256 batch);

    /// @notice Slashes a verifier that signed two answers to one task.
    /// @dev Reverts with {NoContradiction}, {NotSigned} or {AlreadySlashed}.
    function slashContradiction(uint256 index, Evidence calldata one, Evidence calldata other) external;

    /// @notice Slashes a verifier that signed "valid" of a proof which the chain's own verifier refuses.
    /// @dev Reverts with {NoContradiction} when it signed something else, {NotSigned}, {OtherBytes}, {NoVerifier}, {ProofHolds}
    /// or {AlreadySlashed}.
    function slashFalse(
        uint256 index,
        Evidence calldata evidence,
        Task calldata task,
        bytes calldata proof,
        bytes32[] calldata publicInputs
    ) external;

    /// @notice Registers the chain's own verifier of a program, which decides in {slashFalse}. For the administrator.
    /// @param gasLimit What it gets (in gas); one that needs more refuses
    function setVerifier(bytes32 system, bytes32 program, IProofVerifier verifier, uint256 gasLimit) external;

    /// @notice Whether the verifiers found a proof of a statement valid, alone
    function isProven(bytes32 statement) external view returns (bool);

    /// @notice Whether the verifiers found a proof of a statement valid, in a batch
    /// @dev Reverts with {UnknownBatch}.
    /// @param path The siblings of the answer's leaf, from below
    function isProvenIn(uint256 batch, Answer calldata result, bytes32[] calldata path)
        external
        view
        returns (bool);

    /// @notice What is said of a task by {Answer-statement}
    function statementOf(Task calldata task) external pure returns (bytes32);

    /// @notice The leaf of an answer
    function leafOf(Answer calldata result) external pure returns (bytes32);

    /// @notice What verifiers sign of one answer, and of a batch of them
    function answerDigest(Answer calldata result) external view returns (bytes32);
    function batchDigest(uint256 from, uint256 to, bytes32 root) external view returns (bytes32);

    /// @notice A task of the first lane, without what was only announced
    function singleOf(uint256 id) external view returns (Single memory);

    /// @notice The answers to tasks [from, to) of the second lane
    function batchOf(uint256 batch) external view returns (Batch memory);

    /// @notice Tasks submitted in each lane, and how many of the second were answered, in how many batches
    function counts()
        external
        view
        returns (uint256 singles, uint256 batched, uint256 answered, uint256 batches);
}
