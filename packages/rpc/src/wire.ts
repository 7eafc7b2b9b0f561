import { decodeBase58 } from './base58.js';
import { invalidParams } from './errors.js';

/** Longest wire transaction of Solana, the payload of one IPv6 packet. */
const MAX_WIRE_BYTES = 1232;

export type WireEncoding = 'base58' | 'base64';

/** Bytes of a transaction or message as a client wrote them. */
export function decodeWire(text: string, encoding: WireEncoding, name: string): Uint8Array {
  // 4 characters for 3 bytes in base 64, fewer bytes in base 58: refused before the work of decoding.
  if (text.length > Math.ceil(MAX_WIRE_BYTES / 3) * 4 + 100)
    throw invalidParams(
      `${name} is too large: ${text.length} characters, a transaction has at most ${MAX_WIRE_BYTES} bytes.`,
    );
  const bytes = encoding === 'base58' ? decodeBase58(text) : decodeBase64(text);
  if (bytes === undefined) throw invalidParams(`${name} is not ${encoding}.`);
  return bytes;
}

/** `Buffer.from` ignores what it cannot read; a client with a broken encoder should hear of it. */
function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined;
}
