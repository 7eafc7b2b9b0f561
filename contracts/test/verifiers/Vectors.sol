// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Groth16VerifyingKey} from "../../src/verifiers/Groth16Key.sol";
import {Test} from "../Vm.sol";

/// @notice Reads keys and proofs of test/vectors, and breaks proofs
abstract contract Vectors is Test {
    /// What a verifier may use in these tests (in gas): a wrong point burns all that it gets.
    uint256 internal constant GAS_LIMIT = 400_000;

    struct ProgramVector {
        Groth16VerifyingKey key;
        bytes4 selector;
        bytes32 programId;
        bytes publicValues;
        bytes proof;
    }

    function readVector(string memory name) internal view returns (string memory) {
        return vm.readFile(string.concat("test/vectors/", name, ".json"));
    }

    function readProgramVector(string memory name) internal view returns (ProgramVector memory) {
        string memory json = readVector(name);
        return ProgramVector({
            key: parseKey(json),
            selector: bytes4(vm.parseJsonBytes(json, ".selector")),
            programId: vm.parseJsonBytes32(json, ".programId"),
            publicValues: vm.parseJsonBytes(json, ".publicValues"),
            proof: vm.parseJsonBytes(json, ".proof")
        });
    }

    function parseKey(string memory json) internal pure returns (Groth16VerifyingKey memory key) {
        uint256[] memory alpha = vm.parseJsonUintArray(json, ".key.alpha");
        uint256[] memory ic = vm.parseJsonUintArray(json, ".key.ic");
        key.alpha = [alpha[0], alpha[1]];
        key.beta = parseG2(json, ".key.beta");
        key.gamma = parseG2(json, ".key.gamma");
        key.delta = parseG2(json, ".key.delta");
        key.ic = new uint256[2][](ic.length / 2);
        for (uint256 i = 0; i < key.ic.length; i++) {
            key.ic[i] = [ic[2 * i], ic[2 * i + 1]];
        }
    }

    function parseG2(string memory json, string memory name) internal pure returns (uint256[4] memory) {
        uint256[] memory words = vm.parseJsonUintArray(json, name);
        return [words[0], words[1], words[2], words[3]];
    }

    /// A copy with some bits of one byte flipped.
    function flipped(bytes memory data, uint256 at, uint8 mask) internal pure returns (bytes memory copy) {
        copy = bytes.concat(data);
        copy[at] ^= bytes1(mask);
    }

    /// A copy that is cut, or filled up with zeros.
    function resized(bytes memory data, uint256 length) internal pure returns (bytes memory copy) {
        copy = new bytes(length);
        for (uint256 i = 0; i < length && i < data.length; i++) {
            copy[i] = data[i];
        }
    }

    function wordAt(bytes memory data, uint256 offset) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), offset))
        }
    }

    /// A copy with one word replaced.
    function withWord(bytes memory data, uint256 offset, uint256 word)
        internal
        pure
        returns (bytes memory copy)
    {
        copy = bytes.concat(data);
        assembly ("memory-safe") {
            mstore(add(add(copy, 0x20), offset), word)
        }
    }
}
