// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {OperatorRegistry} from "../src/OperatorRegistry.sol";
import {Settlement} from "../src/Settlement.sol";
import {IProofRounds} from "../src/interfaces/IProofRounds.sol";
import {IRewards} from "../src/interfaces/IRewards.sol";
import {ISequences} from "../src/interfaces/ISequences.sol";
import {Test} from "./Vm.sol";

/// @notice Plays the sequencer and three operators, at random, and keeps its own books. Each action computes
/// from the books alone whether it has to succeed, and fails the run when the contract decides otherwise.
contract SettlementHandler is Test {
    uint256 internal constant OPERATORS = 3;

    Settlement public immutable settlement;
    OperatorRegistry public immutable registry;
    address internal immutable sequencer;

    // The books.
    bytes32 public verifiedRoot;
    uint64 public verified;
    uint64 public last;
    uint64 public lastBatch;
    uint256 public fundedWei;
    uint256 public paidWei;
    mapping(uint64 sequence => bytes32) internal roots;
    mapping(uint64 sequence => uint256) internal openedAt;
    /// Proof hash by sequence, opening block and operator; a proof is honest or nothing that verifies.
    mapping(uint64 => mapping(uint256 => mapping(address => bytes32))) internal committed;

    constructor(Settlement settlement_, OperatorRegistry registry_) {
        settlement = settlement_;
        registry = registry_;
        sequencer = settlement_.sequencer();
        verifiedRoot = settlement_.state().verifiedStateRoot;
        for (uint256 i = 0; i < OPERATORS; i++) {
            vm.deal(operator(i), 1 ether);
            vm.prank(operator(i));
            registry_.register{value: 1 ether}();
        }
    }

    function operator(uint256 seed) public pure returns (address) {
        return address(uint160(0x0be0 + seed % OPERATORS));
    }

    function sequence(uint256 count, uint256 root, uint256 dice) external {
        // Now and then with a number that was taken already, or is too high.
        uint64 first = dice % 4 != 0 ? lastBatch + 1 : uint64(bound(dice >> 2, 0, lastBatch + 3));
        bytes[] memory batches = new bytes[](bound(count, 1, 3));
        for (uint256 i = 0; i < batches.length; i++) {
            batches[i] = abi.encodePacked(root, i);
        }
        bytes32 claimed = bytes32(root >> 8);

        vm.prank(sequencer);
        bool done = attempt(abi.encodeCall(ISequences.sequence, (first, batches, claimed)));
        vm.assertEq(done, first == lastBatch + 1);
        if (!done) return;
        roots[++last] = claimed;
        lastBatch += uint64(batches.length);
    }

    function commit(uint256 who, uint256 which, uint256 dice) external {
        bool honest = dice % 4 != 0;
        (address actor, uint64 number) = (operator(who), pick(which));
        bytes32 proofHash = hashOf(proofOf(number, honest), actor);
        bool expired = block.number > openedAt[number] + t1() + t2();
        bool expected = number > verified && number <= last
            && (openedAt[number] == 0
                || expired
                || (block.number <= openedAt[number] + t1()
                    && committed[number][openedAt[number]][actor] == 0));

        vm.prank(actor);
        bool done = attempt(abi.encodeCall(IProofRounds.commitProof, (number, proofHash)));
        vm.assertEq(done, expected);
        if (!done) return;
        if (openedAt[number] == 0 || expired) openedAt[number] = block.number;
        committed[number][openedAt[number]][actor] = proofHash;
    }

    function reveal(uint256 who, uint256 which, uint256 dice) external {
        bool honest = dice % 4 != 0;
        bool claimedRoot = dice % 5 != 0;
        uint64 number = pick(which);
        address actor = committer(who, number);
        bytes memory proof = proofOf(number, honest);
        bytes32 root = claimedRoot ? roots[number] : bytes32(uint256(roots[number]) ^ 1);
        uint256 opened = openedAt[number];
        bool expected = number == verified + 1 && number <= last && opened != 0
            && block.number > opened + t1() && block.number <= opened + t1() + t2()
            && committed[number][opened][actor] == hashOf(proof, actor) && honest && claimedRoot;

        vm.prank(actor);
        bool done = attempt(abi.encodeCall(IProofRounds.revealProof, (number, proof, root, bytes32(0))));
        vm.assertEq(done, expected);
        if (!done) return;
        verified++;
        verifiedRoot = root;
    }

    function passBlocks(uint256 count) external {
        vm.roll(block.number + bound(count, 1, 4));
    }

    function fund(uint256 amount) external {
        amount = bound(amount, 0, 3 ether);
        vm.deal(address(this), amount);
        settlement.fundRewards{value: amount}();
        fundedWei += amount;
    }

    function claim(uint256 who) external {
        address actor = operator(who);
        uint256 owed = settlement.rewardsOf(actor) - settlement.claimedOf(actor);
        bool expected = owed != 0 && owed <= fundedWei - paidWei;
        vm.prank(actor);
        vm.assertEq(attempt(abi.encodeCall(IRewards.claimRewards, ())), expected);
        if (expected) paidWei += owed;
    }

    /// Mostly the next sequence to verify, else one near it, known or not.
    function pick(uint256 seed) internal view returns (uint64) {
        return seed % 8 != 0 ? verified + 1 : uint64(bound(seed >> 3, verified, last + 1));
    }

    /// An operator with a commitment, if there is one and the seed does not choose another on purpose.
    function committer(uint256 seed, uint64 number) internal view returns (address actor) {
        actor = operator(seed);
        if (seed % 8 == 0) return actor;
        for (uint256 i = 0; i < OPERATORS && committed[number][openedAt[number]][actor] == 0; i++) {
            actor = operator(seed % OPERATORS + i);
        }
    }

    function proofOf(uint64 number, bool honest) internal view returns (bytes memory) {
        if (number == 0 || number > last || !honest) return abi.encodePacked(bytes32(uint256(number)));
        return abi.encodePacked(keccak256(abi.encodePacked(settlement.publicInputsOf(number, 0))));
    }

    function hashOf(bytes memory proof, address actor) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(keccak256(proof), actor));
    }

    /// Calls the settlement; the caller pranks.
    function attempt(bytes memory call) internal returns (bool done) {
        (done,) = address(settlement).call(call);
    }

    function t1() internal view returns (uint256) {
        return settlement.commitWindow();
    }

    function t2() internal view returns (uint256) {
        return settlement.revealWindow();
    }
}
