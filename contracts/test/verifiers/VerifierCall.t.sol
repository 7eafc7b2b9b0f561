// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "../../src/interfaces/IProofVerifier.sol";
import {Groth16Verifier} from "../../src/verifiers/Groth16Verifier.sol";
import {SelectorAdapter} from "../../src/verifiers/SelectorAdapter.sol";
import {VerifierCall} from "../../src/verifiers/VerifierCall.sol";
import {VerifierRouter} from "../../src/verifiers/VerifierRouter.sol";
import {HostileVerifier} from "../mocks/HostileVerifier.sol";
import {MockVerifier} from "../mocks/MockVerifier.sol";
import {Vectors} from "./Vectors.sol";

/// @notice What a settlement does with a verifier
contract Caller {
    function verifies(
        IProofVerifier verifier,
        uint256 gasLimit,
        bytes calldata proof,
        bytes32[] memory inputs
    ) external view returns (bool) {
        return VerifierCall.verifies(verifier, gasLimit, proof, inputs);
    }

    /// The answer to the second call, in the memory that the first one leaves behind
    function verifiesAfter(
        IProofVerifier first,
        IProofVerifier second,
        uint256 gasLimit,
        bytes calldata proof,
        bytes32[] memory inputs
    ) external view returns (bool) {
        VerifierCall.verifies(first, gasLimit, proof, inputs);
        return VerifierCall.verifies(second, gasLimit, proof, inputs);
    }
}

/// @notice Accepts everything, when it has got as much gas as it was promised (less what it takes to look)
contract GasVerifier {
    uint256 private immutable _promised;

    constructor(uint256 promised) {
        _promised = promised;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        return abi.encode(gasleft() + 200 > _promised);
    }
}

