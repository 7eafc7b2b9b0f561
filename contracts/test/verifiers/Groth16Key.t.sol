// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Groth16Key, Groth16VerifyingKey} from "../../src/verifiers/Groth16Key.sol";
import {Groth16Forge} from "./Groth16Forge.sol";
import {Test} from "../Vm.sol";

contract Groth16KeyTest is Test {
    function test_constructor_storesTheKeyAsCode() public {
        Groth16VerifyingKey memory key = Groth16Forge.key(1, 2);
        bytes memory code = address(new Groth16Key(key)).code;
        vm.assertEq(code.length, 1 + 16 * 32 + 2 * 64);
        vm.assertEq(uint8(code[0]), 0); // a stop: calling it does nothing
        bytes memory ic2 = new bytes(64);
        for (uint256 i = 0; i < 64; i++) {
            ic2[i] = code[code.length - 64 + i];
        }
        vm.assertEq(keccak256(ic2), keccak256(abi.encode(key.ic[2])));
    }

    function test_constructor_revertsWithInvalidPoint_offTheCurve() public {
        Groth16VerifyingKey memory key = Groth16Forge.key(1, 2);
        key.alpha[0] ^= 1;
        expectInvalid(key, "alpha", 0);
        key = Groth16Forge.key(1, 2);
        key.beta[1] ^= 1;
        expectInvalid(key, "beta", 0);
        key = Groth16Forge.key(1, 2);
        key.gamma[2] ^= 1;
        expectInvalid(key, "gamma", 0);
        key = Groth16Forge.key(1, 2);
        key.delta[3] ^= 1;
        expectInvalid(key, "delta", 0);
        key = Groth16Forge.key(1, 2);
        key.ic[2][1] ^= 1;
        expectInvalid(key, "ic", 2);
    }

    function test_constructor_revertsWithInvalidPoint_infinity() public {
        Groth16VerifyingKey memory key = Groth16Forge.key(1, 1);
        key.alpha = [uint256(0), 0];
        expectInvalid(key, "alpha", 0);
        key = Groth16Forge.key(1, 1);
        key.delta = [uint256(0), 0, 0, 0];
        expectInvalid(key, "delta", 0);
        key = Groth16Forge.key(1, 1);
        key.ic[1] = [uint256(0), 0];
        expectInvalid(key, "ic", 1);
    }

    function test_constructor_revertsWithInvalidPoint_unreduced() public {
        Groth16VerifyingKey memory key = Groth16Forge.key(1, 1);
        key.ic[0][0] += Groth16Forge.P;
        expectInvalid(key, "ic", 0);
        key = Groth16Forge.key(1, 1);
        key.gamma[3] += Groth16Forge.P;
        expectInvalid(key, "gamma", 0);
    }

    function test_constructor_revertsWithInvalidPoint_outOfTheSubgroup() public {
        Groth16VerifyingKey memory key = Groth16Forge.key(1, 1);
        key.beta = [
            0,
            1,
            0x2351dcdda257b62181cbd745dfee16d5fdf4eb185bbcf33c20a0fe6eaa9cb4a3,
            0x07fb3d558dafafb6bf6dd326a5fefe0beca3f9ac3bd999a390d504fad34b0b8c
        ];
        expectInvalid(key, "beta", 0);
    }

    /// With gamma = delta a proof of one input is easily made into one of another: C takes what the inputs add.
    function test_constructor_revertsWithNoContribution() public {
        Groth16VerifyingKey memory key = Groth16Forge.key(1, 1);
        key.delta = key.gamma;
        vm.expectRevert(abi.encodeWithSelector(Groth16Key.NoContribution.selector));
        new Groth16Key(key);
    }

    function test_constructor_revertsWithNoPoints() public {
        Groth16VerifyingKey memory key = Groth16Forge.key(1, 1);
        key.ic = new uint256[2][](0);
        vm.expectRevert(abi.encodeWithSelector(Groth16Key.NoPoints.selector));
        new Groth16Key(key);
    }

    /// With its own gas: the precompiles burn all that they get on a wrong point.
    function deploy(Groth16VerifyingKey memory key) external {
        new Groth16Key(key);
    }

    function expectInvalid(Groth16VerifyingKey memory key, string memory name, uint256 index) internal {
        vm.expectRevert(abi.encodeWithSelector(Groth16Key.InvalidPoint.selector, name, index));
        this.deploy{gas: 2_000_000}(key);
    }
}
