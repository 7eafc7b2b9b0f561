// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Groth16Verifier} from "../../src/verifiers/Groth16Verifier.sol";
import {Groth16Key, Groth16VerifyingKey} from "../../src/verifiers/Groth16Key.sol";
import {Sp1Verifier} from "../../src/verifiers/Sp1Verifier.sol";
import {Groth16Forge} from "./Groth16Forge.sol";
import {Vectors} from "./Vectors.sol";

contract Sp1VerifierTest is Vectors {
    bytes4 internal constant SELECTOR = 0xf0f0f0f0;
    bytes32 internal constant VK_ROOT = bytes32(uint256(0x1234));

    function test_verifyProgram_acceptsAProofOfV4() public {
        requireAcceptedAndBound("sp1-v4", 0);
    }

    function test_verifyProgram_acceptsAProofOfV5() public {
        requireAcceptedAndBound("sp1-v5", 0);
    }

    function test_verifyProgram_acceptsAProofOfV6() public {
        requireAcceptedAndBound("sp1-v6", vm.parseJsonBytes32(readVector("sp1-v6"), ".vkRoot"));
    }

    function test_verifyProgram_refusesTheProofOfAnotherVersion() public {
        ProgramVector memory v4 = readProgramVector("sp1-v4");
        ProgramVector memory v5 = readProgramVector("sp1-v5");
        Sp1Verifier verifier = new Sp1Verifier(v5.key, v5.selector, 0);
        vm.assertFalse(accepts(verifier, v4, v4.proof));
        // And with a selector that was exchanged: the key is another one.
        vm.assertFalse(accepts(verifier, v4, bytes.concat(v5.selector, tail(v4.proof))));
    }

    function test_verifyProgram_refusesOtherPublicValues(bytes memory publicValues) public {
        ProgramVector memory vector = readProgramVector("sp1-v6");
        if (keccak256(publicValues) == keccak256(vector.publicValues)) return;
        vector.publicValues = publicValues;
        vm.assertFalse(accepts(deployV6(vector), vector, vector.proof));
    }

    function test_verifyProgram_refusesOtherPrograms(bytes32 programId) public {
        ProgramVector memory vector = readProgramVector("sp1-v6");
        if (programId == vector.programId) return;
        vector.programId = programId;
        vm.assertFalse(accepts(deployV6(vector), vector, vector.proof));
    }

    /// The program's key hash plus the modulus is the same scalar, and another program.
    function test_verifyProgram_refusesAProgramThatIsNotReduced() public {
        ProgramVector memory vector = readProgramVector("sp1-v4");
        Sp1Verifier verifier = new Sp1Verifier(vector.key, vector.selector, 0);
        vector.programId = bytes32(uint256(vector.programId) + Groth16Forge.R);
        vm.assertFalse(accepts(verifier, vector, vector.proof));
    }

    function test_verifyProgram_refusesEveryOtherLength(uint256 length) public {
        ProgramVector memory vector = readProgramVector("sp1-v6");
        length = bound(length, 0, 800);
        if (length == vector.proof.length) return;
        vm.assertFalse(accepts(deployV6(vector), vector, resized(vector.proof, length)));
    }

    /// The pairing holds for these proofs: what refuses them is the verifier's own look at the header.
    function test_verifyProgram_refusesAFailedProgramAndAnotherRecursion(uint256 seed, bytes32 other) public {
        Groth16VerifyingKey memory key = Groth16Forge.key(seed, 5);
        Sp1Verifier verifier = new Sp1Verifier(key, SELECTOR, VK_ROOT);
        Groth16Verifier groth16 = new Groth16Verifier(key);
        other = bytes32(bound(uint256(other), 1, Groth16Forge.R - 1));
        if (other == VK_ROOT) return;
        bytes32[3][3] memory headers =
            [[bytes32(0), VK_ROOT, other], [other, VK_ROOT, 0], [bytes32(0), other, 0]];
        for (uint256 i = 0; i < headers.length; i++) {
            bytes32[] memory inputs = new bytes32[](5);
            inputs[0] = bytes32(seed % Groth16Forge.R);
            inputs[1] = sha256("values") & bytes32(type(uint256).max >> 3);
            (inputs[2], inputs[3], inputs[4]) = (headers[i][0], headers[i][1], headers[i][2]);
            bytes memory points = Groth16Forge.prove(seed, inputs, 7);
            vm.assertTrue(groth16.verify{gas: GAS_LIMIT}(points, inputs));

            bytes memory proof = abi.encodePacked(SELECTOR, headers[i], points);
            bool accepted = verifier.verifyProgram{gas: GAS_LIMIT}(inputs[0], "values", proof);
            vm.assertEq(accepted, i == 0);
        }
    }

    function test_constructor_revertsWithUnsupportedKey() public {
        for (uint256 count = 0; count < 8; count++) {
            if (count == 2 || count == 5) continue;
            Groth16VerifyingKey memory key = Groth16Forge.key(1, count);
            vm.expectRevert(abi.encodeWithSelector(Sp1Verifier.UnsupportedKey.selector, count));
            new Sp1Verifier(key, SELECTOR, VK_ROOT);
        }
    }

    function test_constructor_revertsWithUnexpectedVkRoot() public {
        Groth16VerifyingKey memory v5 = Groth16Forge.key(1, 2);
        Groth16VerifyingKey memory v6 = Groth16Forge.key(1, 5);
        vm.expectRevert(abi.encodeWithSelector(Sp1Verifier.UnexpectedVkRoot.selector, VK_ROOT));
        new Sp1Verifier(v5, SELECTOR, VK_ROOT);
        vm.expectRevert(abi.encodeWithSelector(Sp1Verifier.UnexpectedVkRoot.selector, bytes32(0)));
        new Sp1Verifier(v6, SELECTOR, 0);
    }

    function test_constructor_revertsWithNoContribution() public {
        Groth16VerifyingKey memory key = Groth16Forge.key(1, 2);
        key.delta = key.gamma;
        vm.expectRevert(abi.encodeWithSelector(Groth16Key.NoContribution.selector));
        new Sp1Verifier(key, SELECTOR, 0);
    }

    /// Accepted as it is, refused with any byte of proof, program or public values changed.
    function requireAcceptedAndBound(string memory name, bytes32 vkRoot) internal {
        ProgramVector memory vector = readProgramVector(name);
        Sp1Verifier verifier = new Sp1Verifier(vector.key, vector.selector, vkRoot);
        vm.assertTrue(accepts(verifier, vector, vector.proof));
        for (uint256 i = 0; i < vector.proof.length; i++) {
            vm.assertFalse(accepts(verifier, vector, flipped(vector.proof, i, 1)));
        }
        bytes memory values = vector.publicValues;
        for (uint256 i = 0; i < values.length; i++) {
            vector.publicValues = flipped(values, i, 0x10);
            vm.assertFalse(accepts(verifier, vector, vector.proof));
        }
        vector.publicValues = values;
        bytes32 programId = vector.programId;
        for (uint256 i = 0; i < 256; i += 8) {
            vector.programId = programId ^ bytes32(1 << i);
            vm.assertFalse(accepts(verifier, vector, vector.proof));
        }
    }

    function deployV6(ProgramVector memory vector) internal returns (Sp1Verifier) {
        return
            new Sp1Verifier(vector.key, vector.selector, vm.parseJsonBytes32(readVector("sp1-v6"), ".vkRoot"));
    }

    function accepts(Sp1Verifier verifier, ProgramVector memory vector, bytes memory proof)
        internal
        view
        returns (bool)
    {
        return verifier.verifyProgram{gas: GAS_LIMIT}(vector.programId, vector.publicValues, proof);
    }

    function tail(bytes memory proof) internal pure returns (bytes memory rest) {
        rest = new bytes(proof.length - 4);
        for (uint256 i = 0; i < rest.length; i++) {
            rest[i] = proof[i + 4];
        }
    }
}
