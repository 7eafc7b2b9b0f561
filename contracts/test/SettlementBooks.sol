// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {OperatorRegistry} from "../src/OperatorRegistry.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {Test} from "./Vm.sol";

/// @notice What the contracts ought to hold, kept apart from them, and the rules of windows and shares once more
abstract contract SettlementBooks is Test {
    uint256 public constant OPERATORS = 3;
    uint256 internal constant STAKE = 2 ether;

    struct Round {
        uint256 lastCommit;
        uint256 reveal;
        uint256 share;
        uint256 open;
    }

    struct Pledge {
        bytes32 proofHash;
        uint256 stake;
        bool open;
        bool unbooked;
    }

    ISettlement public immutable settlement;
    OperatorRegistry public immutable registry;
    address internal immutable sequencer;
    uint256 internal immutable minimum;
    uint256 internal immutable lockWei;
    uint256 internal immutable WRONG_PROOF;
    uint256 internal immutable MISSED_REVEAL;
    uint256 internal immutable FAILED_ROUND;

    bytes32 public verifiedRoot;
    uint64 public verified;
    uint64 public last;
    uint64 public lastBatch;
    mapping(uint64 sequence => bytes32) public roots;
    mapping(uint64 sequence => uint256) internal verifiedAt;

    uint32 internal t1;
    uint32 internal t2;
    uint32 internal t3;
    mapping(uint64 sequence => uint64) public roundOf;
    mapping(uint64 sequence => mapping(uint64 round => Round)) public rounds;
    /// A proof is honest or nothing that verifies.
    mapping(uint64 sequence => mapping(uint64 round => mapping(address operator => Pledge))) public pledges;

    uint256 public fundedWei;
    uint256 public paidWei;
    uint96 internal price;
    uint256 public dust;
    mapping(uint64 sequence => uint256) internal prices;
    /// Stake of those whose proof was checked; how many of them are not booked; what is left for them.
    mapping(uint64 sequence => uint256) public checked;
    mapping(uint64 sequence => uint256) internal sharers;
    mapping(uint64 sequence => uint256) public pots;
    mapping(uint64 sequence => uint256) public left;
    mapping(uint64 sequence => bool) public isFixed;
    mapping(address operator => uint256) public earned;
    mapping(address operator => uint256) public claimed;

    uint256 public stakedWei;
    uint256 public slashedWei;
    uint256 public sentWei;
    mapping(address operator => uint256) public stakes;
    mapping(address operator => uint256) public locked;
    mapping(address operator => uint256) public unbonding;
    mapping(address operator => uint256) internal withdrawableAt;

    constructor(ISettlement settlement_, OperatorRegistry registry_) {
        settlement = settlement_;
        registry = registry_;
        sequencer = settlement_.sequencer();
        minimum = registry_.minimumStake();
        verifiedRoot = settlement_.state().verifiedStateRoot;
        verifiedAt[0] = 1;
        price = settlement_.rewardPolicy().priceWei;
        t1 = settlement_.windowLengths().commitWindow;
        t2 = settlement_.windowLengths().revealWindow;
        t3 = settlement_.windowLengths().shareWindow;
        WRONG_PROOF = settlement_.penalties().wrongProofWei;
        MISSED_REVEAL = settlement_.penalties().missedRevealWei;
        FAILED_ROUND = settlement_.penalties().failedRoundWei;
        lockWei = WRONG_PROOF;
        for (uint256 i = 0; i < OPERATORS; i++) {
            uint256 amount = STAKE * (i + 1);
            vm.deal(operator(i), amount);
            vm.prank(operator(i));
            registry_.register{value: amount}();
            stakes[operator(i)] = amount;
            stakedWei += amount;
        }
    }

    function operator(uint256 seed) public pure returns (address) {
        return address(uint160(0x0be0 + seed % OPERATORS));
    }

    function newRound() internal view returns (Round memory) {
        return Round({lastCommit: block.number + t1, reveal: t2, share: t3, open: 0});
    }

    /// The first block that takes proofs of the newest round; none while the sequence before is not verified.
    function firstReveal(uint64 number) internal view returns (uint256) {
        if (number == 0 || number > verified + 1) return type(uint256).max;
        uint256 afterCommits = rounds[number][roundOf[number]].lastCommit + 1;
        uint256 possible = verifiedAt[number - 1];
        return possible > afterCommits ? possible : afterCommits;
    }

    function lastReveal(uint64 number) internal view returns (uint256) {
        uint256 first = firstReveal(number);
        return first == type(uint256).max ? first : first + rounds[number][roundOf[number]].reveal - 1;
    }

    function lastShare(uint64 number) internal view returns (uint256) {
        uint256 end_ = lastReveal(number);
        return end_ == type(uint256).max ? end_ : end_ + rounds[number][roundOf[number]].share;
    }

    /// A commitment ends: its stake is free.
    function end(uint64 number, uint64 round, address actor) internal {
        pledges[number][round][actor].open = false;
        rounds[number][round].open--;
        locked[actor] -= lockWei;
    }

    function penalise(address actor, uint256 amount) internal {
        stakes[actor] -= amount;
        stakedWei -= amount;
        slashedWei += amount;
    }

    function book(uint64 number, address actor) internal {
        if (!isFixed[number]) {
            isFixed[number] = true;
            pots[number] = prices[number] + dust;
            left[number] = pots[number];
            dust = 0;
        }
        Pledge storage pledge = pledges[number][roundOf[number]][actor];
        pledge.unbooked = false;
        uint256 share = pots[number] * pledge.stake / checked[number];
        earned[actor] += share;
        left[number] -= share;
        if (--sharers[number] == 0) {
            dust += left[number];
            left[number] = 0;
        }
    }

    /// Mostly the next sequence to verify, else one near it, known or not.
    function pick(uint256 seed) internal view returns (uint64) {
        return seed % 4 != 0 ? verified + 1 : uint64(bound(seed >> 3, verified, last + 1));
    }

    /// An operator with an open commitment, if there is one and the seed does not choose another on purpose.
    function committer(uint256 seed, uint64 number) internal view returns (address actor) {
        actor = operator(seed);
        if (seed % 8 == 0) return actor;
        for (uint256 i = 0; i < OPERATORS && !pledges[number][roundOf[number]][actor].open; i++) {
            actor = operator(seed % OPERATORS + i);
        }
    }

    function proofOf(uint64 number, bool honest) internal view returns (bytes memory) {
        if (number == 0 || number > last || !honest) return abi.encodePacked(bytes32(uint256(number)));
        return abi.encodePacked(keccak256(abi.encodePacked(settlement.publicInputsOf(number, 0, address(0)))));
    }

    function hashOf(bytes memory proof, address actor) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(keccak256(proof), actor));
    }

    function attempt(address caller, address callee, bytes memory call) internal returns (bool done) {
        vm.prank(caller);
        (done,) = callee.call(call);
    }
}
