import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { paddedWords } from './sha512.js';

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;

const ORDER = Point.CURVE().n;
const LIMB = 2n ** 84n;
/** a point of order 8, whose multiples the circuit has */
export const TORSION = Point.fromAffine({
  x: 0x1fd5b9a006394a28e933993238de4abb5c193c7013e5e238dea14646c545d14an,
  y: 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
});

/** A public key, a message, and what is to be a signature. */
export interface Signed {
  key: Uint8Array;
  message: Uint8Array;
  signature: Uint8Array;
}

const hex = (value: bigint) => `0x${value.toString(16)}`;

/** A number modulo 2^255 - 19 in the circuit's limbs. */
export const limbs = (value: bigint): string[] =>
  [value % LIMB, (value / LIMB) % LIMB, value / LIMB / LIMB].map(hex);

/** The place of a point among the multiples of `TORSION`, by the part of it whose order divides 8. */
export function torsionOf(point: Point): number {
  // 5 L is 1 modulo 8 and 0 modulo L
  const once = point.multiplyUnsafe(ORDER - 1n).add(point);
  const part = once.double().double().add(once);
  let multiple = Point.ZERO;
  for (let i = 0; i < 8; i++, multiple = multiple.add(TORSION)) if (multiple.equals(part)) return i;
  throw new TypeError(`${point.toHex()} has no part of small order`);
}

const pointInputs = (eighth: Point, torsion: number) => {
  const { x, y } = eighth.toAffine();
  return { eighth: { x: limbs(x), y: limbs(y) }, torsion };
};

/** A point as the circuit wants it shown: eight times another one, and a point of small order. */
export function split(encoded: Uint8Array) {
  let point: Point;
  try {
    point = Point.fromBytes(encoded, true);
  } catch {
    // no point: whatever is shown is refused
    return pointInputs(Point.BASE, 0);
  }
  const torsion = torsionOf(point);
  const rest = point.subtract(torsion === 0 ? Point.ZERO : TORSION.multiplyUnsafe(BigInt(torsion)));
  const inverse = Point.Fn.inv(8n);
  return pointInputs(rest.equals(Point.ZERO) ? rest : rest.multiplyUnsafe(inverse), torsion);
}

/**
 * What the circuit is given to verify signatures.
 * @param keys - rows of the table of keys; one that no signature uses is filled with the first one
 * @param blocks - of SHA-512, for each message
 */
export function signatureInputs(signed: readonly Signed[], keys: number, blocks: number) {
  const encoded = [...new Set(signed.map(({ key }) => Buffer.from(key).toString('hex')))];
  if (encoded.length > keys) throw new TypeError(`${encoded.length} keys, there is room for ${keys}`);
  const rows = Array.from({ length: keys }, (_, i) => Buffer.from(encoded[i] ?? encoded[0]!, 'hex'));
  return {
    signatures: signed.map(({ key, message, signature }) => {
      const r = signature.subarray(0, 32);
      const hashed = Buffer.concat([r, key, message]);
      return {
        key: encoded.indexOf(Buffer.from(key).toString('hex')),
        r: [...r],
        s: [...signature.subarray(32)],
        split: split(r),
        hashed: paddedWords(hashed, blocks),
        length: hashed.length,
      };
    }),
    keys: rows.map((bytes) => ({ bytes: [...bytes], split: split(bytes) })),
  };
}

/** A message signed as wallets do it. */
export function sign(secret: Uint8Array, message: Uint8Array): Signed {
  return { key: ed25519.getPublicKey(secret), message, signature: ed25519.sign(message, secret) };
}

/** A message signed by a key and with an R that have parts of small order: these multiples of `TORSION`. */
export function signWith(
  secret: bigint,
  ofKey: number,
  nonce: bigint,
  ofR: number,
  message: Uint8Array,
): Signed {
  const point = (scalar: bigint, torsion: number) =>
    (scalar === 0n ? Point.ZERO : Point.BASE.multiply(scalar)).add(
      torsion === 0 ? Point.ZERO : TORSION.multiplyUnsafe(BigInt(torsion)),
    );
  const key = point(secret, ofKey).toBytes();
  const r = point(nonce, ofR).toBytes();
  const digest = createHash('sha512').update(r).update(key).update(message).digest().reverse();
  const s = (nonce + BigInt(`0x${digest.toString('hex')}`) * secret) % ORDER;
  const bytes = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
  return { key, message, signature: new Uint8Array([...r, ...bytes]) };
}
