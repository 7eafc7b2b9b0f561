/** A proof, and what it is said to show: that a program ran to its end without an error and gave these values. */
export interface ProofClaim {
  /** 32 bytes: SP1's verification key hash, RISC Zero's image id, the id of a Groth16 key */
  programId: Uint8Array;
  /** SP1's public values, RISC Zero's journal; for Groth16 the public inputs, 32 bytes each, one after the other */
  publicValues: Uint8Array;
  /** as the contract that verifies it takes it; for SP1 and RISC Zero the selector comes first */
  proof: Uint8Array;
}

/**
 * Verifies proofs of one proof system in one version, with the result that the contract of the same name in
 * contracts/src/verifiers has. Hostile bytes give false; nothing in a claim makes it throw.
 */
export interface ProofVerifier {
  verify(claim: ProofClaim): Promise<boolean>;
}
