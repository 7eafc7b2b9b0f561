import { createHash } from 'node:crypto';
import { concatBytes, fromHex, type Hex, toHex } from '@polyproof/base';
import type { Proof } from '@polyproof/proofs';

/** SHA-256 of program, proof and public inputs: the same proof twice is one. */
export function contentHash(proof: Proof): Hex {
  const content = concatBytes(
    new TextEncoder().encode(proof.program),
    proof.proof,
    ...proof.publicInputs.map((input) => fromHex(input)),
  );
  return toHex(createHash('sha256').update(content).digest());
}
