import { createHash } from 'node:crypto';
import {
  bytesToBigInt,
  concatBytes,
  equalBytes,
  errorMessage,
  type Field,
  fromHex,
  type Hex,
} from '@polyproof/base';
import { ProofError } from '../errors.js';
import { BN254 } from './curves.js';
import { Groth16Equation } from './groth16-equation.js';
import type { ProofClaim, ProofVerifier } from './types.js';

export const GROTH16_PROOF_BYTES = 256;

/**
 * A verification key of Groth16 over BN254, as words of 32 bytes. Points are affine; those of G2 are x1, x0, y1, y0,
 * imaginary part first, as the EVM's precompiles take them. JSON-safe.
 */
export interface Groth16VerifyingKey {
  alpha: readonly Hex[];
  beta: readonly Hex[];
  gamma: readonly Hex[];
  delta: readonly Hex[];
  /** x and y of each point; one point more than there are public inputs: ic[0] + sum of inputs[i] * ic[i + 1] */
  ic: readonly Hex[];
}

/** Groth16 over BN254, with keys and proofs as the EVM has them. */
export class Groth16 {
  readonly #equation: Groth16Equation;

  /**
   * @throws {ProofError} `BAD_KEY` for a point that is not on its curve, not in its subgroup, not reduced, or
   * infinity, and for a setup that nobody contributed to
   */
  constructor(key: Groth16VerifyingKey) {
    const point = <T>(name: string, words: readonly Hex[], read: (bytes: Uint8Array) => T): T => {
      try {
        return read(concatBytes(...words.map((word) => fromHex(word, 32))));
      } catch (error) {
        throw new ProofError(
          'BAD_KEY',
          `${name} of the verification key is not a point that a key may have: ${errorMessage(error)}`,
        );
      }
    };
    const g1 = (bytes: Uint8Array) => BN254.readG1(bytes);
    const g2 = (bytes: Uint8Array) => BN254.readG2(bytes);
    if (key.ic.length < 2 || key.ic.length % 2 !== 0)
      throw new ProofError(
        'BAD_KEY',
        `ic of the verification key has ${key.ic.length} words: give x and y of each point.`,
      );
    this.#equation = new Groth16Equation(BN254, {
      alpha: point('alpha', key.alpha, g1),
      beta: point('beta', key.beta, g2),
      gamma: point('gamma', key.gamma, g2),
      delta: point('delta', key.delta, g2),
      ic: Array.from({ length: key.ic.length / 2 }, (_, i) =>
        point(`ic[${i}]`, key.ic.slice(2 * i, 2 * i + 2), g1),
      ),
    });
  }

  /** how many public inputs the key takes */
  get inputCount(): number {
    return this.#equation.inputCount;
  }

  /**
   * Whether a proof shows that the inputs satisfy the key's circuit.
   * @param proof - A, B, C: 256 bytes. Another proof of the same statement is easily made from it.
   */
  verify(proof: Uint8Array, inputs: readonly Field[]): boolean {
    if (proof.length !== GROTH16_PROOF_BYTES) return false;
    let points: Parameters<Groth16Equation['holds']>[0];
    try {
      points = {
        a: BN254.readG1(proof.subarray(0, 64)),
        b: BN254.readG2(proof.subarray(64, 192)),
        c: BN254.readG1(proof.subarray(192)),
      };
    } catch {
      return false;
    }
    return this.#equation.holds(points, inputs);
  }
}

/** Verifies proofs for one key: the key is the program. */
export class Groth16Verifier implements ProofVerifier {
  /** SHA-256 of the key's words */
  readonly programId: Uint8Array;
  readonly #groth16: Groth16;

  /** @throws {ProofError} `BAD_KEY` */
  constructor(key: Groth16VerifyingKey) {
    this.#groth16 = new Groth16(key);
    const hash = createHash('sha256');
    for (const word of [key.alpha, key.beta, key.gamma, key.delta, key.ic].flat())
      hash.update(fromHex(word, 32));
    this.programId = new Uint8Array(hash.digest());
  }

  async verify({ programId, publicValues, proof }: ProofClaim): Promise<boolean> {
    if (!equalBytes(programId, this.programId) || publicValues.length !== 32 * this.#groth16.inputCount)
      return false;
    return this.#groth16.verify(proof, words(publicValues));
  }
}

/** Big-endian numbers of 32 bytes. */
export function words(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / 32 }, (_, i) =>
    bytesToBigInt(bytes.subarray(32 * i, 32 * i + 32)),
  );
}
