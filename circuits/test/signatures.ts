import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { splitPoint, TORSION } from '../../packages/svm/src/signed/split-point.js';
import { blocksOf, paddedWords } from './sha512.js';

const { Point } = ed25519;

const ORDER = Point.CURVE().n;

/** A public key, a message, and what is to be a signature. */
export interface Signed {
  key: Uint8Array;
  message: Uint8Array;
  signature: Uint8Array;
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
    signatures: signed.map(({ key, signature }) => {
      const r = signature.subarray(0, 32);
      return {
        key: encoded.indexOf(Buffer.from(key).toString('hex')),
        r: [...r],
        s: [...signature.subarray(32)],
        split: splitPoint(r),
      };
    }),
    keys: rows.map((bytes) => ({ bytes: [...bytes], split: splitPoint(bytes) })),
    hashed: signed.map(({ key, message, signature }) => {
      const hashed = Buffer.concat([signature.subarray(0, 32), key, message]);
      return { words: paddedWords(hashed, blocks), blocks: blocksOf(hashed) };
    }),
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
