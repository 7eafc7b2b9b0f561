import { bn254 } from '@noble/curves/bn254.js';
import { type Hex, hexToBigInt } from 'viem';

/**
 * BLS signatures over BN254, as contracts/src/libraries/Bn254.sol verifies them: signatures and hashes in the first group,
 * keys in both. Hashing to the curve is EigenLayer's, by the first x from the digest on, not that of RFC 9380.
 */

const { G1, G2, fields } = bn254;
export type G1Curve = InstanceType<typeof G1.Point>;
type G2Curve = InstanceType<typeof G2.Point>;
/** order of the field of coordinates */
const P = fields.Fp.ORDER;

/** A point of the first group, as contracts take it; (0, 0) is the neutral element. */
export interface G1Point {
  x: bigint;
  y: bigint;
}

/** A point of the second group, as contracts take it: the imaginary part of each coordinate first. */
export interface G2Point {
  x: readonly [bigint, bigint];
  y: readonly [bigint, bigint];
}

/** A key in both groups: only the first can be added cheaply on chain, only the second can be verified with. */
export interface PublicKey {
  key1: G1Point;
  key2: G2Point;
}

/** The point that a digest of 32 bytes is signed as. */
export function hashToG1(digest: Hex): G1Point {
  for (let x = hexToBigInt(digest) % P; ; x = (x + 1n) % P) {
    const square = fields.Fp.create(x * x * x + 3n);
    const y = fields.Fp.pow(square, (P + 1n) / 4n);
    if (fields.Fp.sqr(y) === square) return { x, y };
  }
}

/** A verifier's key. */
export class BlsKey {
  readonly #secret: bigint;
  readonly publicKey: PublicKey;

  /** @param secret - 1 to the order of the group, exclusively @throws {RangeError} for any other number */
  constructor(secret: bigint) {
    if (secret < 1n || secret >= fields.Fr.ORDER)
      throw new RangeError('a BLS key is a number above 0 and below the order of BN254.');
    this.#secret = secret;
    this.publicKey = {
      key1: fromG1(G1.Point.BASE.multiply(secret)),
      key2: fromG2(G2.Point.BASE.multiply(secret)),
    };
  }

  /** By the system's source of randomness. */
  static generate(): BlsKey {
    // 64 bytes, so that no number below the order is likelier than another by more than 2^-256.
    const bytes = globalThis.crypto.getRandomValues(new Uint8Array(64));
    const number = hexToBigInt(`0x${Buffer.from(bytes).toString('hex')}`);
    return new BlsKey((number % (fields.Fr.ORDER - 1n)) + 1n);
  }

  sign(digest: Hex): G1Point {
    return fromG1(toG1(hashToG1(digest)).multiply(this.#secret));
  }
}

/** Whether a signature is one of a digest by a key. False for coordinates that are no points, and the neutral key. */
export function isSigned(digest: Hex, key2: G2Point, signature: G1Point): boolean {
  try {
    const [point, key] = [toG1(signature), toG2(key2)];
    if (point.is0() || key.is0()) return false;
    key.assertValidity();
    const product = bn254.pairingBatch([
      { g1: point, g2: G2.Point.BASE.negate() },
      { g1: toG1(hashToG1(digest)), g2: key },
    ]);
    return fields.Fp12.eql(product, fields.Fp12.ONE);
  } catch {
    return false;
  }
}

/** Signatures of one digest by several keys are one by the sum of the keys. */
export const sumOfSignatures = (signatures: readonly G1Point[]): G1Point =>
  fromG1(signatures.reduce<G1Curve>((sum, next) => sum.add(toG1(next)), G1.Point.ZERO));

export const sumOfKeys = (keys: readonly G2Point[]): G2Point =>
  fromG2(keys.reduce<G2Curve>((sum, next) => sum.add(toG2(next)), G2.Point.ZERO));

function fromG1(point: G1Curve): G1Point {
  if (point.is0()) return { x: 0n, y: 0n };
  const { x, y } = point.toAffine();
  return { x, y };
}

function fromG2(point: G2Curve): G2Point {
  if (point.is0()) return { x: [0n, 0n], y: [0n, 0n] };
  const { x, y } = point.toAffine();
  return { x: [x.c1, x.c0], y: [y.c1, y.c0] };
}

function toG1({ x, y }: G1Point): G1Curve {
  if (x === 0n && y === 0n) return G1.Point.ZERO;
  const point = G1.Point.fromAffine({ x, y });
  point.assertValidity();
  return point;
}

function toG2({ x, y }: G2Point): G2Curve {
  if ([...x, ...y].every((part) => part === 0n)) return G2.Point.ZERO;
  const coordinate = ([c1, c0]: readonly [bigint, bigint]) => fields.Fp2.fromBigTuple([c0, c1]);
  return G2.Point.fromAffine({ x: coordinate(x), y: coordinate(y) });
}
