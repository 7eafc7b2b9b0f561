import { decodeBase58, MAX_TRANSACTION_BYTES } from '@polyproof/svm';
import { invalidParams } from './errors.js';

export type WireEncoding = 'base58' | 'base64';

/** Bytes of a transaction or message as a client wrote them. */
export function decodeWire(text: string, encoding: WireEncoding, name: string): Uint8Array {
  // 4 characters for 3 bytes in base 64, fewer bytes in base 58: refused before the work of decoding.
  if (text.length > Math.ceil(MAX_TRANSACTION_BYTES / 3) * 4 + 100)
    throw invalidParams(
      `${name} is too large: ${text.length} characters, a transaction has at most ${MAX_TRANSACTION_BYTES} bytes.`,
    );
  const bytes = encoding === 'base58' ? tryDecodeBase58(text) : decodeBase64(text);
  if (bytes === undefined) throw invalidParams(`${name} is not ${encoding}.`);
  return bytes;
}

/** `Buffer.from` ignores what it cannot read; a client with a broken encoder should hear of it. */
function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined;
}

/** The bytes of a base-58 text; `undefined` when a character is outside the alphabet. */
export function tryDecodeBase58(text: string): Uint8Array | undefined {
  try {
    return decodeBase58(text);
  } catch {
    return undefined;
  }
}
