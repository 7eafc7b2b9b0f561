// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Poseidon2} from "../src/libraries/Poseidon2.sol";
import {Poseidon2Vectors} from "./Poseidon2Vectors.sol";
import {Test} from "./Vm.sol";

/// The expected hashes are those of the state tree's own code, which is compared with the circuits'.
contract Poseidon2Test is Test {
    uint256 private constant EDGES = 4;
    uint256 private constant HASHES = 256;

    function test_hash3_isTheHashOfTheStateTree() external pure {
        bytes memory table = Poseidon2.constants();
        bytes memory expected = Poseidon2Vectors.HASHES;
        uint256[EDGES] memory edges = [
            Poseidon2Vectors.EDGE_0, Poseidon2Vectors.EDGE_1, Poseidon2Vectors.EDGE_2, Poseidon2Vectors.EDGE_3
        ];
        vm.assertEq(expected.length, 32 * HASHES);
        (uint256 a, uint256 b, uint256 c, uint256 hash) = (0, 0, 0, 0);
        for (uint256 i = 0; i < HASHES; i++) {
            if (i < EDGES ** 3) {
                (a, b, c) = (edges[i / EDGES ** 2], edges[i / EDGES % EDGES], edges[i % EDGES]);
            } else {
                (a, b, c) = (hash, a, b);
            }
            hash = Poseidon2.hash3(table, a, b, c);
            vm.assertEq(hash, word(expected, i));
        }
    }

    function testFuzz_hash3_isAFieldAndLeavesMemoryAlone(uint256 a, uint256 b, uint256 c) external pure {
        bytes memory table = Poseidon2.constants();
        bytes32 before = keccak256(table);
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
        }
        uint256 modulus = Poseidon2.MODULUS;
        uint256 hash = Poseidon2.hash3(table, a % modulus, b % modulus, c % modulus);
        vm.assertTrue(hash < modulus);
        vm.assertEq(hash, Poseidon2.hash3(table, a % modulus, b % modulus, c % modulus));
        vm.assertTrue(
            hash != Poseidon2.hash3(table, b % modulus, a % modulus, c % modulus)
                || a % modulus == b % modulus
        );
        vm.assertEq(keccak256(table), before);
        uint256 freeAfter;
        assembly ("memory-safe") {
            freeAfter := mload(0x40)
        }
        vm.assertEq(freeAfter, free);
    }

    function word(bytes memory words, uint256 index) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(add(words, 0x20), mul(index, 0x20)))
        }
    }
}
