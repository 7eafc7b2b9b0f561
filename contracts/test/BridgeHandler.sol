// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Bridge} from "../src/Bridge.sol";
import {IBridge} from "../src/interfaces/IBridge.sol";
import {BridgeFixture} from "./BridgeFixture.sol";

/// @notice Plays depositors, sequencer and claimers at random, and keeps its own books. Each action computes from the books
/// alone whether it has to succeed, and fails the run when the contract decides otherwise.
contract BridgeHandler is BridgeFixture {
    // The books, in lamports.
    uint64 public made;
    uint64 public taken;
    uint256 public queued;
    uint256 public free;
    uint256 public owed;
    uint256 public paid;
    uint256 public entered;
    mapping(uint64 => uint64) private amounts;
    mapping(uint64 => address) private depositors;
    mapping(address => uint256) private refunds;
    uint64 public verified;
    mapping(uint64 => Exit[4]) private trees;
    mapping(uint64 => mapping(uint256 => bool)) private claimed;

    constructor() {
        setUp();
    }

    /// Once, in the constructor: it must not be a step of a run.
    function setUp() public override {
        if (address(bridge) == address(0)) super.setUp();
    }

    function person(uint256 seed) public pure returns (address) {
        return address(uint160(0xbe000 + seed % 3));
    }

    function makeDeposit(uint256 seed, uint64 lamports, uint64 dust) external {
        lamports = uint64(bound(lamports, LEAST - 1, 1e12));
        uint256 amount = uint256(lamports) * 1 gwei + (dust % 4 == 0 ? 1 : 0);
        vm.deal(person(seed), amount);
        vm.prank(person(seed));
        bool done = attempt(amount, abi.encodeCall(IBridge.deposit, (bytes32(seed | 1))));
        bool refused = bytes12(bytes32(seed | 1)) == "polyproof:l1" || bytes32(seed | 1) == RESERVED;
        vm.assertEq(done, lamports >= LEAST && dust % 4 != 0 && !refused);
        if (!done) return;
        (amounts[made], depositors[made]) = (lamports, person(seed));
        made++;
        queued += lamports;
        entered += lamports;
    }

    function fund(uint32 lamports) external {
        uint256 amount = uint256(lamports) * 1 gwei;
        vm.deal(address(this), amount);
        bridge.fund{value: amount}();
        free += lamports;
        entered += lamports;
    }

    function take(uint256 count, uint256 dice) external {
        uint64 end = taken + uint64(bound(count, 0, 3));
        uint64 first = dice % 5 == 0 ? taken + 1 : taken;
        if (end > made) end = made;
        if (first > end) first = end;
        bytes[] memory batches = one(batch(first, end));
        bool overdue = taken < made && block.number > bridge.depositOf(taken).blockNumber + DEADLINE;
        bool right = first == end ? !overdue : first == taken;
        (bool done,) = address(settlement).call(abi.encodeCall(settlement.take, (bridge, batches)));
        vm.assertEq(done, right);
        if (!done) return;
        for (uint64 i = first; i < end; i++) {
            queued -= amounts[i];
            free += amounts[i];
        }
        taken = first == end ? taken : end;
    }

    function sendBack() external {
        vm.prank(ALICE);
        bool done = attempt(0, abi.encodeCall(IBridge.returnDeposit, ()));
        vm.assertFalse(done); // not the sequencer, which is the handler
        done = attempt(0, abi.encodeCall(IBridge.returnDeposit, ()));
        vm.assertEq(done, taken < made);
        if (!done) return;
        queued -= amounts[taken];
        owed += amounts[taken];
        refunds[depositors[taken]] += amounts[taken];
        taken++;
    }

    function withdraw(uint256 seed) external {
        vm.prank(person(seed));
        bool done = attempt(0, abi.encodeCall(IBridge.withdrawRefund, ()));
        vm.assertEq(done, refunds[person(seed)] != 0);
        owed -= refunds[person(seed)];
        paid += refunds[person(seed)];
        refunds[person(seed)] = 0;
    }

    function verifySequence(uint64 a, uint64 b, uint64 c) external {
        verified++;
        Exit[4] storage tree = trees[verified];
        tree[0] = Exit(person(a), a % 1e12);
        tree[1] = Exit(person(b), b % 1e12);
        tree[2] = Exit(person(c), c % 1e12);
        verify(verified, tree);
    }

    function claim(uint64 number, uint256 index, uint256 dice) external {
        number = uint64(bound(number, 0, verified + 1));
        index = index % 4;
        Exit memory exit = trees[number][index];
        (, bytes32[] memory path) = treeOf(trees[number], index);
        uint64 lamports = dice % 4 == 0 ? exit.lamports + 1 : exit.lamports;
        bytes memory data = abi.encodeCall(IBridge.claim, (number, exit.recipient, lamports, index, path));
        bool there = exit.lamports != 0 && lamports == exit.lamports;
        bool done = attempt(0, data);
        vm.assertEq(done, there && !claimed[number][index] && exit.lamports <= free);
        if (!done) return;
        claimed[number][index] = true;
        free -= exit.lamports;
        paid += exit.lamports;
    }

    function wait(uint256 blocks) external {
        vm.roll(block.number + bound(blocks, 1, DEADLINE));
    }

    function attempt(uint256 amount, bytes memory data) private returns (bool done) {
        (done,) = address(bridge).call{value: amount}(data);
    }

    function target() external view returns (Bridge) {
        return bridge;
    }
}
