// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {VerifierCall} from "../src/verifiers/VerifierCall.sol";
import {ICommitments} from "../src/interfaces/ICommitments.sol";
import {IOperatorRegistry} from "../src/interfaces/IOperatorRegistry.sol";
import {IProofRounds} from "../src/interfaces/IProofRounds.sol";
import {IRewards} from "../src/interfaces/IRewards.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {SettlementFixture} from "./SettlementFixture.sol";
import {HostileVerifier} from "./mocks/HostileVerifier.sol";
import {SlowVerifier} from "./mocks/SlowVerifier.sol";

/// @notice An operator that calls back whenever it is paid
contract ReentrantOperator {
    ISettlement private immutable settlement;
    bool public tried;

    constructor(ISettlement settlement_) {
        settlement = settlement_;
    }

    receive() external payable {
        tried = true;
        bytes memory again = msg.sender == address(settlement)
            ? abi.encodeCall(IRewards.claimRewards, ())
            : abi.encodeCall(IOperatorRegistry.withdraw, ());
        (bool paid,) = msg.sender.call(again);
        require(!paid, "paid twice");
    }

    function forget() external {
        tried = false;
    }
}

/// Each test is an attack; what it shows is that it does not pay, or does not harm.
contract SettlementAttacksTest is SettlementFixture {
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));
    address internal constant MALLORY = address(0x3a1);

    bytes internal proof;

    function setUp() public override {
        super.setUp();
        register(MALLORY, MINIMUM_STAKE);
        submit(1, ROOT);
        proof = proofOf(1);
    }

    /// Mallory copies the hash that she sees in a commitment: it names its operator.
    function test_attack_copiedCommitment() public {
        commit(ALICE, 1, proof);
        bytes32 copied = hashOf(proof, ALICE);
        vm.prank(MALLORY);
        settlement.commitProof(1, copied);
        rollToReveal(1);
        reveal(ALICE, 1, proof, ROOT);
        vm.expectRevert(
            abi.encodeWithSelector(IProofRounds.ProofHashMismatch.selector, copied, hashOf(proof, MALLORY))
        );
        reveal(MALLORY, 1, proof, ROOT);
        vm.roll(1026);
        settle(MALLORY, 1, 1);
        settle(ALICE, 1, 1);
        vm.assertEq(settlement.rewardsOf(MALLORY), 0);
        vm.assertEq(settlement.rewardsOf(ALICE), REWARD);
        vm.assertEq(operators.stakeOf(MALLORY), MINIMUM_STAKE - MISSED_REVEAL);
    }

    /// Mallory sees a proof on its way to a block and commits to it there, in front of it or behind it.
    function test_attack_commitmentInTheBlockOfTheReveal() public {
        commit(ALICE, 1, proof);
        bytes32 stolen = hashOf(proof, MALLORY);
        for (uint256 number = 1000; number <= 1020; number++) {
            vm.roll(number);
            // No block takes both: a commitment, then the proof, each undone again.
            bool commits = tries(MALLORY, abi.encodeCall(IProofRounds.commitProof, (1, stolen)));
            bool reveals = tries(ALICE, abi.encodeCall(IProofRounds.revealProof, (1, proof, ROOT, EXIT_ROOT)));
            vm.assertTrue(commits != reveals);
        }
        vm.roll(1011);
        reveal(ALICE, 1, proof, ROOT);
        vm.expectRevert(abi.encodeWithSelector(ISequences.AlreadyVerified.selector, 1));
        vm.prank(MALLORY);
        settlement.commitProof(1, stolen);
    }

    /// Mallory commits to nothing, and wants her stake out before anybody can take it.
    function test_attack_commitWithdrawEscape() public {
        commit(MALLORY, 1, "nothing");
        vm.prank(MALLORY);
        vm.expectRevert(
            abi.encodeWithSelector(
                IOperatorRegistry.InsufficientFreeStake.selector,
                MALLORY,
                MINIMUM_STAKE - WRONG_PROOF,
                MINIMUM_STAKE
            )
        );
        operators.requestUnbond(MINIMUM_STAKE);
        vm.prank(MALLORY);
        operators.requestUnbond(MINIMUM_STAKE - WRONG_PROOF);
        vm.prank(MALLORY);
        vm.expectRevert(abi.encodeWithSelector(ICommitments.CommitmentBinding.selector, 1, 1, 22_610));
        settlement.withdrawCommitment(1);

        // What is locked waits for the penalty, however late it comes.
        vm.roll(1000 + UNBONDING_BLOCKS);
        vm.prank(MALLORY);
        operators.withdraw();
        vm.prank(MALLORY);
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorRegistry.InsufficientFreeStake.selector, MALLORY, 0, 1)
        );
        operators.requestUnbond(1);
        settle(MALLORY, 1, 1);
        vm.assertEq(operators.stakeOf(MALLORY), WRONG_PROOF - FAILED_ROUND);
        vm.assertEq(operators.slashedStake(), FAILED_ROUND);
    }

    /// Disabling a settlement frees nobody of what it has locked.
    function test_attack_escapeThroughADisabledSettlement() public {
        commit(MALLORY, 1, "nothing");
        vm.prank(ADMIN);
        operators.setEnabled(address(settlement), false);
        vm.roll(1021);
        settle(MALLORY, 1, 1);
        vm.assertEq(operators.stakeOf(MALLORY), MINIMUM_STAKE - FAILED_ROUND);
    }

    function test_attack_revealTwice() public {
        commit(MALLORY, 1, proof);
        commit(ALICE, 1, proof);
        rollToReveal(1);
        reveal(MALLORY, 1, proof, ROOT);
        bytes memory refusal = abi.encodeWithSelector(IProofRounds.AlreadyRevealed.selector, 1, 1, MALLORY);
        vm.expectRevert(refusal);
        reveal(MALLORY, 1, proof, ROOT);
        reveal(ALICE, 1, proof, ROOT);
        settle(MALLORY, 1, 1);
        vm.expectRevert(refusal);
        reveal(MALLORY, 1, proof, ROOT);
        settle(MALLORY, 1, 1);
        vm.assertEq(settlement.rewardsOf(MALLORY), REWARD / 2);
        vm.assertEq(operators.lockedOf(MALLORY), 0);
    }

    /// Nobody can show the proof of somebody else, be it to earn with it or to have it penalised.
    function test_attack_revealForAnother() public {
        commit(ALICE, 1, proof);
        rollToReveal(1);
        vm.expectRevert(abi.encodeWithSelector(ICommitments.NoCommitment.selector, 1, 1, MALLORY));
        reveal(MALLORY, 1, proof, ROOT);
        vm.assertTrue(status(ALICE, 1) == ICommitments.Status.Open);
        vm.assertEq(operators.stakeOf(ALICE), MINIMUM_STAKE);
    }

    /// Mallory keeps the windows busy with commitments to nothing. The others are not held up while they commit
    /// in time; each round costs her.
    function test_attack_griefByCommittingWithoutRevealing() public {
        for (uint64 round = 1; round <= 3; round++) {
            commit(MALLORY, 1, "nothing");
            vm.roll(settlement.windowsOf(1).lastRevealBlock + 1);
            settle(MALLORY, 1, round);
            vm.deal(MALLORY, FAILED_ROUND);
            vm.prank(MALLORY);
            operators.addStake{value: FAILED_ROUND}();
        }
        vm.assertEq(operators.slashedStake(), 3 * uint256(FAILED_ROUND));
        commit(MALLORY, 1, "nothing");
        commit(ALICE, 1, proof);
        rollToReveal(1);
        reveal(ALICE, 1, proof, ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 1);
        vm.roll(settlement.windowsOf(1).lastShareBlock + 1);
        settle(MALLORY, 1, 4);
        settle(ALICE, 1, 4);
        vm.assertEq(settlement.rewardsOf(ALICE), REWARD);
    }

    /// Mallory occupies many later sequences; none of her commitments can outlast its round.
    function test_attack_griefOnLaterSequences() public {
        submit(1, ROOT);
        commit(MALLORY, 2, "nothing");
        commit(ALICE, 1, proof);
        vm.roll(1011);
        reveal(ALICE, 1, proof, ROOT);
        vm.roll(settlement.windowsOf(2).lastRevealBlock + 1);
        commit(ALICE, 2, proofOf(2));
        settle(MALLORY, 2, 1);
        rollToReveal(2);
        reveal(ALICE, 2, proofOf(2), ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 2);
        vm.assertEq(operators.stakeOf(MALLORY), MINIMUM_STAKE - FAILED_ROUND);
    }

    function test_attack_reentrancyOnClaimAndWithdraw() public {
        ReentrantOperator operator = new ReentrantOperator(settlement);
        register(address(operator), 2 * MINIMUM_STAKE);
        commit(address(operator), 1, proof);
        rollToReveal(1);
        reveal(address(operator), 1, proof, ROOT);
        settlement.fundRewards{value: 10 * uint256(REWARD)}();
        vm.prank(address(operator));
        operators.requestUnbond(MINIMUM_STAKE);
        vm.roll(1000 + 2 * UNBONDING_BLOCKS);

        vm.prank(address(operator));
        settlement.claimRewards();
        vm.assertTrue(operator.tried());
        vm.assertEq(address(settlement).balance, 9 * uint256(REWARD));
        operator.forget();
        vm.prank(address(operator));
        operators.withdraw();
        vm.assertTrue(operator.tried());
        vm.assertEq(address(operator).balance, REWARD + MINIMUM_STAKE);
    }

    function test_attack_hugeReturnData() public {
        expectWrongProof(HostileVerifier.Behaviour.Return, 0, 256 * 1024);
        expectWrongProof(HostileVerifier.Behaviour.Revert, 1, 256 * 1024);
    }

    function test_attack_verifierRevertsOrBurnsGas() public {
        expectWrongProof(HostileVerifier.Behaviour.Revert, 1, 32);
        expectWrongProof(HostileVerifier.Behaviour.Return, 2, 32);
        expectWrongProof(HostileVerifier.Behaviour.Return, 0, 0);
        uint256 before = gasleft();
        expectWrongProof(HostileVerifier.Behaviour.Burn, 0, 0);
        // What is left over is a new manager and settlement, a sequence, a commitment and the penalty.
        vm.assertLe(before - gasleft(), VERIFIER_GAS + 9_000_000);
    }

    /// With too little gas for the verifier a good proof must not become a wrong one: whatever the gas, the reveal
    /// is accepted or reverts.
    function testFuzz_attack_tooLittleGas(uint256 gas_) public {
        ISettlement.Config memory slow = config();
        slow.verifier = new SlowVerifier(VERIFIER_GAS - 20_000);
        deploy(slow);
        submit(1, ROOT);
        commit(ALICE, 1, "any");
        rollToReveal(1);
        gas_ = bound(gas_, 50_000, 2 * VERIFIER_GAS);
        vm.prank(ALICE);
        (bool done, bytes memory answer) = address(settlement).call{gas: gas_}(
            abi.encodeCall(IProofRounds.revealProof, (1, "any", ROOT, EXIT_ROOT))
        );
        vm.assertEq(operators.slashedStake(), 0);
        vm.assertEq(settlement.state().verifiedSequence, done ? 1 : 0);
        if (done) vm.assertTrue(abi.decode(answer, (bool)));
        else vm.assertTrue(answer.length == 0 || bytes4(answer) == VerifierCall.NotEnoughGas.selector);
        if (gas_ > 3 * VERIFIER_GAS / 2) vm.assertTrue(done);
    }

    /// A settlement with a verifier that misbehaves: a proof is wrong there, and penalised.
    function expectWrongProof(HostileVerifier.Behaviour behaviour, uint256 word, uint256 length) private {
        ISettlement.Config memory settings = config();
        settings.verifier = new HostileVerifier(behaviour, word, length);
        deploy(settings);
        submit(1, ROOT);
        commit(ALICE, 1, proof);
        rollToReveal(1);
        uint256 before = operators.stakeOf(ALICE);
        vm.prank(ALICE);
        vm.assertFalse(settlement.revealProof(1, proof, ROOT, EXIT_ROOT));
        vm.assertEq(operators.stakeOf(ALICE), before - WRONG_PROOF);
        vm.assertEq(settlement.state().verifiedSequence, 0);
        vm.deal(ALICE, WRONG_PROOF);
        vm.prank(ALICE);
        operators.addStake{value: WRONG_PROOF}();
    }

    /// Whether a call would succeed in this block; it is undone.
    function tries(address caller, bytes memory call) private returns (bool done) {
        try this.undone(caller, call) {}
        catch (bytes memory answer) {
            done = abi.decode(answer, (bool));
        }
    }

    function undone(address caller, bytes calldata call) external {
        vm.prank(caller);
        (bool done,) = address(settlement).call(call);
        bytes memory answer = abi.encode(done);
        assembly {
            revert(add(answer, 32), mload(answer))
        }
    }
}
