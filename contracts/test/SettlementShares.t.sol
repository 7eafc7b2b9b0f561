// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Administered} from "../src/Administered.sol";
import {ICommitments} from "../src/interfaces/ICommitments.sol";
import {IProofRounds} from "../src/interfaces/IProofRounds.sol";
import {IRewards} from "../src/interfaces/IRewards.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {SettlementFixture} from "./SettlementFixture.sol";

/// How the reward of a sequence is split over those who revealed
contract SettlementSharesTest is SettlementFixture {
    bytes32 internal constant ROOT = bytes32(uint256(0xabc));
    address internal constant SMALL = address(0x200);
    address internal constant LARGE = address(0x500);
    address internal constant MIDDLE = address(0x300);

    function setUp() public override {
        super.setUp();
        register(SMALL, 200_000 ether);
        register(LARGE, 500_000 ether);
        register(MIDDLE, 300_000 ether);
    }

    /// The example of the network's documentation.
    function test_shares_200K_500K_300KAnd2Tokens() public {
        setPolicy(0, 2 ether);
        round();
        reveals(LARGE);
        reveals(SMALL);
        vm.expectEmit(address(settlement));
        emit IRewards.RewardFixed(1, 2 ether, 1_000_000 ether);
        vm.expectEmit(address(settlement));
        emit IRewards.RewardEarned(1, MIDDLE, 0.6 ether);
        reveals(MIDDLE);
        settleAll();
        assertEarned(0.4 ether, 1 ether, 0.6 ether);
        vm.assertEq(settlement.dustWei(), 0);
    }

    function test_shares_areNotDilutedByThoseWhoDidNotReveal() public {
        setPolicy(0, 2 ether);
        round();
        reveals(SMALL);
        reveals(MIDDLE);
        vm.roll(1026);
        settleAll();
        assertEarned(0.8 ether, 0, 1.2 ether);
        vm.assertEq(operators.stakeOf(LARGE), 500_000 ether - MISSED_REVEAL);
    }

    function test_shares_areNotDilutedByAWrongProof() public {
        setPolicy(0, 2 ether);
        submit(1, ROOT);
        commit(SMALL, 1, proofOf(1));
        commit(LARGE, 1, "wrong");
        commit(MIDDLE, 1, proofOf(1));
        rollToReveal(1);
        reveals(MIDDLE);
        reveals(SMALL);
        reveal(LARGE, 1, "wrong", ROOT);
        settleAll();
        assertEarned(0.8 ether, 0, 1.2 ether);
    }

    /// Stake counts as it was at the commitment, whatever happens to it later.
    function test_shares_areByStakeAtTheCommitment() public {
        setPolicy(0, 2 ether);
        round();
        vm.prank(LARGE);
        operators.requestUnbond(499_000 ether);
        vm.deal(SMALL, 1_000_000 ether);
        vm.prank(SMALL);
        operators.addStake{value: 1_000_000 ether}();
        reveals(SMALL);
        reveals(LARGE);
        reveals(MIDDLE);
        settleAll();
        assertEarned(0.4 ether, 1 ether, 0.6 ether);
    }

    function test_shares_leaveDustForTheNextSequence() public {
        setPolicy(0, 9);
        round();
        reveals(SMALL);
        reveals(LARGE);
        reveals(MIDDLE);
        settleAll();
        // 1.8, 4.5 and 2.7, rounded down
        assertEarned(1, 4, 2);
        vm.assertEq(settlement.dustWei(), 2);
        submit(1, ROOT);
        commit(ALICE, 2, proofOf(2));
        rollToReveal(2);
        reveal(ALICE, 2, proofOf(2), ROOT);
        vm.assertEq(settlement.rewardsOf(ALICE), 11);
        vm.assertEq(settlement.dustWei(), 0);
    }

    function test_shares_areBookedOnceAndForThoseWhoRevealedOnly() public {
        round();
        reveals(SMALL);
        vm.roll(1026);
        settleAll();
        vm.assertEq(settlement.rewardsOf(SMALL), REWARD);
        settleAll();
        settle(STRANGER, 1, 1);
        settle(ALICE, 1, 1);
        assertEarned(REWARD, 0, 0);
        vm.assertEq(settlement.rewardsOf(STRANGER), 0);
        vm.assertEq(operators.slashedStake(), 2 * uint256(MISSED_REVEAL));
    }

    function test_shares_areFixedWhenNobodyCanJoin() public {
        round();
        reveals(SMALL);
        reveals(LARGE);
        vm.roll(1025);
        vm.expectRevert(abi.encodeWithSelector(ICommitments.RoundNotOver.selector, 1, 1, 1025));
        settle(SMALL, 1, 1);
        reveals(MIDDLE);
        settle(SMALL, 1, 1);
        vm.assertEq(settlement.rewardsOf(SMALL), REWARD / 5);
    }

    function test_revealProof_afterTheFirstUpToTheShareWindow() public {
        round();
        reveals(SMALL);
        vm.roll(1025);
        vm.expectEmit(address(settlement));
        emit IProofRounds.ProofRevealed(1, LARGE, 1);
        reveals(LARGE);
        vm.roll(1026);
        bytes memory proof = proofOf(1);
        vm.expectRevert(abi.encodeWithSelector(IProofRounds.RevealWindowClosed.selector, 1, 1026, 1025));
        reveal(MIDDLE, 1, proof, ROOT);
        vm.assertEq(operators.lockedOf(MIDDLE), WRONG_PROOF);
        vm.assertEq(settlement.state().verifiedSequence, 1);
    }

    /// Nobody is paid for a proof that was not checked: a later one is verified as the first one was.
    function test_revealProof_penalisesAWrongProofAfterTheFirst() public {
        submit(1, ROOT);
        commit(ALICE, 1, proofOf(1));
        commit(BOB, 1, "wrong");
        rollToReveal(1);
        reveal(ALICE, 1, proofOf(1), ROOT);
        vm.prank(BOB);
        vm.assertFalse(settlement.revealProof(1, "wrong", ROOT, EXIT_ROOT));
        vm.assertEq(operators.stakeOf(BOB), MINIMUM_STAKE - WRONG_PROOF);
        settle(BOB, 1, 1);
        settle(ALICE, 1, 1);
        vm.assertEq(settlement.rewardsOf(BOB), 0);
        vm.assertEq(settlement.rewardsOf(ALICE), REWARD);
    }

    function test_revealProof_ofAnEarlierSequenceWhileTheNextIsOpen() public {
        round();
        reveals(SMALL);
        submit(1, ROOT);
        commit(ALICE, 2, proofOf(2));
        reveals(LARGE);
        vm.assertEq(settlement.state().verifiedSequence, 1);
        vm.roll(1022);
        reveal(ALICE, 2, proofOf(2), ROOT);
        vm.assertEq(settlement.state().verifiedSequence, 2);
        reveals(MIDDLE);
        vm.assertEq(settlement.state().verifiedSequence, 2);
    }

    function test_rewardOf_splitsTheBlockReward() public {
        setPolicy(1 ether, 0.25 ether);
        submit(1, ROOT);
        vm.assertEq(settlement.rewardOf(1), 1.25 ether);
        submit(1, ROOT);
        submit(1, ROOT);
        vm.roll(1001);
        submit(1, ROOT);
        for (uint64 i = 1; i <= 3; i++) {
            vm.assertEq(settlement.rewardOf(i), uint256(1 ether) / 3 + 0.25 ether);
        }
        vm.assertEq(settlement.rewardOf(4), 1.25 ether);
        vm.expectRevert(abi.encodeWithSelector(ISequences.UnknownSequence.selector, 5, 4));
        settlement.rewardOf(5);
    }

    function test_setRewardPolicy_holdsForSequencesSubmittedLater() public {
        submit(1, ROOT);
        vm.expectEmit(address(settlement));
        emit IRewards.RewardPolicySet(2, 3);
        setPolicy(2, 3);
        submit(1, ROOT);
        setPolicy(0, 4);
        submit(1, ROOT);
        vm.assertEq(settlement.rewardOf(1), REWARD);
        vm.assertEq(settlement.rewardOf(2), 5);
        vm.assertEq(settlement.rewardOf(3), 4);
        vm.assertEq(settlement.rewardPolicy().priceWei, 4);
    }

    function test_setRewardPolicy_isForTheAdministrator() public {
        vm.expectRevert(abi.encodeWithSelector(Administered.NotAdmin.selector, address(this), ADMIN));
        settlement.setRewardPolicy(IRewards.RewardPolicy({blockRewardWei: 0, priceWei: 1}));
    }

    /// Any stakes, any reward, any of them revealing: what is booked and what is left over is what was earned.
    function testFuzz_shares_addUp(uint96 price, uint256[3] memory stakes, uint256 who) public {
        address[3] memory accounts = [address(0xf1), address(0xf2), address(0xf3)];
        setPolicy(0, price);
        submit(1, ROOT);
        uint256 together;
        for (uint256 i = 0; i < 3; i++) {
            stakes[i] = bound(stakes[i], MINIMUM_STAKE, 1_000_000_000 ether);
            register(accounts[i], stakes[i]);
            commit(accounts[i], 1, proofOf(1));
            if (who % 7 + 1 & 1 << i != 0) together += stakes[i];
        }
        rollToReveal(1);
        for (uint256 i = 0; i < 3; i++) {
            if (who % 7 + 1 & 1 << i != 0) reveals(accounts[i]);
        }
        vm.roll(1026);
        uint256 booked;
        for (uint256 i = 0; i < 3; i++) {
            settle(accounts[i], 1, 1);
            bool revealed = who % 7 + 1 & 1 << i != 0;
            uint256 share = revealed ? uint256(price) * stakes[i] / together : 0;
            vm.assertEq(settlement.rewardsOf(accounts[i]), share);
            booked += share;
        }
        vm.assertEq(settlement.dustWei(), price - booked);
        vm.assertLe(settlement.dustWei(), 2);
    }

    /// Sequence 1 with a commitment of each of the three, at its first block of proofs.
    function round() private {
        submit(1, ROOT);
        commit(SMALL, 1, proofOf(1));
        commit(LARGE, 1, proofOf(1));
        commit(MIDDLE, 1, proofOf(1));
        rollToReveal(1);
    }

    function reveals(address operator) private {
        bytes memory proof = proofOf(1);
        vm.prank(operator);
        vm.assertTrue(settlement.revealProof(1, proof, ROOT, EXIT_ROOT));
    }

    function settleAll() private {
        address[] memory accounts = new address[](3);
        (accounts[0], accounts[1], accounts[2]) = (SMALL, LARGE, MIDDLE);
        settlement.settleCommitments(1, 1, accounts);
    }

    function setPolicy(uint96 blockRewardWei, uint96 priceWei) private {
        vm.prank(ADMIN);
        settlement.setRewardPolicy(
            IRewards.RewardPolicy({blockRewardWei: blockRewardWei, priceWei: priceWei})
        );
    }

    function assertEarned(uint256 small, uint256 large, uint256 middle) private view {
        vm.assertEq(settlement.rewardsOf(SMALL), small);
        vm.assertEq(settlement.rewardsOf(LARGE), large);
        vm.assertEq(settlement.rewardsOf(MIDDLE), middle);
    }
}
