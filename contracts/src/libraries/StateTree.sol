// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Poseidon2} from "./Poseidon2.sol";

/// @title Proofs of accounts of the rollup against a state root
/// @notice Key of an account: H(3, high, low) of its address's halves, little-endian. Leaf: H(1, key, value). Value:
/// H(meta, owner, dataHash). An inner node is the compression of its four children; the path is the key's digits in base
/// four, least significant first; a leaf sits at its shortest unique prefix, and an empty place is 0.
library StateTree {
    uint256 private constant TAG_LEAF = 1;
    uint256 private constant TAG_KEY = 3;
    /// Of the tree; a key has 254 bits
    uint256 private constant MOST_LEVELS = 127;

    /// @notice What the tree has at the end of the path of an address
    struct Proof {
        /// Beside the path, from the root downwards: the other three children of each node, in their order
        uint256[3][] siblings;
        /// The key and the value of the leaf that is there; both 0 where there is none
        uint256 key;
        uint256 value;
    }

    /// @notice A number of a proof is not below the modulus of the BN254 scalar field.
    error NotFieldElement(bytes32 value);

    /// @notice The proof ends at a leaf that is not on the path of the address, or is too long.
    error WrongPath(uint256 key, uint256 levels);

    /// @notice Root of the tree that the proof is of, and whether the account exists in it
    /// @dev The value of the account is `proof.value` where it exists.
    function rootOf(bytes memory table, bytes32 account, Proof calldata proof)
        internal
        pure
        returns (uint256 root, bool exists)
    {
        uint256 key = keyOf(table, account);
        uint256 levels = proof.siblings.length;
        if (levels > MOST_LEVELS) revert WrongPath(proof.key, levels);
        _requireField(proof.key);
        _requireField(proof.value);
        bool isEmpty = proof.key == 0 && proof.value == 0;
        exists = proof.key == key;
        if (!isEmpty) {
            // Only the turns that the path takes have to agree.
            if ((proof.key ^ key) << (256 - 2 * levels) != 0) revert WrongPath(proof.key, levels);
            root = Poseidon2.hash3(table, TAG_LEAF, proof.key, proof.value);
        }
        for (uint256 level = levels; level > 0; level--) {
            root = _parent(table, root, (key >> (2 * (level - 1))) & 3, proof.siblings[level - 1]);
        }
    }

    function keyOf(bytes memory table, bytes32 account) internal pure returns (uint256) {
        // Of the little-endian number: the first bytes are its lower half.
        uint256 high = _reversed(uint128(uint256(account)));
        uint256 low = _reversed(uint256(account) >> 128);
        return Poseidon2.hash3(table, TAG_KEY, high, low);
    }

    function valueOf(bytes memory table, uint256 meta, uint256 owner, uint256 dataHash)
        internal
        pure
        returns (uint256)
    {
        _requireField(meta);
        _requireField(owner);
        _requireField(dataHash);
        return Poseidon2.hash3(table, meta, owner, dataHash);
    }

    function _parent(bytes memory table, uint256 node, uint256 digit, uint256[3] calldata siblings)
        private
        pure
        returns (uint256)
    {
        uint256[4] memory children;
        uint256 next = 0;
        for (uint256 i = 0; i < 4; i++) {
            if (i == digit) {
                children[i] = node;
            } else {
                _requireField(siblings[next]);
                children[i] = siblings[next++];
            }
        }
        return Poseidon2.compress(table, children);
    }

    function _requireField(uint256 value) private pure {
        if (value >= Poseidon2.MODULUS) revert NotFieldElement(bytes32(value));
    }

    /// 16 bytes in the other order
    function _reversed(uint256 rest) private pure returns (uint256 number) {
        for (uint256 i = 0; i < 16; i++) {
            number = (number << 8) | (rest & 0xff);
            rest >>= 8;
        }
    }
}
