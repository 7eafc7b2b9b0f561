// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProofVerifier} from "../interfaces/IProofVerifier.sol";

/// @title Puts a selector in front of the proofs of a verifier that knows of none
/// @notice For UltraHonk verifiers as `bb` generates them, and for {Groth16Verifier}, behind a {VerifierRouter}.
contract SelectorAdapter is IProofVerifier {
    /// @notice What proofs begin with
    bytes4 public immutable selector;
    /// @notice Who verifies the rest
    IProofVerifier public immutable verifier;

    /// @notice There is no code at `verifier`.
    error NotAContract(IProofVerifier verifier);

    constructor(bytes4 selector_, IProofVerifier verifier_) {
        if (address(verifier_).code.length == 0) revert NotAContract(verifier_);
        selector = selector_;
        verifier = verifier_;
    }

    /// @inheritdoc IProofVerifier
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external view returns (bool) {
        if (proof.length < 4 || bytes4(proof[:4]) != selector) return false;
        return verifier.verify(proof[4:], publicInputs);
    }
}
