import { PolyproofError } from './errors.js';

export type Hex = `0x${string}`;

export class BytesError extends PolyproofError<'BAD_HEX' | 'BAD_LENGTH'> {}

export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`;
}

/**
 * Decodes a hex string, with or without `0x`.
 * @param length - exact number of bytes expected, when given
 * @throws {BytesError} on odd length, a character that is not hex, or another length
 */
export function fromHex(hex: string, length?: number): Uint8Array {
  const digits = hex.startsWith('0x') ? hex.slice(2) : hex;
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits))
    throw new BytesError('BAD_HEX', `"${hex.slice(0, 80)}" is not a hex string: give pairs of 0-9, a-f.`);
  const bytes = new Uint8Array(Buffer.from(digits, 'hex'));
  if (length !== undefined && bytes.length !== length)
    throw new BytesError('BAD_LENGTH', `expected ${length} bytes of hex, got ${bytes.length}.`);
  return bytes;
}

export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

export function u16be(value: number): Uint8Array {
  return Uint8Array.of((value >> 8) & 0xff, value & 0xff);
}

export function u64le(value: bigint): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, value, true);
  return out;
}

/** Big-endian bytes as an unsigned integer. */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes));
}

/** Unsigned integer as big-endian bytes of a fixed length. */
export function bigIntToBytes(value: bigint, length: number): Uint8Array {
  const hex = value.toString(16);
  if (value < 0n || hex.length > length * 2)
    throw new BytesError('BAD_LENGTH', `${value} does not fit in ${length} bytes.`);
  return fromHex(hex.padStart(length * 2, '0'));
}
