import { bn254 } from '@noble/curves/bn254.js';
import { bigIntToBytes, concatBytes, FIELD_MODULUS, type Hex, toHex } from '@polyproof/base';
import type { Groth16VerifyingKey } from '../src/index.js';

/** The secrets of beta, gamma, delta and of every proof's B; they only have to be known, and gamma is not delta. */
const [BETA, GAMMA, DELTA, B] = [3n, 5n, 7n, 11n];

/**
 * A key whose secrets are known: alpha is secrets[0], ic[i] is secrets[i + 1], each times the generator.
 * So no circuit and no setup are needed to make proofs of anything.
 */
export function forgeKey(secrets: readonly bigint[], inputCount: number): Groth16VerifyingKey {
  return {
    alpha: words(g1(secrets[0]!)),
    beta: words(g2(BETA)),
    gamma: words(g2(GAMMA)),
    delta: words(g2(DELTA)),
    ic: secrets.slice(1, inputCount + 2).flatMap((secret) => words(g1(secret))),
  };
}

/** A proof of these inputs: A follows from the equation a * B = alpha * BETA + sum * GAMMA + c * DELTA. */
export function forgeProof(secrets: readonly bigint[], inputs: readonly bigint[], c: bigint): Uint8Array {
  const sum = inputs.reduce((total, input, i) => total + input * secrets[i + 2]!, secrets[1]!);
  const { Fr } = bn254.fields;
  const a = Fr.div(Fr.create(secrets[0]! * BETA + sum * GAMMA + c * DELTA), B);
  return concatBytes(...[g1(a), g2(B), g1(c)].flat().map((value) => bigIntToBytes(value, 32)));
}

function g1(scalar: bigint): bigint[] {
  if (scalar % FIELD_MODULUS === 0n) return [0n, 0n];
  const { x, y } = bn254.G1.Point.BASE.multiply(scalar % FIELD_MODULUS).toAffine();
  return [x, y];
}

function g2(scalar: bigint): bigint[] {
  const { x, y } = bn254.G2.Point.BASE.multiply(scalar).toAffine();
  return [x.c1, x.c0, y.c1, y.c0];
}

function words(values: bigint[]): Hex[] {
  return values.map((value) => toHex(bigIntToBytes(value, 32)));
}
