// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Groth16Key} from "./Groth16Key.sol";

/// @title Groth16 over BN254
/// @notice A proof is A, B, C as the precompiles take them: x, y of A, x1, x0, y1, y0 of B, x, y of C, 256 bytes. Whoever
/// has a proof can make others of the same statement: its bytes identify nothing.
library Groth16 {
    /// The order of the scalar field
    uint256 internal constant SCALAR_MODULUS =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 internal constant PROOF_BYTES = 256;

    /// The stop, -delta, alpha, -beta, ic[0], -gamma; see {Groth16Key}
    uint256 private constant KEY_FIXED_BYTES = 1 + 16 * 32;

    /// @notice The key takes another number of public inputs.
    error PublicInputCount(uint256 expected, uint256 actual);

    /// @notice How many public inputs a key takes
    function inputCount(Groth16Key key) internal view returns (uint256) {
        return (address(key).code.length - KEY_FIXED_BYTES) / 64;
    }

    /// @notice Whether a proof shows that the public inputs satisfy the key's circuit. False for bytes that are no proof, for
    /// inputs that are not reduced, and when there is not enough gas for the precompiles (see {VerifierCall}).
    /// @dev Reverts with {PublicInputCount}: that is a mistake of the caller, not of the proof. Checks
    /// e(A, B) * e(C, -delta) * e(alpha, -beta) * e(ic[0] + sum of inputs[i] * ic[i + 1], -gamma) = 1. The precompiles
    /// refuse coordinates that are not reduced, points off the curve and, in G2, out of the subgroup.
    function verify(Groth16Key key, bytes calldata proof, bytes32[] memory inputs)
        internal
        view
        returns (bool valid)
    {
        uint256 count = inputCount(key);
        if (inputs.length != count) revert PublicInputCount(count, inputs.length);
        if (proof.length != PROOF_BYTES) return false;
        // The precompile for multiplication reduces its scalar: without this, x and x + modulus would be one input.
        for (uint256 i = 0; i < count; i++) {
            if (uint256(inputs[i]) >= SCALAR_MODULUS) return false;
        }

        // pairs = proof ++ key; sum = ic[0]; for each input: sum += ic[i + 1] * input; pairs[.., ic[0], ..] = sum;
        // valid = pairing(pairs)
        assembly ("memory-safe") {
            let pairs := mload(0x40)
            let keySize := sub(extcodesize(key), 1)
            calldatacopy(pairs, proof.offset, 0x100)
            extcodecopy(key, add(pairs, 0x100), 1, keySize)

            // Behind all of it: the sum, then the next term and its factor, so that both precompiles find their inputs.
            let sum := add(pairs, add(0x100, keySize))
            let term := add(sum, 0x40)
            mcopy(sum, add(pairs, 0x240), 0x40)
            let success := 1
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                mcopy(term, add(pairs, add(0x300, mul(i, 0x40))), 0x40)
                mstore(add(term, 0x40), mload(add(inputs, add(0x20, mul(i, 0x20)))))
                success := and(success, staticcall(gas(), 7, term, 0x60, term, 0x40))
                success := and(success, staticcall(gas(), 6, sum, 0x80, sum, 0x40))
            }
            mcopy(add(pairs, 0x240), sum, 0x40)
            success := and(success, staticcall(gas(), 8, pairs, 0x300, 0x00, 0x20))
            valid := and(success, mload(0x00))
        }
    }
}
