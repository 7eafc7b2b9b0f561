// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "../interfaces/IProofVerifier.sol";
import {Groth16} from "./Groth16.sol";
import {Groth16Key, Groth16VerifyingKey} from "./Groth16Key.sol";

/// @title Verifier of Groth16 proofs over BN254, for any key
contract Groth16Verifier is IProofVerifier {
    /// @notice Where the verification key is
    Groth16Key public immutable key;

    /// @dev Reverts with the errors of {Groth16Key} when the key is not sound.
    constructor(Groth16VerifyingKey memory key_) {
        key = new Groth16Key(key_);
    }

    /// @inheritdoc IProofVerifier
    /// @dev See {Groth16-verify}; reverts with {Groth16-PublicInputCount}.
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external view returns (bool) {
        return Groth16.verify(key, proof, publicInputs);
    }
}
