import { getBase58Decoder, getBase58Encoder } from '@solana/kit';

const decoder = getBase58Decoder();
const encoder = getBase58Encoder();

/** Bytes as Solana shows addresses, hashes and signatures. */
export function encodeBase58(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** @throws when a character is not in the base-58 alphabet */
export function decodeBase58(text: string): Uint8Array {
  return Uint8Array.from(encoder.encode(text));
}
