// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {VerifierCall} from "../src/VerifierCall.sol";
import {IProofVerifier} from "../src/interfaces/IProofVerifier.sol";
import {Test} from "./Vm.sol";
import {HostileVerifier, SlowVerifier} from "./mocks/HostileVerifiers.sol";
import {MockVerifier} from "./mocks/MockVerifier.sol";

contract VerifierCallTest is Test {
    uint256 internal constant LIMIT = 1_000_000;

    function test_verify_answersWhatTheVerifierDoes() public {
        MockVerifier verifier = new MockVerifier();
        bytes memory proof = abi.encodePacked(keccak256(abi.encodePacked(inputs())));
        vm.assertTrue(this.ask(verifier, LIMIT, proof));
        proof[0] ^= 0x01;
        vm.assertFalse(this.ask(verifier, LIMIT, proof));
        vm.assertFalse(this.ask(verifier, LIMIT, "short"));
    }

    function test_verify_isFalseWithoutCode() public view {
        vm.assertFalse(this.ask(IProofVerifier(address(0x57a)), LIMIT, ""));
    }

    function test_verify_isFalseForEverythingThatIsNotTrue() public {
        HostileVerifier verifier = new HostileVerifier();
        for (uint8 b = 0; b < uint8(HostileVerifier.Behaviour.ReturnsTrueAndMore); b++) {
            verifier.set(HostileVerifier.Behaviour(b));
            vm.assertFalse(this.ask(verifier, LIMIT, ""));
        }
        verifier.set(HostileVerifier.Behaviour.ReturnsTrueAndMore);
        vm.assertTrue(this.ask(verifier, LIMIT, ""));
    }

    function test_verify_isFalseWhenTheVerifierNeedsMoreThanItMay() public {
        vm.assertTrue(this.ask(new SlowVerifier(LIMIT - 20_000), LIMIT, ""));
        vm.assertFalse(this.ask(new SlowVerifier(LIMIT), LIMIT, ""));
    }

    /// A copy of half a megabyte would cost more than the verifier itself may use.
    function test_verify_doesNotCopyHugeReturnData() public {
        HostileVerifier verifier = new HostileVerifier();
        verifier.set(HostileVerifier.Behaviour.ReturnsMuch);
        uint256 before = gasleft();
        this.ask(verifier, LIMIT, "");
        vm.assertLe(before - gasleft(), LIMIT + 50_000);
    }

    /// With any gas at all the answer is the right one, or an error; never a no for want of gas.
    function testFuzz_verify_neverAnswersNoForWantOfGas(uint256 gas_, uint256 needed) public {
        needed = bound(needed, 1_000, LIMIT - 20_000);
        SlowVerifier verifier = new SlowVerifier(needed);
        gas_ = bound(gas_, 30_000, LIMIT + 200_000);
        try this.ask{gas: gas_}(verifier, LIMIT, "") returns (bool valid) {
            vm.assertTrue(valid);
            vm.assertGe(gas_, LIMIT);
        } catch (bytes memory reason) {
            // Without data it ran out of gas before it could look.
            if (reason.length != 0) {
                vm.assertTrue(bytes4(reason) == VerifierCall.InsufficientGas.selector);
            }
            vm.assertLe(gas_, LIMIT + LIMIT / 63 + 50_000);
        }
    }

    function ask(IProofVerifier verifier, uint256 limit, bytes calldata proof) external view returns (bool) {
        return VerifierCall.verify(verifier, limit, proof, inputs());
    }

    function inputs() private pure returns (bytes32[] memory list) {
        list = new bytes32[](9);
        for (uint256 i = 0; i < 9; i++) {
            list[i] = bytes32(i);
        }
    }
}
