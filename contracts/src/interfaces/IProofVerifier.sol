// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title A verifier of zero-knowledge proofs for one fixed program
/// @notice The signature is that of the verifier contracts which Barretenberg's `bb` generates. A caller that has
/// to go on whatever a verifier does calls it through {VerifierCall}.
interface IProofVerifier {
    /// @notice Checks a proof. Implementations may also revert on a proof they refuse.
    /// @param proof The proof, in the encoding of the proof system
    /// @param publicInputs The statement: BN254 scalars, one per word, in the order of the program
    /// @return Whether the proof shows that the statement is true
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external view returns (bool);
}
