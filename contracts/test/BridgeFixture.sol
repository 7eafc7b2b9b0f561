// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Bridge} from "../src/Bridge.sol";
import {IForcedInbox} from "../src/interfaces/IForcedInbox.sol";
import {ExitTree} from "../src/libraries/ExitTree.sol";
import {Poseidon2} from "../src/libraries/Poseidon2.sol";
import {Test} from "./Vm.sol";
import {MockExitRoots} from "./mocks/MockExitRoots.sol";

/// @notice A bridge whose settlement says what tests want, and trees of exits
abstract contract BridgeFixture is Test {
    struct Exit {
        address recipient;
        uint64 lamports;
    }

    uint32 internal constant DEADLINE = 100;
    uint64 internal constant LEAST = 890_880;
    bytes32 internal constant WALLET = bytes32(uint256(0xa11));
    bytes32 internal constant RESERVED = bytes32(uint256(0x7e5));
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);

    MockExitRoots internal settlement;
    Bridge internal bridge;

    function setUp() public virtual {
        vm.roll(1000);
        settlement = new MockExitRoots();
        bytes32[] memory reserved = new bytes32[](2);
        reserved[1] = RESERVED;
        bridge = new Bridge(settlement, DEADLINE, IForcedInbox(address(0)), reserved);
    }

    function deposit(address from, bytes32 recipient, uint64 lamports) internal returns (uint64) {
        uint256 amount = uint256(lamports) * 1 gwei;
        vm.deal(from, amount);
        vm.prank(from);
        return bridge.deposit{value: amount}(recipient);
    }

    /// A batch with the deposits [first, end) of the inbox behind its messages.
    function batch(uint64 first, uint64 end) internal view returns (bytes memory data) {
        data = "messages";
        for (uint64 i = first; i < end; i++) {
            data = abi.encodePacked(data, bridge.depositOf(i).recipient, bridge.depositOf(i).lamports);
        }
        return abi.encodePacked(data, uint8(end - first));
    }

    function one(bytes memory data) internal pure returns (bytes[] memory batches) {
        batches = new bytes[](1);
        batches[0] = data;
    }

    function sequence(bytes[] memory batches) internal {
        settlement.take(bridge, batches);
    }

    /// A tree of four exits of a verified sequence.
    function verify(uint64 number, Exit[4] memory exits) internal {
        (bytes32 root,) = treeOf(exits, 0);
        settlement.verify(number, root);
    }

    /// Root, and path of one exit.
    function treeOf(Exit[4] memory exits, uint256 index)
        internal
        pure
        returns (bytes32 root, bytes32[] memory siblings)
    {
        bytes memory table = Poseidon2.constants();
        uint256[4] memory leaves;
        for (uint256 i = 0; i < 4; i++) {
            if (exits[i].lamports != 0) leaves[i] = leafOf(exits[i]);
        }
        uint256[2] memory nodes = [nodeOf(table, leaves[0], leaves[1]), nodeOf(table, leaves[2], leaves[3])];
        root = bytes32(nodeOf(table, nodes[0], nodes[1]));
        siblings = new bytes32[](2);
        siblings[0] = bytes32(leaves[index ^ 1]);
        siblings[1] = bytes32(nodes[(index >> 1) ^ 1]);
    }

    function nodeOf(bytes memory table, uint256 left, uint256 right) internal pure returns (uint256) {
        return left == 0 && right == 0 ? 0 : Poseidon2.hash3(table, 11, left, right);
    }

    function leafOf(Exit memory exit) internal pure returns (uint256) {
        uint256 number;
        for (uint256 i = 0; i < 20; i++) {
            number += uint256(uint8(bytes20(exit.recipient)[i])) << (8 * i);
        }
        return Poseidon2.hash3(Poseidon2.constants(), 10, number, exit.lamports);
    }
}
