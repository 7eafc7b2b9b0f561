import { keccak_256 } from '@noble/hashes/sha3.js';
import { bigIntToBytes, bytesToBigInt, concatBytes } from '@polyproof/base';
import type { G1Point, PairingCurve } from './curves.js';

/** A challenge as snarkjs makes it: Keccak-256 of points (affine, 0 and 0 at infinity) and scalars, reduced. */
export function snarkjsChallenge(curve: PairingCurve, ...parts: readonly (G1Point | bigint)[]): bigint {
  const bytes = parts.map((part) => {
    if (typeof part === 'bigint') return bigIntToBytes(part, 32);
    const { x, y } = part.is0() ? { x: 0n, y: 0n } : part.toAffine();
    return concatBytes(bigIntToBytes(x, curve.coordinateBytes), bigIntToBytes(y, curve.coordinateBytes));
  });
  return curve.scalars.create(bytesToBigInt(keccak_256(concatBytes(...bytes))));
}

/** A generator of the domain, and the values at a point that PLONK's verifiers need of it. */
export interface Domain {
  /** number of rows */
  size: bigint;
  generator: bigint;
}

/**
 * The vanishing polynomial of a domain, its first Lagrange polynomial, and the polynomial of the public inputs, at x.
 * @throws when x is in the domain
 */
export function evaluateDomain(
  curve: PairingCurve,
  { size, generator }: Domain,
  inputs: readonly bigint[],
  x: bigint,
): { vanishing: bigint; first: bigint; inputs: bigint } {
  const { scalars: F } = curve;
  const vanishing = F.sub(F.pow(x, size), 1n);
  const lagrange = (root: bigint) => F.div(F.mul(root, vanishing), F.mul(F.create(size), F.sub(x, root)));
  let root = 1n;
  let sum = 0n;
  for (const input of inputs) {
    sum = F.sub(sum, F.mul(input, lagrange(root)));
    root = F.mul(root, generator);
  }
  return { vanishing, first: lagrange(1n), inputs: sum };
}
