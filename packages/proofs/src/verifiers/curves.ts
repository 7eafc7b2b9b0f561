import type { BlsCurvePair } from '@noble/curves/abstract/bls.js';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';
import { bytesToBigInt } from '@polyproof/base';
import { ProofError } from '../errors.js';

type Points = BlsCurvePair;
export type G1Point = InstanceType<Points['G1']['Point']>;
export type G2Point = InstanceType<Points['G2']['Point']>;
type Coordinates2 = { c0: bigint; c1: bigint };

/** A pairing-friendly curve, with points read so that only those of the right groups come through. */
export class PairingCurve {
  readonly name: 'bn254' | 'bls12-381';
  /** modulus of scalars, which public inputs are */
  readonly order: bigint;
  /** length of a coordinate */
  readonly coordinateBytes: number;
  readonly #points: Points;

  constructor(name: PairingCurve['name'], points: Points) {
    this.name = name;
    this.#points = points;
    this.order = points.fields.Fr.ORDER;
    this.coordinateBytes = points.fields.Fp.BYTES;
  }

  get scalars(): Points['fields']['Fr'] {
    return this.#points.fields.Fr;
  }

  get g1(): G1Point {
    return this.#points.G1.Point.BASE;
  }

  get g2(): G2Point {
    return this.#points.G2.Point.BASE;
  }

  /** A point of G1; `undefined` coordinates are infinity. @throws when it is none, or a coordinate is not reduced */
  pointG1(x: bigint | undefined, y: bigint | undefined): G1Point {
    const { Point } = this.#points.G1;
    if (x === undefined || y === undefined) return Point.ZERO;
    this.#reduced(x, y);
    const point = Point.fromAffine({ x, y });
    point.assertValidity();
    return point;
  }

  /** Like {@link pointG1}, of G2. */
  pointG2(x: Coordinates2 | undefined, y: Coordinates2 | undefined): G2Point {
    const { Point } = this.#points.G2;
    if (x === undefined || y === undefined) return Point.ZERO;
    this.#reduced(x.c0, x.c1, y.c0, y.c1);
    const { Fp2 } = this.#points.fields;
    const point = Point.fromAffine({ x: Fp2.create(x), y: Fp2.create(y) });
    point.assertValidity();
    return point;
  }

  /** A point of G1 as the EVM has it: x, y, big-endian; zeros are infinity. @throws like {@link pointG1} */
  readG1(bytes: Uint8Array): G1Point {
    const [x, y] = this.#numbers(bytes, 2) as [bigint, bigint];
    return (x | y) === 0n ? this.pointG1(undefined, undefined) : this.pointG1(x, y);
  }

  /** A point of G2 as the EVM has it for BN254: x1, x0, y1, y0, imaginary part first. @throws like {@link pointG1} */
  readG2(bytes: Uint8Array): G2Point {
    const [x1, x0, y1, y0] = this.#numbers(bytes, 4) as [bigint, bigint, bigint, bigint];
    if ((x1 | x0 | y1 | y0) === 0n) return this.pointG2(undefined, undefined);
    return this.pointG2({ c0: x0, c1: x1 }, { c0: y0, c1: y1 });
  }

  /** Whether the product of the pairings is one. */
  pairingIsOne(pairs: readonly { g1: G1Point; g2: G2Point }[]): boolean {
    const { Fp12 } = this.#points.fields;
    // Those with infinity pair to one.
    const others = pairs.filter(({ g1, g2 }) => !g1.is0() && !g2.is0());
    return Fp12.eql(this.#points.pairingBatch(others), Fp12.ONE);
  }

  /** A sum of points times scalars, which may be negative. */
  combine(terms: readonly (readonly [point: G1Point, scalar: bigint])[]): G1Point {
    let sum = this.pointG1(undefined, undefined);
    for (const [point, scalar] of terms) {
      const reduced = this.scalars.create(scalar);
      if (reduced !== 0n && !point.is0()) sum = sum.add(point.multiplyUnsafe(reduced));
    }
    return sum;
  }

  #reduced(...coordinates: bigint[]): void {
    const modulus = this.#points.fields.Fp.ORDER;
    for (const one of coordinates)
      if (one < 0n || one >= modulus)
        throw new ProofError('BAD_PROOF_SHAPE', `coordinate ${one} is not reduced.`);
  }

  #numbers(bytes: Uint8Array, count: number): bigint[] {
    const size = this.coordinateBytes;
    if (bytes.length !== size * count)
      throw new ProofError(
        'BAD_PROOF_SHAPE',
        `expected ${count} numbers of ${size} bytes, got ${bytes.length} bytes.`,
      );
    return Array.from({ length: count }, (_, i) => bytesToBigInt(bytes.subarray(size * i, size * (i + 1))));
  }
}

export const BN254 = new PairingCurve('bn254', bn254);
export const BLS12_381 = new PairingCurve('bls12-381', bls12_381);
