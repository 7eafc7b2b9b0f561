import { createHash } from 'node:crypto';
import { bn254 } from '@noble/curves/bn254.js';
import {
  bytesToBigInt,
  concatBytes,
  equalBytes,
  errorMessage,
  FIELD_MODULUS,
  type Field,
  fromHex,
  type Hex,
} from '@polyproof/base';
import { ProofError } from '../errors.js';
import type { ProofClaim, ProofVerifier } from './types.js';

const { Point: G1 } = bn254.G1;
const { Point: G2 } = bn254.G2;
const { Fp12 } = bn254.fields;
type G1Point = InstanceType<typeof G1>;
type G2Point = InstanceType<typeof G2>;

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

/** The equation of Groth16 for one key. */
export class Groth16 {
  /** how many public inputs the key takes */
  readonly inputCount: number;
  readonly #alpha: G1Point;
  readonly #beta: G2Point;
  readonly #gamma: G2Point;
  readonly #delta: G2Point;
  readonly #ic: G1Point[];

  /**
   * @throws {ProofError} `BAD_KEY` for a point that is not on its curve, not in its subgroup, not reduced, or
   * infinity, and for a setup that nobody contributed to
   */
  constructor(key: Groth16VerifyingKey) {
    const point = <T extends G1Point | G2Point>(
      name: string,
      words: readonly Hex[],
      read: (bytes: Uint8Array) => T,
    ): T => {
      try {
        const known = read(concatBytes(...words.map((word) => fromHex(word, 32))));
        if (!known.is0()) return known;
        throw new ProofError('BAD_KEY', 'it is infinity.');
      } catch (error) {
        throw new ProofError(
          'BAD_KEY',
          `${name} of the verification key is not a point that a key may have: ${errorMessage(error)}`,
        );
      }
    };
    this.#alpha = point('alpha', key.alpha, readG1);
    this.#beta = point('beta', key.beta, readG2);
    this.#gamma = point('gamma', key.gamma, readG2);
    this.#delta = point('delta', key.delta, readG2);
    if (this.#gamma.equals(this.#delta))
      throw new ProofError(
        'BAD_KEY',
        'gamma and delta of the verification key are equal: nobody contributed to its setup, and anybody can forge proofs.',
      );
    if (key.ic.length < 2 || key.ic.length % 2 !== 0)
      throw new ProofError(
        'BAD_KEY',
        `ic of the verification key has ${key.ic.length} words: give x and y of each point.`,
      );
    this.#ic = Array.from({ length: key.ic.length / 2 }, (_, i) =>
      point(`ic[${i}]`, key.ic.slice(2 * i, 2 * i + 2), readG1),
    );
    this.inputCount = this.#ic.length - 1;
  }

  /**
   * Whether a proof shows that the inputs satisfy the key's circuit.
   * @param proof - A, B, C: 256 bytes. Another proof of the same statement is easily made from it.
   */
  verify(proof: Uint8Array, inputs: readonly Field[]): boolean {
    if (proof.length !== GROTH16_PROOF_BYTES || inputs.length !== this.inputCount) return false;
    if (inputs.some((input) => input < 0n || input >= FIELD_MODULUS)) return false;
    let a: G1Point;
    let b: G2Point;
    let c: G1Point;
    try {
      a = readG1(proof.subarray(0, 64));
      b = readG2(proof.subarray(64, 192));
      c = readG1(proof.subarray(192));
    } catch {
      return false;
    }
    let sum = this.#ic[0]!;
    inputs.forEach((input, i) => {
      if (input !== 0n) sum = sum.add(this.#ic[i + 1]!.multiplyUnsafe(input));
    });
    const pairs = [
      { g1: a.negate(), g2: b },
      { g1: this.#alpha, g2: this.#beta },
      { g1: sum, g2: this.#gamma },
      { g1: c, g2: this.#delta },
    ].filter(({ g1, g2 }) => !g1.is0() && !g2.is0()); // they pair to one
    return Fp12.eql(bn254.pairingBatch(pairs), Fp12.ONE);
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

/** @throws when it is not a point of the curve with reduced coordinates; zeros are infinity, as on the EVM */
function readG1(bytes: Uint8Array): G1Point {
  const [x, y] = numbers(bytes, 2) as [bigint, bigint];
  if ((x | y) === 0n) return G1.ZERO;
  const point = G1.fromAffine({ x, y });
  point.assertValidity();
  return point;
}

/** @throws like {@link readG1}, and when it is not in the subgroup */
function readG2(bytes: Uint8Array): G2Point {
  const [x1, x0, y1, y0] = numbers(bytes, 4) as [bigint, bigint, bigint, bigint];
  if ((x1 | x0 | y1 | y0) === 0n) return G2.ZERO;
  const point = G2.fromAffine({ x: { c0: x0, c1: x1 }, y: { c0: y0, c1: y1 } });
  point.assertValidity();
  return point;
}

function numbers(bytes: Uint8Array, count: number): bigint[] {
  if (bytes.length !== 32 * count)
    throw new ProofError('BAD_KEY', `expected ${count} words of 32 bytes, got ${bytes.length} bytes.`);
  return words(bytes);
}
