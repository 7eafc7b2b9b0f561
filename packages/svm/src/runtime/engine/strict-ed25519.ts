import { createPublicKey, verify } from 'node:crypto';
import { concatBytes } from '@polyproof/base';

/** DER of a public key for Ed25519, up to its 32 bytes. */
const SPKI_PREFIX = Uint8Array.from(Buffer.from('302a300506032b6570032100', 'hex'));

/** y coordinates of the points of small order, in all encodings that decoders accept, without the sign bit. */
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);
const SIGN_BIT = 0x80;

/**
 * Ed25519 as Solana's runtime checks it (ed25519-dalek, `verify_strict`): as in RFC 8032 without the cofactor, and
 * with neither a public key nor an R of small order.
 */
export function verifyStrict(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (isSmallOrder(publicKey) || isSmallOrder(signature.subarray(0, 32))) return false;
  try {
    const der = Buffer.from(concatBytes(SPKI_PREFIX, publicKey));
    return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
  } catch {
    // Some bytes are no point of the curve.
    return false;
  }
}

function isSmallOrder(point: Uint8Array): boolean {
  const y = Buffer.from(point);
  y[31]! &= ~SIGN_BIT;
  return SMALL_ORDER.has(y.toString('hex'));
}
