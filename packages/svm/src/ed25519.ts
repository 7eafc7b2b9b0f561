import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { concatBytes } from '@polyproof/base';

/** DER of a PKCS#8 private key for Ed25519, up to the 32 bytes of the seed. */
const PKCS8_PREFIX = Uint8Array.from(Buffer.from('302e020100300506032b657004220420', 'hex'));

export interface Ed25519KeyPair {
  /** For `sign` of node:crypto. */
  privateKey: KeyObject;
  /** The public key, 32 bytes. */
  address: Uint8Array;
}

/** The key pair of a Solana account. @param seed - 32 bytes: the first half of what the Solana CLI keeps */
export function ed25519KeyPair(seed: Uint8Array): Ed25519KeyPair {
  const der = Buffer.from(concatBytes(PKCS8_PREFIX, seed));
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, address: new Uint8Array(spki.subarray(-32)) };
}
