// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IOperatorRegistry} from "./interfaces/IOperatorRegistry.sol";
import {IProofVerifier} from "./interfaces/IProofVerifier.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";

/// @title Settlement of one rollup
/// @notice See {ISettlement} for the rules.
/// @dev The verified state root is not a variable of its own: it is the claimed root of the last verified
/// sequence, so the only way to move it is to count one more sequence as verified, in {revealProof}.
contract Settlement is ISettlement {
    /// The order of the scalar field of BN254
    uint256 private constant FIELD_MODULUS =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;

    /// What a sequence adds to the one before it; the rest of {Sequence} follows from that one.
    struct Checkpoint {
        uint64 lastBatch;
        uint64 blockNumber;
        bytes32 dataHash;
        bytes32 stateRoot;
    }

    struct Round {
        uint64 number;
        uint64 openedAt;
    }

    /// @inheritdoc ISettlement
    uint256 public immutable rollupId;
    /// @inheritdoc ISettlement
    bytes32 public immutable configHash;
    /// @inheritdoc ISettlement
    bytes32 public immutable keySetRoot;
    /// @inheritdoc ISettlement
    IProofVerifier public immutable verifier;
    /// @inheritdoc ISettlement
    address public immutable sequencer;
    /// @inheritdoc ISettlement
    IOperatorRegistry public immutable operators;
    /// @inheritdoc ISettlement
    uint32 public immutable commitWindow;
    /// @inheritdoc ISettlement
    uint32 public immutable revealWindow;
    /// @inheritdoc ISettlement
    uint256 public immutable rewardWei;

    uint64 private _lastSequence;
    uint64 private _verifiedSequence;

    /// Number 0 is the genesis.
    mapping(uint64 sequence => Checkpoint) private _checkpoints;
    mapping(uint64 sequence => Round) private _rounds;
    /// Keyed by round, so that a new round voids the commitments of the older ones.
    mapping(uint64 sequence => mapping(uint64 round => mapping(address operator => bytes32))) private
        _proofHashes;

    /// @inheritdoc ISettlement
    mapping(address operator => uint256) public rewardsOf;
    /// @inheritdoc ISettlement
    mapping(address operator => uint256) public claimedOf;

    constructor(Config memory config) {
        if (address(config.verifier).code.length == 0) revert InvalidConfig("verifier");
        if (address(config.operators).code.length == 0) revert InvalidConfig("operators");
        if (config.sequencer == address(0)) revert InvalidConfig("sequencer");
        if (config.revealWindow == 0) revert InvalidConfig("revealWindow");
        _requireField(config.genesisStateRoot);
        _requireField(config.configHash);
        _requireField(config.keySetRoot);

        rollupId = config.rollupId;
        configHash = config.configHash;
        keySetRoot = config.keySetRoot;
        verifier = config.verifier;
        sequencer = config.sequencer;
        operators = config.operators;
        commitWindow = config.commitWindow;
        revealWindow = config.revealWindow;
        rewardWei = config.rewardWei;
        _checkpoints[0] = Checkpoint({
            lastBatch: 0, blockNumber: uint64(block.number), dataHash: 0, stateRoot: config.genesisStateRoot
        });
    }

    /// @inheritdoc ISettlement
    function sequence(uint64 firstBatch, bytes[] calldata batches, bytes32 claimedStateRoot)
        external
        returns (uint64 sequenceNumber)
    {
        if (msg.sender != sequencer) revert NotSequencer(msg.sender, sequencer);
        Checkpoint memory previous = _checkpoints[_lastSequence];
        if (firstBatch != previous.lastBatch + 1) revert UnexpectedBatch(previous.lastBatch + 1, firstBatch);
        if (batches.length == 0) revert EmptySequence();
        _requireField(claimedStateRoot);

        bytes32 dataHash = previous.dataHash;
        for (uint256 i = 0; i < batches.length; i++) {
            if (batches[i].length == 0) revert EmptyBatch(i);
            dataHash = _chain(dataHash, batches[i]);
        }

        sequenceNumber = ++_lastSequence;
        uint64 lastBatch = previous.lastBatch + uint64(batches.length);
        _checkpoints[sequenceNumber] = Checkpoint({
            lastBatch: lastBatch,
            blockNumber: uint64(block.number),
            dataHash: dataHash,
            stateRoot: claimedStateRoot
        });
        emit SequenceSubmitted(
            sequenceNumber, firstBatch, lastBatch, previous.dataHash, dataHash, claimedStateRoot
        );
    }

    /// @inheritdoc ISettlement
    function commitProof(uint64 sequenceNumber, bytes32 proofHash) external {
        if (!operators.isOperator(msg.sender)) revert NotOperator(msg.sender);
        if (proofHash == 0) revert ZeroProofHash();
        _requirePending(sequenceNumber);

        Round memory round = _rounds[sequenceNumber];
        Windows memory windows = _windows(round);
        if (round.number == 0 || block.number > windows.lastRevealBlock) {
            round = Round({number: round.number + 1, openedAt: uint64(block.number)});
            _rounds[sequenceNumber] = round;
            windows = _windows(round);
        } else if (block.number > windows.lastCommitBlock) {
            revert CommitWindowClosed(sequenceNumber, block.number, windows.lastCommitBlock);
        } else if (_proofHashes[sequenceNumber][round.number][msg.sender] != 0) {
            revert AlreadyCommitted(sequenceNumber, round.number, msg.sender);
        }

        _proofHashes[sequenceNumber][round.number][msg.sender] = proofHash;
        emit ProofCommitted(
            sequenceNumber,
            msg.sender,
            round.number,
            proofHash,
            round.openedAt,
            windows.lastCommitBlock,
            windows.lastRevealBlock
        );
    }

    /// @inheritdoc ISettlement
    function revealProof(uint64 sequenceNumber, bytes calldata proof, bytes32 newStateRoot, bytes32 exitRoot)
        external
    {
        _requirePending(sequenceNumber);
        uint64 next = _verifiedSequence + 1;
        if (sequenceNumber != next) revert OutOfOrder(sequenceNumber, next);

        (uint64 round, bytes32 proofHash) = _requireRevealable(sequenceNumber);
        bytes32 actual = keccak256(abi.encodePacked(keccak256(proof), msg.sender));
        if (actual != proofHash) revert ProofHashMismatch(proofHash, actual);

        bytes32 claimedStateRoot = _checkpoints[sequenceNumber].stateRoot;
        if (newStateRoot != claimedStateRoot) revert StateRootMismatch(claimedStateRoot, newStateRoot);
        _requireField(exitRoot);
        if (!_verifies(proof, _publicInputs(sequenceNumber, exitRoot))) revert InvalidProof(sequenceNumber);

        _finalise(sequenceNumber, round, proofHash, exitRoot);
    }

    /// @inheritdoc ISettlement
    function fundRewards() external payable {
        emit RewardsFunded(msg.sender, msg.value);
    }

    /// @inheritdoc ISettlement
    function claimRewards() external returns (uint256 amount) {
        amount = rewardsOf[msg.sender] - claimedOf[msg.sender];
        if (amount == 0) revert NothingToClaim(msg.sender);
        if (amount > address(this).balance) revert InsufficientFunds(address(this).balance, amount);

        // Counted before it is paid: a call back into this function finds nothing left to claim.
        claimedOf[msg.sender] += amount;
        emit RewardClaimed(msg.sender, amount);
        (bool paid,) = msg.sender.call{value: amount}("");
        if (!paid) revert PaymentRefused(msg.sender, amount);
    }

    /// @inheritdoc ISettlement
    function state() external view returns (State memory) {
        Checkpoint memory verified = _checkpoints[_verifiedSequence];
        Checkpoint memory last = _checkpoints[_lastSequence];
        return State({
            verifiedStateRoot: verified.stateRoot,
            verifiedSequence: _verifiedSequence,
            verifiedBatch: verified.lastBatch,
            lastSequence: _lastSequence,
            lastBatch: last.lastBatch,
            lastDataHash: last.dataHash
        });
    }

    /// @inheritdoc ISettlement
    function sequenceOf(uint64 sequenceNumber) external view returns (Sequence memory) {
        _requireKnown(sequenceNumber);
        Checkpoint memory checkpoint = _checkpoints[sequenceNumber];
        // The genesis has no batch and nothing before it: all its other numbers and hashes are zero.
        Checkpoint memory previous;
        if (sequenceNumber != 0) previous = _checkpoints[sequenceNumber - 1];
        return Sequence({
            firstBatch: sequenceNumber == 0 ? 0 : previous.lastBatch + 1,
            lastBatch: checkpoint.lastBatch,
            blockNumber: checkpoint.blockNumber,
            prevDataHash: previous.dataHash,
            newDataHash: checkpoint.dataHash,
            claimedStateRoot: checkpoint.stateRoot
        });
    }

    /// @inheritdoc ISettlement
    function windowsOf(uint64 sequenceNumber) external view returns (Windows memory) {
        _requireKnown(sequenceNumber);
        return _windows(_rounds[sequenceNumber]);
    }

    /// @inheritdoc ISettlement
    function commitmentOf(uint64 sequenceNumber, address operator) external view returns (Commitment memory) {
        uint64 round = _rounds[sequenceNumber].number;
        return Commitment({round: round, proofHash: _proofHashes[sequenceNumber][round][operator]});
    }

    /// @inheritdoc ISettlement
    function publicInputsOf(uint64 sequenceNumber, bytes32 exitRoot)
        external
        view
        returns (bytes32[] memory)
    {
        _requireKnown(sequenceNumber);
        if (sequenceNumber == 0) revert UnknownSequence(sequenceNumber, _lastSequence);
        return _publicInputs(sequenceNumber, exitRoot);
    }

    /// The proof of the caller is verified.
    function _finalise(uint64 sequenceNumber, uint64 round, bytes32 proofHash, bytes32 exitRoot) private {
        _verifiedSequence = sequenceNumber;
        rewardsOf[msg.sender] += rewardWei;

        Checkpoint memory checkpoint = _checkpoints[sequenceNumber];
        emit SequenceVerified(
            sequenceNumber,
            msg.sender,
            round,
            checkpoint.lastBatch,
            _checkpoints[sequenceNumber - 1].stateRoot,
            checkpoint.stateRoot,
            exitRoot,
            proofHash,
            rewardWei
        );
    }

    function _requireKnown(uint64 sequenceNumber) private view {
        if (sequenceNumber > _lastSequence) revert UnknownSequence(sequenceNumber, _lastSequence);
    }

    /// Submitted, and not verified yet.
    function _requirePending(uint64 sequenceNumber) private view {
        _requireKnown(sequenceNumber);
        if (sequenceNumber == 0) revert UnknownSequence(sequenceNumber, _lastSequence);
        if (sequenceNumber <= _verifiedSequence) revert AlreadyVerified(sequenceNumber);
    }

    /// The caller's commitment, when the newest round takes proofs in this block.
    function _requireRevealable(uint64 sequenceNumber)
        private
        view
        returns (uint64 round, bytes32 proofHash)
    {
        Windows memory windows = _windows(_rounds[sequenceNumber]);
        round = windows.round;
        if (round == 0) revert NoCommitment(sequenceNumber, round, msg.sender);
        if (block.number < windows.firstRevealBlock) {
            revert RevealWindowNotOpen(sequenceNumber, block.number, windows.firstRevealBlock);
        }
        if (block.number > windows.lastRevealBlock) {
            revert RevealWindowClosed(sequenceNumber, block.number, windows.lastRevealBlock);
        }
        proofHash = _proofHashes[sequenceNumber][round][msg.sender];
        if (proofHash == 0) revert NoCommitment(sequenceNumber, round, msg.sender);
    }

    function _windows(Round memory round) private view returns (Windows memory windows) {
        if (round.number == 0) return windows;
        uint64 lastCommitBlock = round.openedAt + commitWindow;
        return Windows({
            round: round.number,
            openedAt: round.openedAt,
            lastCommitBlock: lastCommitBlock,
            firstRevealBlock: lastCommitBlock + 1,
            lastRevealBlock: lastCommitBlock + revealWindow
        });
    }

    /// The statement of a sequence, in the order of the circuits' public inputs.
    function _publicInputs(uint64 sequenceNumber, bytes32 exitRoot)
        private
        view
        returns (bytes32[] memory inputs)
    {
        Checkpoint memory previous = _checkpoints[sequenceNumber - 1];
        Checkpoint memory current = _checkpoints[sequenceNumber];
        inputs = new bytes32[](9);
        inputs[0] = previous.stateRoot;
        inputs[1] = current.stateRoot;
        inputs[2] = previous.dataHash;
        inputs[3] = current.dataHash;
        inputs[4] = bytes32(uint256(previous.lastBatch) + 1);
        inputs[5] = bytes32(uint256(current.lastBatch));
        inputs[6] = exitRoot;
        inputs[7] = configHash;
        inputs[8] = keySetRoot;
    }

    /// Verifiers may answer false or revert; both mean no.
    function _verifies(bytes calldata proof, bytes32[] memory publicInputs) private view returns (bool) {
        try verifier.verify(proof, publicInputs) returns (bool valid) {
            return valid;
        } catch {
            return false;
        }
    }

    /// The next data hash. Its most significant byte is cleared, so that it is a BN254 scalar.
    function _chain(bytes32 dataHash, bytes calldata batch) private pure returns (bytes32) {
        return sha256(abi.encodePacked(dataHash, batch)) & bytes32(type(uint256).max >> 8);
    }

    function _requireField(bytes32 value) private pure {
        if (uint256(value) >= FIELD_MODULUS) revert NotFieldElement(value);
    }
}
