// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Groth16VerifyingKey} from "../../src/verifiers/Groth16Key.sol";
import {RiscZeroVerifier} from "../../src/verifiers/RiscZeroVerifier.sol";
import {Groth16Forge} from "./Groth16Forge.sol";
import {Vectors} from "./Vectors.sol";

contract RiscZeroVerifierTest is Vectors {
    ProgramVector internal vector;
    bytes32 internal controlRoot;
    bytes32 internal bn254ControlId;
    RiscZeroVerifier internal verifier;

    function setUp() public {
        vector = readProgramVector("risc-zero-v5");
        string memory json = readVector("risc-zero-v5");
        controlRoot = vm.parseJsonBytes32(json, ".controlRoot");
        bn254ControlId = vm.parseJsonBytes32(json, ".bn254ControlId");
        verifier = new RiscZeroVerifier(vector.key, vector.selector, controlRoot, bn254ControlId);
    }

    function test_verifyProgram_acceptsASealOfV5() public view {
        vm.assertEq(keccak256(vector.publicValues), keccak256("just a simple receipt"));
        vm.assertTrue(accepts(vector.programId, vector.publicValues, vector.proof));
    }

    function test_verifyProgram_refusesEveryChangedByte() public view {
        for (uint256 i = 0; i < vector.proof.length; i++) {
            vm.assertFalse(accepts(vector.programId, vector.publicValues, flipped(vector.proof, i, 1)));
        }
        for (uint256 i = 0; i < vector.publicValues.length; i++) {
            vm.assertFalse(accepts(vector.programId, flipped(vector.publicValues, i, 4), vector.proof));
        }
        for (uint256 i = 0; i < 256; i += 8) {
            vm.assertFalse(accepts(vector.programId ^ bytes32(1 << i), vector.publicValues, vector.proof));
        }
    }

    function test_verifyProgram_refusesOtherJournals(bytes memory journal) public view {
        if (keccak256(journal) == keccak256(vector.publicValues)) return;
        vm.assertFalse(accepts(vector.programId, journal, vector.proof));
    }

    function test_verifyProgram_refusesEveryOtherLength(uint256 length) public view {
        length = bound(length, 0, 600);
        if (length == vector.proof.length) return;
        vm.assertFalse(accepts(vector.programId, vector.publicValues, resized(vector.proof, length)));
    }

    /// The control ids are inputs of the proof: a recursion that is not this version's does not count.
    function test_verifyProgram_refusesAnotherRecursion(uint8 bit) public {
        bytes32 flip = bytes32(uint256(1) << bit);
        verifier = new RiscZeroVerifier(vector.key, vector.selector, controlRoot ^ flip, bn254ControlId);
        vm.assertFalse(accepts(vector.programId, vector.publicValues, vector.proof));
        verifier = new RiscZeroVerifier(vector.key, vector.selector, controlRoot, bn254ControlId ^ flip);
        vm.assertFalse(accepts(vector.programId, vector.publicValues, vector.proof));
    }

    /// RISC Zero's selector is a digest of key and control ids: so both are the ones that the seal was made for.
    function test_selector_isTheDigestOfTheParameters() public view {
        Groth16VerifyingKey memory key = vector.key;
        bytes32 list = 0;
        for (uint256 i = key.ic.length; i > 0; i--) {
            bytes32 point = sha256(abi.encodePacked(key.ic[i - 1]));
            list = sha256(abi.encodePacked(sha256("risc0_groth16.VerifyingKey.IC"), point, list, hex"0200"));
        }
        bytes32 keyDigest = sha256(
            abi.encodePacked(
                sha256("risc0_groth16.VerifyingKey"),
                sha256(abi.encodePacked(key.alpha)),
                sha256(abi.encodePacked(key.beta)),
                sha256(abi.encodePacked(key.gamma)),
                sha256(abi.encodePacked(key.delta)),
                list,
                hex"0500"
            )
        );
        bytes memory controlId = new bytes(32);
        for (uint256 i = 0; i < 32; i++) {
            controlId[i] = bn254ControlId[31 - i];
        }
        bytes32 parameters = sha256(
            abi.encodePacked(
                sha256("risc0.Groth16ReceiptVerifierParameters"), controlRoot, controlId, keyDigest, hex"0300"
            )
        );
        vm.assertEq(bytes32(bytes4(parameters)), bytes32(verifier.selector()));
    }

    function test_constructor_revertsWithUnsupportedKey() public {
        for (uint256 count = 0; count < 8; count++) {
            if (count == 5) continue;
            Groth16VerifyingKey memory key = Groth16Forge.key(1, count);
            vm.expectRevert(abi.encodeWithSelector(RiscZeroVerifier.UnsupportedKey.selector, count));
            new RiscZeroVerifier(key, vector.selector, controlRoot, bn254ControlId);
        }
    }

    function accepts(bytes32 programId, bytes memory journal, bytes memory seal)
        internal
        view
        returns (bool)
    {
        return verifier.verifyProgram{gas: GAS_LIMIT}(programId, journal, seal);
    }
}