contract VerifierCallTest is Vectors {
    /// What the caller may use beside what the verifier does (in gas).
    uint256 internal constant OWN_GAS = 30_000;
    bytes4 internal constant SELECTOR = 0x12345678;

    Caller internal caller = new Caller();
    VerifierRouter internal router = new VerifierRouter(address(this), address(0));
    bytes32[] internal inputs;

    function setUp() public {
        inputs.push(bytes32(uint256(1)));
        inputs.push(bytes32(uint256(2)));
    }

    function test_verifies_saysWhatAnHonestVerifierSays() public {
        MockVerifier verifier = new MockVerifier();
        bytes memory proof = abi.encodePacked(keccak256(abi.encodePacked(inputs)));
        vm.assertTrue(caller.verifies(verifier, GAS_LIMIT, proof, inputs));
        vm.assertFalse(caller.verifies(verifier, GAS_LIMIT, flipped(proof, 3, 8), inputs));
        // It reverts on a proof of another length.
        vm.assertFalse(caller.verifies(verifier, GAS_LIMIT, new bytes(31), inputs));
    }

    function test_attack_verifierThatReverts() public {
        requireRefused(HostileVerifier.Behaviour.Revert, 0, 0);
        requireRefused(HostileVerifier.Behaviour.Revert, 1, 32);
    }

    function test_attack_verifierThatBurnsGas() public {
        requireRefused(HostileVerifier.Behaviour.Burn, 0, 0);
    }

    /// 256 KiB: to make them costs the verifier 232,000 gas of its own, and to copy them would cost the caller as much.
    function test_attack_hugeReturnData() public {
        requireRefused(HostileVerifier.Behaviour.Return, 0, 256 * 1024);
        requireRefused(HostileVerifier.Behaviour.Revert, 1, 256 * 1024);
    }

    /// A true answer that is followed by rubbish is true, as Solidity's own decoder has it, and costs no more.
    function test_verifies_readsOneWordOfALongAnswer() public {
        IProofVerifier verifier = new HostileVerifier(HostileVerifier.Behaviour.Return, 1, 256 * 1024);
        uint256 gasBefore = gasleft();
        vm.assertTrue(caller.verifies(verifier, GAS_LIMIT, new bytes(4), inputs));
        vm.assertLe(gasBefore - gasleft(), GAS_LIMIT + OWN_GAS);
    }

    /// Solidity's try and catch would revert on this one, and with it the caller.
    function test_attack_answerThatIsNoBool(uint256 word) public {
        requireRefused(HostileVerifier.Behaviour.Return, word == 1 ? 2 : word, 32);
    }

    function test_attack_answerThatIsTooShort(uint256 length) public {
        requireRefused(HostileVerifier.Behaviour.Return, type(uint256).max, bound(length, 0, 31));
        requireRefused(HostileVerifier.Behaviour.Return, 1, bound(length, 0, 31));
    }

    /// Where the answer is read, the one before is still there: a verifier that answers nothing must not inherit it.
    function test_attack_answerOfTheVerifierBefore(uint256 length) public {
        IProofVerifier good = new HostileVerifier(HostileVerifier.Behaviour.Return, 1, 32);
        IProofVerifier bad = new HostileVerifier(HostileVerifier.Behaviour.Return, 0, bound(length, 0, 31));
        bytes memory proof = new bytes(4);
        vm.assertTrue(caller.verifiesAfter(bad, good, GAS_LIMIT, proof, inputs));
        vm.assertFalse(caller.verifiesAfter(good, bad, GAS_LIMIT, proof, inputs));
        vm.assertFalse(caller.verifiesAfter(good, IProofVerifier(address(0x57a)), GAS_LIMIT, proof, inputs));
    }

    function test_attack_verifierWithoutCode(address account) public view {
        if (account.code.length != 0 || uint160(account) < 0x1000) return;
        vm.assertFalse(caller.verifies(IProofVerifier(account), GAS_LIMIT, new bytes(4), inputs));
    }

    /// Whoever sends the transaction chooses its gas. With any amount a right proof is accepted or the transaction
    /// reverts: it is never taken for a wrong one, directly or behind a router.
    function test_attack_tooLittleGasForARightProof(uint256 gas) public {
        string memory json = readVector("groth16-snarkjs");
        bytes memory proof = vm.parseJsonBytes(json, ".proof");
        bytes32[] memory statement = vm.parseJsonBytes32Array(json, ".publicInputs");
        IProofVerifier groth16 = new Groth16Verifier(parseKey(json));
        router.addRoute(SELECTOR, new SelectorAdapter(SELECTOR, groth16));

        gas = bound(gas, 1_000, 2 * GAS_LIMIT);
        requireNeverRefused(groth16, gas, proof, statement);
        requireNeverRefused(router, gas, bytes.concat(SELECTOR, proof), statement);
    }

    /// The same around the limit: what is missing is the 64th that a call keeps, or the price of a cold account.
    function test_attack_gasThatIsJustTooLittle(uint256 gas) public {
        IProofVerifier verifier = IProofVerifier(address(new GasVerifier(GAS_LIMIT)));
        vm.cool(address(verifier));
        gas = bound(gas, GAS_LIMIT, GAS_LIMIT + OWN_GAS);
        requireNeverRefused(verifier, gas, new bytes(4), inputs);
    }

    function test_verifies_revertsWithNotEnoughGas() public {
        IProofVerifier verifier = new MockVerifier();
        bytes memory data = abi.encodeCall(Caller.verifies, (verifier, GAS_LIMIT, new bytes(32), inputs));
        (bool success, bytes memory answer) = address(caller).staticcall{gas: GAS_LIMIT}(data);
        vm.assertFalse(success);
        vm.assertEq(bytes32(bytes4(answer)), bytes32(VerifierCall.NotEnoughGas.selector));
        (success, answer) = address(caller).staticcall{gas: GAS_LIMIT + OWN_GAS}(data);
        vm.assertTrue(success);
    }

    /// The caller goes on, with a no, and within what it gave; directly, and with a router in between.
    function requireRefused(HostileVerifier.Behaviour behaviour, uint256 word, uint256 length) internal {
        IProofVerifier verifier = new HostileVerifier(behaviour, word, length);
        VerifierRouter fresh = new VerifierRouter(address(this), address(0));
        fresh.addRoute(SELECTOR, verifier);
        IProofVerifier[2] memory ways = [verifier, IProofVerifier(fresh)];
        for (uint256 i = 0; i < ways.length; i++) {
            uint256 gasBefore = gasleft();
            bool valid = caller.verifies(ways[i], GAS_LIMIT, abi.encodePacked(SELECTOR), inputs);
            vm.assertLe(gasBefore - gasleft(), GAS_LIMIT + OWN_GAS);
            vm.assertFalse(valid);
        }
    }

    function requireNeverRefused(
        IProofVerifier verifier,
        uint256 gas,
        bytes memory proof,
        bytes32[] memory statement
    ) internal view {
        (bool success, bytes memory answer) = address(caller).staticcall{gas: gas}(
            abi.encodeCall(Caller.verifies, (verifier, GAS_LIMIT, proof, statement))
        );
        if (success) vm.assertTrue(abi.decode(answer, (bool)));
        vm.assertTrue(success || gas < GAS_LIMIT + OWN_GAS);
    }
}
