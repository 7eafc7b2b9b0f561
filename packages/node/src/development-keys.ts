import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { concatBytes } from '@polyproof/base';

/** A Solana keypair: 32 bytes of seed and 32 bytes of address, as the Solana CLI keeps it. */
export interface Keypair {
  name: string;
  secretKey: Uint8Array;
  address: Uint8Array;
}

/** DER of a PKCS#8 private key for Ed25519, up to the 32 bytes of the seed. */
const PKCS8_PREFIX = Uint8Array.from(Buffer.from('302e020100300506032b657004220420', 'hex'));

/** A keypair that everybody knows, derived from its name: for local networks only. */
export function developmentKeypair(name: string): Keypair {
  const seed = createHash('sha256').update(`polyproof development account: ${name}`).digest();
  const key = createPrivateKey({
    key: Buffer.from(concatBytes(PKCS8_PREFIX, seed)),
    format: 'der',
    type: 'pkcs8',
  });
  const address = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { name, secretKey: concatBytes(seed, address), address: new Uint8Array(address) };
}
