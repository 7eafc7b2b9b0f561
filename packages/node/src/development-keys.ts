import { createHash } from 'node:crypto';
import { concatBytes } from '@polyproof/base';
import { ed25519KeyPair } from '@polyproof/svm';

/** A Solana keypair: 32 bytes of seed and 32 bytes of address, as the Solana CLI keeps it. */
export interface Keypair {
  name: string;
  secretKey: Uint8Array;
  address: Uint8Array;
}

/** A keypair that everybody knows, derived from its name: for local networks only. */
export function developmentKeypair(name: string): Keypair {
  const seed = createHash('sha256').update(`polyproof development account: ${name}`).digest();
  const { address } = ed25519KeyPair(seed);
  return { name, secretKey: concatBytes(seed, address), address };
}
