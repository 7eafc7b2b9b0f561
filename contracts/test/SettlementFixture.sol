// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {OperatorRegistry} from "../src/OperatorRegistry.sol";
import {IBridge} from "../src/interfaces/IBridge.sol";
import {ICommitments} from "../src/interfaces/ICommitments.sol";
import {IProofPolicy} from "../src/interfaces/IProofPolicy.sol";
import {IRewards} from "../src/interfaces/IRewards.sol";
import {IRoundWindows} from "../src/interfaces/IRoundWindows.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {RollupManager} from "../src/manager/RollupManager.sol";
import {Timelock} from "../src/manager/Timelock.sol";
import {Test} from "./Vm.sol";
import {MockBridge} from "./mocks/MockBridge.sol";
import {MockVerifier} from "./mocks/MockVerifier.sol";

/// @notice A settlement with two operators, and short ways to bring it into each state
abstract contract SettlementFixture is Test {
    uint32 internal constant COMMIT_WINDOW = 10;
    uint32 internal constant REVEAL_WINDOW = 10;
    uint32 internal constant SHARE_WINDOW = 5;
    uint96 internal constant REWARD = 0.5 ether;
    uint256 internal constant MINIMUM_STAKE = 1 ether;
    uint64 internal constant UNBONDING_BLOCKS = 50_400;
    uint32 internal constant VERIFIER_GAS = 1_000_000;
    uint96 internal constant WRONG_PROOF = 0.1 ether;
    uint96 internal constant MISSED_REVEAL = 0.02 ether;
    uint96 internal constant FAILED_ROUND = 0.03 ether;
    uint256 internal constant FIELD_MODULUS =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;

    bytes32 internal constant GENESIS_ROOT = bytes32(uint256(0x6e0));
    bytes32 internal constant CONFIG_HASH = bytes32(uint256(0xc0f));
    bytes32 internal constant KEY_SET_ROOT = bytes32(uint256(0x4e1));
    bytes32 internal constant EXIT_ROOT = bytes32(0);

    uint256 internal constant DELAY = 7 days;

    address internal constant ADMIN = address(0xad);
    address internal constant GUARDIAN = address(0x6a);
    address internal constant TREASURY = address(0x74ea);
    address internal constant SEQUENCER = address(0x5e9);
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    address internal constant STRANGER = address(0x57a);

    Timelock internal timelock;
    RollupManager internal manager;
    MockVerifier internal verifier;
    /// Takes any batch: those of these tests hold no deposits.
    IBridge internal bridge = IBridge(address(new MockBridge()));
    OperatorRegistry internal operators;
    ISettlement internal settlement;

    function setUp() public virtual {
        verifier = new MockVerifier();
        operators = new OperatorRegistry(MINIMUM_STAKE, UNBONDING_BLOCKS, ADMIN, TREASURY);
        deploy(config());
        register(ALICE, MINIMUM_STAKE);
        register(BOB, MINIMUM_STAKE);
        vm.roll(1000);
    }

    function config() internal view returns (ISettlement.Config memory) {
        return ISettlement.Config({
            rollupId: 7,
            configHash: CONFIG_HASH,
            keySetRoot: KEY_SET_ROOT,
            verifier: verifier,
            verifierGas: VERIFIER_GAS,
            sequencer: SEQUENCER,
            admin: ADMIN,
            bridge: bridge,
            operators: operators,
            penalties: ICommitments.Penalties({
                wrongProofWei: WRONG_PROOF, missedRevealWei: MISSED_REVEAL, failedRoundWei: FAILED_ROUND
            }),
            // Whatever the verifier accepts, once
            policy: IProofPolicy.Policy({
                systems: new bytes4[](0), threshold: 1, ways: IProofPolicy.Ways.TwoSteps
            }),
            manager: address(manager),
            allowsBlobs: false
        });
    }

    function genesis() internal pure returns (ISettlement.Genesis memory) {
        return ISettlement.Genesis({
            stateRoot: GENESIS_ROOT,
            windows: IRoundWindows.WindowLengths({
                commitWindow: COMMIT_WINDOW, revealWindow: REVEAL_WINDOW, shareWindow: SHARE_WINDOW
            }),
            rewards: IRewards.RewardPolicy({blockRewardWei: 0, priceWei: REWARD})
        });
    }

    function newSettlement(ISettlement.Config memory settings) internal returns (ISettlement) {
        return ISettlement(create("Settlement.sol:Settlement", abi.encode(settings)));
    }

    function deploy(ISettlement.Config memory settings) internal {
        deploy(settings, genesis());
    }

    /// Makes `settlement` that of the first rollup of a new manager; it may lock stake.
    function deploy(ISettlement.Config memory settings, ISettlement.Genesis memory start) internal {
        timelock = new Timelock(ADMIN, DELAY);
        manager = new RollupManager(timelock, GUARDIAN);
        settings.manager = address(manager);
        ISettlement implementation = newSettlement(settings);
        vm.prank(ADMIN);
        settlement = ISettlement(address(manager.register(implementation, start)));
        vm.prank(ADMIN);
        operators.setEnabled(address(settlement), true);
    }

    function announce(address target, bytes memory data) internal returns (bytes32) {
        vm.prank(ADMIN);
        return timelock.announce(target, data, 0);
    }

    function execute(address target, bytes memory data) internal {
        vm.prank(ADMIN);
        timelock.execute(target, data, 0);
    }

    /// Announces a call, lets the delay pass, and makes it.
    function throughTimelock(address target, bytes memory data) internal {
        announce(target, data);
        vm.warp(block.timestamp + DELAY);
        execute(target, data);
    }

    function register(address operator, uint256 stake) internal {
        vm.deal(operator, operator.balance + stake);
        vm.prank(operator);
        operators.register{value: stake}();
    }

    /// Submits one sequence of `count` batches that claims `root`.
    function submit(uint256 count, bytes32 root) internal returns (uint64) {
        bytes[] memory batches = new bytes[](count);
        for (uint256 i = 0; i < count; i++) {
            // without deposits
            batches[i] = abi.encodePacked("batch", i, root, uint8(0));
        }
        uint64 firstBatch = nextBatch();
        vm.prank(SEQUENCER);
        return settlement.sequence(firstBatch, batches, root);
    }

    /// The number that the first batch of the next sequence has to have.
    function nextBatch() internal view returns (uint64) {
        return settlement.state().lastBatch + 1;
    }

    /// The one proof that the mock verifier accepts for a sequence.
    function proofOf(uint64 sequence) internal view returns (bytes memory) {
        bytes32[] memory inputs = settlement.publicInputsOf(sequence, EXIT_ROOT, address(0));
        return abi.encodePacked(keccak256(abi.encodePacked(inputs)));
    }

    function hashOf(bytes memory proof, address operator) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(keccak256(proof), operator));
    }

    function commit(address operator, uint64 sequence, bytes memory proof) internal {
        vm.prank(operator);
        settlement.commitProof(sequence, hashOf(proof, operator));
    }

    function reveal(address operator, uint64 sequence, bytes memory proof, bytes32 root) internal {
        vm.prank(operator);
        settlement.revealProof(sequence, proof, root, EXIT_ROOT);
    }

    function settle(address operator, uint64 sequence, uint64 round) internal {
        address[] memory accounts = new address[](1);
        accounts[0] = operator;
        settlement.settleCommitments(sequence, round, accounts);
    }

    function status(address operator, uint64 sequence) internal view returns (ICommitments.Status) {
        return settlement.commitmentOf(sequence, operator).status;
    }

    /// The first block of the reveal window of a sequence's newest round.
    function rollToReveal(uint64 sequence) internal {
        vm.roll(settlement.windowsOf(sequence).firstRevealBlock);
    }

    /// Submits, commits and reveals one sequence by `operator`.
    function finalise(address operator, bytes32 root) internal returns (uint64 sequence) {
        sequence = submit(1, root);
        commit(operator, sequence, proofOf(sequence));
        rollToReveal(sequence);
        reveal(operator, sequence, proofOf(sequence), root);
    }

    function assertNothingVerified() internal view {
        ISequences.State memory state = settlement.state();
        vm.assertEq(state.verifiedSequence, 0);
        vm.assertEq(state.verifiedBatch, 0);
        vm.assertEq(state.verifiedStateRoot, GENESIS_ROOT);
        vm.assertEq(settlement.rewardsOf(ALICE), 0);
        vm.assertEq(settlement.rewardsOf(BOB), 0);
    }
}
