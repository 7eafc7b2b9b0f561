import { ed25519 } from '@noble/curves/ed25519.js';
import { InvariantError } from '@polyproof/base';

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;

const ORDER = Point.CURVE().n;
const LIMB = 2n ** 84n;
/** a point of order 8, whose multiples the circuit has */
export const TORSION = Point.fromAffine({
  x: 0x1fd5b9a006394a28e933993238de4abb5c193c7013e5e238dea14646c545d14an,
  y: 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
});

/** `Split` in circuits/lib/src/ed25519/point.nr. */
export interface SplitInput {
  eighth: { x: string[]; y: string[] };
  torsion: number;
}

/** A number modulo 2^255 - 19 in the circuit's limbs. */
export const limbs = (value: bigint): string[] =>
  [value % LIMB, (value / LIMB) % LIMB, value / LIMB / LIMB].map((limb) => `0x${limb.toString(16)}`);

/** The place of a point among the multiples of {@link TORSION}, by the part of it whose order divides 8. */
export function torsionOf(point: Point): number {
  // 5 L is 1 modulo 8 and 0 modulo L
  const once = point.multiplyUnsafe(ORDER - 1n).add(point);
  const part = once.double().double().add(once);
  let multiple = Point.ZERO;
  for (let i = 0; i < 8; i++, multiple = multiple.add(TORSION)) if (multiple.equals(part)) return i;
  throw new InvariantError(`${point.toHex()} has no part of small order`);
}

/**
 * A point as the circuit wants it shown: eight times another one, and a point of small order. What encodes no point is refused
 * by the circuit, whatever is shown.
 * @param encoded - 32 bytes: a key, or R of a signature
 */
export function splitPoint(encoded: Uint8Array): SplitInput {
  let point: Point;
  try {
    point = Point.fromBytes(encoded, true);
  } catch {
    return splitInput(Point.BASE, 0);
  }
  const torsion = torsionOf(point);
  const rest = point.subtract(torsion === 0 ? Point.ZERO : TORSION.multiplyUnsafe(BigInt(torsion)));
  const inverse = Point.Fn.inv(8n);
  return splitInput(rest.equals(Point.ZERO) ? rest : rest.multiplyUnsafe(inverse), torsion);
}

function splitInput(eighth: Point, torsion: number): SplitInput {
  const { x, y } = eighth.toAffine();
  return { eighth: { x: limbs(x), y: limbs(y) }, torsion };
}
