// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "../../src/interfaces/IProofVerifier.sol";

/// @notice A proof of 32 bytes is right when it is the hash of the public inputs, so that changing any of them,
/// or the proof, makes it wrong. Like the real verifiers, it reverts on a proof of another length.
contract MockVerifier is IProofVerifier {
    error ProofLength(uint256 length);

    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external pure returns (bool) {
        if (proof.length != 32) revert ProofLength(proof.length);
        return bytes32(proof) == keccak256(abi.encodePacked(publicInputs));
    }
}
