// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Poseidon2} from "./Poseidon2.sol";

/// @title The tree of exits of a sequence
/// @notice Leaf: H(10, recipient, lamports), with the recipient's 20 bytes as a little-endian number. Node: H(11, left,
/// right), and 0 above two nodes that are 0. Depths differ; as leaves and nodes have tags of their own, a leaf's place is
/// its path.
library ExitTree {
    uint256 private constant TAG_LEAF = 10;
    uint256 private constant TAG_NODE = 11;

    /// @notice A sibling is not below the modulus of the BN254 scalar field.
    error NotFieldElement(bytes32 value);

    /// @notice Root of the tree that has this leaf at this place
    /// @param bits Bit i says whether the path is on the right at level i, which counts from the leaf
    /// @param siblings Nodes beside the path, from the leaf upwards
    function rootOf(address recipient, uint64 lamports, uint256 bits, bytes32[] calldata siblings)
        internal
        pure
        returns (bytes32)
    {
        bytes memory table = Poseidon2.constants();
        uint256 node = Poseidon2.hash3(table, TAG_LEAF, _littleEndian(recipient), lamports);
        for (uint256 i = 0; i < siblings.length; i++) {
            uint256 beside = uint256(siblings[i]);
            if (beside >= Poseidon2.MODULUS) revert NotFieldElement(siblings[i]);
            node = (bits >> i) & 1 == 0
                ? Poseidon2.hash3(table, TAG_NODE, node, beside)
                : Poseidon2.hash3(table, TAG_NODE, beside, node);
        }
        return bytes32(node);
    }

    function _littleEndian(address account) private pure returns (uint256 number) {
        uint256 rest = uint160(account);
        for (uint256 i = 0; i < 20; i++) {
            number = (number << 8) | (rest & 0xff);
            rest >>= 8;
        }
    }
}
