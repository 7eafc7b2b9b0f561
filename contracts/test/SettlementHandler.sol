// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Administered} from "../src/Administered.sol";
import {OperatorRegistry} from "../src/OperatorRegistry.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {ICommitments} from "../src/interfaces/ICommitments.sol";
import {IOperatorRegistry} from "../src/interfaces/IOperatorRegistry.sol";
import {IProofRounds} from "../src/interfaces/IProofRounds.sol";
import {IRewards} from "../src/interfaces/IRewards.sol";
import {IRoundWindows} from "../src/interfaces/IRoundWindows.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {SettlementBooks} from "./SettlementBooks.sol";

/// @notice Plays the sequencer, three operators, the administrator and anybody else, at random. Each action computes
/// from the books alone whether it has to succeed, and fails the run when the contracts decide otherwise.
contract SettlementHandler is SettlementBooks {
    constructor(ISettlement settlement_, OperatorRegistry registry_)
        SettlementBooks(settlement_, registry_)
    {}

    function sequence(uint256 count, uint256 root, uint256 dice) external {
        // Now and then with a number that was taken already, or is too high; few, so that rounds come to an end.
        if (last > verified + 3) return;
        uint64 first = dice % 4 != 0 ? lastBatch + 1 : uint64(bound(dice >> 2, 0, lastBatch + 3));
        bytes[] memory batches = new bytes[](bound(count, 1, 3));
        for (uint256 i = 0; i < batches.length; i++) {
            batches[i] = abi.encodePacked(root, i);
        }
        bytes32 claimed = bytes32(root >> 8);
        bool done = attempt(
            sequencer, address(settlement), abi.encodeCall(ISequences.sequence, (first, batches, claimed))
        );
        vm.assertEq(done, first == lastBatch + 1);
        if (!done) return;
        roots[++last] = claimed;
        prices[last] = price;
        lastBatch += uint64(batches.length);
    }

    /// One operator, or several in a row.
    function commit(uint256 who, uint256 which, uint256 dice) external {
        for (uint256 i = 0; i <= dice % OPERATORS; i++) {
            commitBy((who >> 1) + i, which, dice >> (8 * i));
        }
    }

    /// One operator, or several in a row; mostly not before the window opens.
    function reveal(uint256 who, uint256 which, uint256 dice) external {
        uint64 next = verified + 1;
        uint256 due = roundOf[next] == 0 ? 0 : firstReveal(next);
        if (dice % 4 != 0 && block.number < due) vm.roll(due);
        for (uint256 i = 0; i <= dice % OPERATORS; i++) {
            revealBy((who >> 1) + i, which >> (8 * i), dice >> (8 * i));
        }
    }

    function commitBy(uint256 who, uint256 which, uint256 dice) private {
        bool honest = dice % 8 != 0;
        (address actor, uint64 number) = (operator(who), pick(which));
        bytes32 proofHash = hashOf(proofOf(number, honest), actor);
        Round storage newest = rounds[number][roundOf[number]];
        bool opens = roundOf[number] == 0 || block.number > lastReveal(number);
        Pledge storage pledge = pledges[number][roundOf[number]][actor];
        bool expected = number > verified && number <= last && stakes[actor] >= minimum
            && stakes[actor] >= locked[actor] + lockWei
            && (opens || (block.number <= newest.lastCommit && pledge.proofHash == 0));

        bool done = attempt(
            actor, address(settlement), abi.encodeCall(IProofRounds.commitProof, (number, proofHash))
        );
        vm.assertEq(done, expected);
        if (!done) return;
        if (opens) rounds[number][++roundOf[number]] = newRound();
        pledges[number][roundOf[number]][actor] = Pledge(proofHash, stakes[actor], true, false);
        rounds[number][roundOf[number]].open++;
        locked[actor] += lockWei;
    }

    function revealBy(uint256 who, uint256 which, uint256 dice) private {
        uint64 number = which % 3 == 0 && verified != 0 ? verified : pick(which);
        uint64 round = roundOf[number];
        address actor = committer(who, number);
        Pledge storage pledge = pledges[number][round][actor];
        bool honest = pledge.proofHash == hashOf(proofOf(number, true), actor);
        // Mostly the proof that was committed to, right or wrong.
        bytes memory proof = proofOf(number, dice % 8 == 0 ? !honest : honest);
        bytes32 root = dice % 7 != 0 ? roots[number] : bytes32(uint256(roots[number]) ^ 1);
        bool expected = number != 0 && number <= last && number <= verified + 1 && round != 0
            && block.number >= firstReveal(number)
            && block.number <= (number <= verified ? lastShare(number) : lastReveal(number)) && pledge.open
            && pledge.proofHash == hashOf(proof, actor) && root == roots[number];

        bool done = attempt(
            actor,
            address(settlement),
            abi.encodeCall(IProofRounds.revealProof, (number, proof, root, bytes32(0)))
        );
        vm.assertEq(done, expected);
        if (!done) return;
        end(number, round, actor);
        if (!honest) return penalise(actor, WRONG_PROOF);
        pledge.unbooked = true;
        checked[number] += pledge.stake;
        sharers[number]++;
        if (number > verified) {
            verified = number;
            verifiedRoot = root;
            verifiedAt[number] = block.number;
        }
        if (rounds[number][round].open == 0) book(number, actor);
    }

    function settle(uint256 who, uint256 which, uint256 dice) external {
        uint64 number = which % 2 == 0 && verified != 0 ? uint64(bound(which >> 1, 1, verified)) : pick(which);
        uint64 round = uint64(bound(dice >> 2, 0, roundOf[number] + 1));
        if (dice % 4 != 0) round = roundOf[number];
        address[] memory accounts = new address[](2);
        (accounts[0], accounts[1]) = (operator(who), operator(who >> 8));
        bool newest = round == roundOf[number];
        bool settled = number <= verified;
        bool over = !newest || (settled && rounds[number][round].open == 0)
            || block.number > (settled ? lastShare(number) : lastReveal(number));
        bool expected = number != 0 && number <= last && round != 0 && round <= roundOf[number] && over;

        bool done = attempt(
            address(this),
            address(settlement),
            abi.encodeCall(ICommitments.settleCommitments, (number, round, accounts))
        );
        vm.assertEq(done, expected);
        if (!done) return;
        for (uint256 i = 0; i < 2; i++) {
            Pledge storage pledge = pledges[number][round][accounts[i]];
            if (pledge.unbooked) {
                book(number, accounts[i]);
            } else if (pledge.open) {
                end(number, round, accounts[i]);
                if (rounds[number][round].isVoid) continue;
                penalise(accounts[i], newest && settled ? MISSED_REVEAL : FAILED_ROUND);
            }
        }
    }

    /// What happens beside the way of a sequence; one action, so that most calls are about that way.
    function other(uint256 what, uint256 who, uint256 which, uint256 amount) external {
        what %= 10;
        if (what == 0) stake(who, amount);
        else if (what == 1) unbond(who, amount);
        else if (what == 2) withdraw(who);
        else if (what == 3) takeBack(who, which);
        else if (what == 4) setWindows(amount);
        else if (what == 5) setPrice(uint96(amount));
        else if (what == 6) fund(amount);
        else if (what == 7) claim(who);
        else if (what == 8) submitBound(who, which, amount);
        else sendSlashed();
    }

    /// A proof that is bound to the operator, or to another one, in whatever state the sequence's rounds are.
    function submitBound(uint256 who, uint256 which, uint256 dice) private {
        (address actor, uint64 number) = (operator(who), pick(which));
        address prover = dice % 4 != 0 ? actor : operator(who % OPERATORS + 1);
        bool known = number != 0 && number <= last;
        bytes memory proof = known ? boundProofOf(number, prover) : bytes("none");
        bool expected = known && number == verified + 1 && stakes[actor] >= minimum && prover == actor;
        bool done = attempt(
            actor,
            address(settlement),
            abi.encodeCall(IProofRounds.submitProof, (number, proof, roots[number], bytes32(0)))
        );
        vm.assertEq(done, expected);
        if (!done) return;
        uint64 round = roundOf[number];
        if (round != 0 && block.number <= lastReveal(number)) rounds[number][round].isVoid = true;
        rounds[number][++roundOf[number]] = newRound();
        pledges[number][roundOf[number]][actor] = Pledge(hashOf(proof, actor), 1, false, true);
        (checked[number], sharers[number]) = (1, 1);
        (verified, verifiedRoot, verifiedAt[number]) = (number, roots[number], block.number);
        book(number, actor);
    }

    function takeBack(uint256 who, uint256 which) private {
        uint64 number = pick(which);
        uint64 round = roundOf[number];
        address actor = committer(who, number);
        bool expected = number != 0 && number <= last && pledges[number][round][actor].open
            && firstReveal(number) == type(uint256).max
            && block.number > rounds[number][round].lastCommit + settlement.LONGEST_WAIT();
        bool done =
            attempt(actor, address(settlement), abi.encodeCall(ICommitments.withdrawCommitment, (number)));
        vm.assertEq(done, expected);
        if (done) end(number, round, actor);
    }

    function stake(uint256 who, uint256 amount) private {
        address actor = operator(who);
        amount = bound(amount, 1, 2 ether);
        vm.deal(actor, actor.balance + amount);
        vm.prank(actor);
        registry.addStake{value: amount}();
        (stakes[actor], stakedWei) = (stakes[actor] + amount, stakedWei + amount);
    }

    function unbond(uint256 who, uint256 amount) private {
        address actor = operator(who);
        // Mostly a part, so that there are operators to play with.
        amount = bound(amount >> 3, 0, amount % 8 == 5 ? stakes[actor] + 1 : stakes[actor] / 8);
        bool done =
            attempt(actor, address(registry), abi.encodeCall(IOperatorRegistry.requestUnbond, (amount)));
        vm.assertEq(done, amount != 0 && amount + locked[actor] <= stakes[actor]);
        if (!done) return;
        stakes[actor] -= amount;
        unbonding[actor] += amount;
        withdrawableAt[actor] = block.number + registry.unbondingBlocks();
    }

    function withdraw(uint256 who) private {
        address actor = operator(who);
        bool done = attempt(actor, address(registry), abi.encodeCall(IOperatorRegistry.withdraw, ()));
        vm.assertEq(done, unbonding[actor] != 0 && block.number >= withdrawableAt[actor]);
        if (!done) return;
        stakedWei -= unbonding[actor];
        unbonding[actor] = 0;
    }

    function passBlocks(uint256 count) external {
        // Now and then a very long time, so that stake can leave and commitments be taken back.
        vm.roll(block.number + (count % 61 == 17 ? 25_000 : bound(count, 1, 4)));
    }

    function setWindows(uint256 lengths) private {
        (t1, t2, t3) = (uint32(1 + lengths % 4), uint32(1 + (lengths >> 2) % 4), uint32((lengths >> 4) % 4));
        vm.prank(Administered(address(settlement)).admin());
        settlement.setWindows(IRoundWindows.WindowLengths(t1, t2, t3));
    }

    function setPrice(uint96 priceWei) private {
        price = uint96(bound(priceWei, 0, 1 ether));
        vm.prank(Administered(address(settlement)).admin());
        settlement.setRewardPolicy(IRewards.RewardPolicy(0, price));
    }

    function fund(uint256 amount) private {
        amount = bound(amount, 0, 3 ether);
        vm.deal(address(this), amount);
        settlement.fundRewards{value: amount}();
        fundedWei += amount;
    }

    function claim(uint256 who) private {
        address actor = operator(who);
        uint256 owed = earned[actor] - claimed[actor];
        bool done = attempt(actor, address(settlement), abi.encodeCall(IRewards.claimRewards, ()));
        vm.assertEq(done, owed != 0 && owed <= fundedWei - paidWei);
        if (!done) return;
        claimed[actor] += owed;
        paidWei += owed;
    }

    function sendSlashed() private {
        bool done =
            attempt(address(this), address(registry), abi.encodeCall(IOperatorRegistry.sendSlashed, ()));
        vm.assertEq(done, slashedWei != sentWei);
        sentWei = slashedWei;
    }
}
