// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Groth16} from "../../src/verifiers/Groth16.sol";
import {Groth16Verifier} from "../../src/verifiers/Groth16Verifier.sol";
import {Groth16Forge} from "./Groth16Forge.sol";
import {Vectors} from "./Vectors.sol";

contract Groth16VerifierTest is Vectors {
    Groth16Verifier internal verifier;
    bytes internal proof;
    bytes32[] internal inputs;

    function setUp() public {
        string memory json = readVector("groth16-snarkjs");
        verifier = new Groth16Verifier(parseKey(json));
        proof = vm.parseJsonBytes(json, ".proof");
        inputs = vm.parseJsonBytes32Array(json, ".publicInputs");
    }

    function test_verify_acceptsAProofOfSnarkjs() public view {
        vm.assertTrue(accepts(proof, inputs));
    }

    function test_verify_refusesEveryChangedByteOfAProof() public view {
        for (uint256 i = 0; i < proof.length; i++) {
            vm.assertFalse(accepts(flipped(proof, i, 1), inputs));
        }
    }

    function test_verify_refusesAnotherProofPoint(uint256 scalar) public view {
        uint256[2] memory point = Groth16Forge.point(scalar);
        vm.assertFalse(accepts(withWord(withWord(proof, 0, point[0]), 32, point[1]), inputs));
        vm.assertFalse(accepts(withWord(withWord(proof, 192, point[0]), 224, point[1]), inputs));
    }

    function test_verify_refusesNegatedPoints() public view {
        vm.assertFalse(accepts(withWord(proof, 32, Groth16Forge.P - wordAt(proof, 32)), inputs));
        vm.assertFalse(accepts(withWord(proof, 224, Groth16Forge.P - wordAt(proof, 224)), inputs));
    }

    function test_verify_refusesPointsAtInfinity() public view {
        vm.assertFalse(accepts(new bytes(256), inputs));
        vm.assertFalse(accepts(withWord(withWord(proof, 0, 0), 32, 0), inputs));
        vm.assertFalse(accepts(withWord(withWord(proof, 192, 0), 224, 0), inputs));
    }

    /// The same points with a coordinate that is not reduced: a second encoding of a proof would be one.
    function test_verify_refusesUnreducedCoordinates() public view {
        uint256 tried = 0;
        for (uint256 offset = 0; offset < 256; offset += 32) {
            vm.assertFalse(accepts(withWord(proof, offset, wordAt(proof, offset) + Groth16Forge.P), inputs));
            tried++;
        }
        vm.assertEq(tried, 8);
    }

    function test_verify_refusesAPointOutOfTheSubgroup() public view {
        bytes memory changed = proof;
        uint256[4] memory point = outOfSubgroup();
        for (uint256 i = 0; i < 4; i++) {
            changed = withWord(changed, 64 + 32 * i, point[i]);
        }
        vm.assertFalse(accepts(changed, inputs));
    }

    function test_verify_refusesEveryOtherLength(uint256 length) public view {
        length = bound(length, 0, 600);
        if (length == proof.length) return;
        vm.assertFalse(accepts(resized(proof, length), inputs));
    }

    function test_verify_refusesOtherInputs(uint256 index, uint256 value) public view {
        bytes32[] memory changed = inputs;
        index = bound(index, 0, changed.length - 1);
        if (bytes32(value) == changed[index]) return;
        changed[index] = bytes32(value);
        vm.assertFalse(accepts(proof, changed));
    }

    /// An input and the same one plus the modulus are the same scalar: without a check both would be accepted.
    function test_verify_refusesInputsThatAreNotReduced() public view {
        for (uint256 i = 0; i < inputs.length; i++) {
            bytes32[] memory changed = inputs;
            changed[i] = bytes32(uint256(changed[i]) + Groth16Forge.R);
            vm.assertFalse(accepts(proof, changed));
        }
    }

    function test_verify_revertsWithPublicInputCount() public {
        vm.expectRevert(abi.encodeWithSelector(Groth16.PublicInputCount.selector, 3, 2));
        verifier.verify(proof, new bytes32[](2));
        vm.expectRevert(abi.encodeWithSelector(Groth16.PublicInputCount.selector, 3, 4));
        verifier.verify(proof, new bytes32[](4));
    }

    /// Any key, any number of inputs, any inputs: right proofs are accepted, and are proofs of nothing else.
    function test_verify_acceptsWhatWasProvedAndNothingElse(uint256 seed, uint256 count, uint256 at) public {
        bytes32[] memory statement = new bytes32[](bound(count, 0, 12));
        for (uint256 i = 0; i < statement.length; i++) {
            statement[i] = bytes32(uint256(keccak256(abi.encode(seed, "input", i))) % Groth16Forge.R);
        }
        verifier = new Groth16Verifier(Groth16Forge.key(seed, statement.length));
        bytes memory made = Groth16Forge.prove(seed, statement, seed >> 1);
        vm.assertTrue(accepts(made, statement));
        vm.assertTrue(accepts(Groth16Forge.prove(seed, statement, 5), statement));

        vm.assertFalse(accepts(flipped(made, at % made.length, 0x80), statement));
        if (statement.length == 0) return;
        at = at % statement.length;
        statement[at] = bytes32(addmod(uint256(statement[at]), 1, Groth16Forge.R));
        vm.assertFalse(accepts(made, statement));
    }

    function accepts(bytes memory candidate, bytes32[] memory statement) internal view returns (bool) {
        return verifier.verify{gas: GAS_LIMIT}(candidate, statement);
    }

    function outOfSubgroup() internal pure returns (uint256[4] memory) {
        return [
            0,
            1,
            0x2351dcdda257b62181cbd745dfee16d5fdf4eb185bbcf33c20a0fe6eaa9cb4a3,
            0x07fb3d558dafafb6bf6dd326a5fefe0beca3f9ac3bd999a390d504fad34b0b8c
        ];
    }
}
