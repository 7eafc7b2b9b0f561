// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title A verifier of a zkVM's proofs, for any program
interface IProgramVerifier {
    /// @notice Checks a proof that a program ran to its end without an error and gave some output.
    /// @param programId Which program: SP1's verification key hash, RISC Zero's image id
    /// @param publicValues Its output: SP1's public values, RISC Zero's journal
    /// @param proof The proof as the zkVM's own verifier contract takes it, beginning with the selector of its version
    /// @return Whether the proof shows it; false for bytes that are no proof at all
    function verifyProgram(bytes32 programId, bytes calldata publicValues, bytes calldata proof)
        external
        view
        returns (bool);
}
