// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IProgramVerifier} from "../interfaces/IProgramVerifier.sol";
import {IProofVerifier} from "../interfaces/IProofVerifier.sol";

/// @title Makes one program of a zkVM a verifier of statements
/// @notice The program is fixed here, at deployment, so that a proof of another program never counts. Its output has
/// to be the public inputs, 32 bytes each, one after the other, and nothing else.
contract ProgramAdapter is IProofVerifier {
    /// @notice Who verifies proofs of any program
    IProgramVerifier public immutable verifier;
    /// @notice The one program that counts
    bytes32 public immutable programId;

    /// @notice There is no code at `verifier`.
    error NotAContract(IProgramVerifier verifier);

    constructor(IProgramVerifier verifier_, bytes32 programId_) {
        if (address(verifier_).code.length == 0) revert NotAContract(verifier_);
        verifier = verifier_;
        programId = programId_;
    }

    /// @inheritdoc IProofVerifier
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external view returns (bool) {
        return verifier.verifyProgram(programId, abi.encodePacked(publicInputs), proof);
    }
}
