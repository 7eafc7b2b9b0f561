// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "../../src/interfaces/IProofVerifier.sol";

/// @notice A proof is any selector, then the hash of selector and public inputs.
contract MockRouter is IProofVerifier {
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external pure returns (bool) {
        return
            proof.length == 36 && bytes32(proof[4:]) == keccak256(abi.encodePacked(proof[:4], publicInputs));
    }
}
