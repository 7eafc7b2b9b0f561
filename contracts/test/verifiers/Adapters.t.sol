// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProgramVerifier} from "../../src/interfaces/IProgramVerifier.sol";
import {IProofVerifier} from "../../src/interfaces/IProofVerifier.sol";
import {ProgramAdapter} from "../../src/verifiers/ProgramAdapter.sol";
import {SelectorAdapter} from "../../src/verifiers/SelectorAdapter.sol";
import {Sp1Verifier} from "../../src/verifiers/Sp1Verifier.sol";
import {VerifierRouter} from "../../src/verifiers/VerifierRouter.sol";
import {MockVerifier} from "../mocks/MockVerifier.sol";
import {Vectors} from "./Vectors.sol";

contract AdaptersTest is Vectors {
    bytes4 internal constant SELECTOR = 0x12345678;

    function test_selectorAdapter_passesOnWhatIsBehindTheSelector(bytes32[] memory inputs) public {
        IProofVerifier adapter = new SelectorAdapter(SELECTOR, new MockVerifier());
        bytes32 proof = keccak256(abi.encodePacked(inputs));
        vm.assertTrue(adapter.verify(abi.encodePacked(SELECTOR, proof), inputs));
        vm.assertFalse(adapter.verify(abi.encodePacked(SELECTOR, ~proof), inputs));
        vm.assertFalse(adapter.verify(abi.encodePacked(~SELECTOR, proof), inputs));
        vm.assertFalse(adapter.verify(abi.encodePacked(proof), inputs));
    }

    function test_selectorAdapter_refusesProofsThatAreTooShort() public {
        IProofVerifier adapter = new SelectorAdapter(SELECTOR, new MockVerifier());
        vm.assertFalse(adapter.verify("", new bytes32[](0)));
        vm.assertFalse(adapter.verify(hex"123456", new bytes32[](0)));
    }

    function test_constructors_revertWithNotAContract() public {
        IProofVerifier nobody = IProofVerifier(address(0x57a));
        vm.expectRevert(abi.encodeWithSelector(SelectorAdapter.NotAContract.selector, nobody));
        new SelectorAdapter(SELECTOR, nobody);
        vm.expectRevert(abi.encodeWithSelector(ProgramAdapter.NotAContract.selector, nobody));
        new ProgramAdapter(IProgramVerifier(address(nobody)), 0);
    }

    /// The public values of this real proof are three words: a statement of three public inputs.
    function test_programAdapter_verifiesAStatementBehindARouter() public {
        ProgramVector memory vector = readProgramVector("sp1-v4");
        bytes32[] memory inputs = new bytes32[](3);
        inputs[0] = bytes32(uint256(20));
        inputs[1] = bytes32(uint256(6765)); // the 20th Fibonacci number
        inputs[2] = bytes32(uint256(10946));
        Sp1Verifier sp1 = new Sp1Verifier(vector.key, vector.selector, 0);
        VerifierRouter router = new VerifierRouter(address(this), address(0));
        router.addRoute(vector.selector, new ProgramAdapter(sp1, vector.programId));
        vm.assertTrue(router.verify{gas: GAS_LIMIT}(vector.proof, inputs));

        for (uint256 i = 0; i < inputs.length; i++) {
            inputs[i] ^= bytes32(uint256(1));
            vm.assertFalse(router.verify{gas: GAS_LIMIT}(vector.proof, inputs));
            inputs[i] ^= bytes32(uint256(1));
        }
        vm.assertFalse(router.verify{gas: GAS_LIMIT}(vector.proof, new bytes32[](2)));

        // The same proof is nothing to an adapter of another program.
        ProgramAdapter other = new ProgramAdapter(sp1, bytes32(uint256(vector.programId) ^ 1));
        vm.assertFalse(other.verify{gas: GAS_LIMIT}(vector.proof, inputs));
    }
}
