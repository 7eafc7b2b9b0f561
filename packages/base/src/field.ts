import { createHash } from 'node:crypto';
import { bigIntToBytes, bytesToBigInt, type Hex } from './bytes.js';
import { PolyproofError } from './errors.js';

/** The scalar field of BN254: the field of circuits, of the state tree and of Poseidon2. */
export const FIELD_MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** An element of the scalar field of BN254, in [0, FIELD_MODULUS). */
export type Field = bigint;

export class FieldError extends PolyproofError<'NOT_A_FIELD_ELEMENT'> {}

export function toField(value: bigint): Field {
  if (value < 0n || value >= FIELD_MODULUS)
    throw new FieldError(
      'NOT_A_FIELD_ELEMENT',
      `${value} is not a BN254 field element: it must be below the modulus.`,
    );
  return value;
}

/** 32 big-endian bytes. */
export function fieldToBytes(value: Field): Uint8Array {
  return bigIntToBytes(toField(value), 32);
}

/** @throws {FieldError} when the 32 big-endian bytes are not below the modulus */
export function fieldFromBytes(bytes: Uint8Array): Field {
  return toField(bytesToBigInt(bytes));
}

/** 0x and 64 hex digits, as contracts and circuits take it. */
export function fieldToHex(value: Field): Hex {
  return `0x${toField(value).toString(16).padStart(64, '0')}`;
}

/**
 * The field element that contracts and circuits write as 0x and hex digits; plain digits are decimal.
 * @throws {FieldError} on anything else, and when it is not below the modulus
 */
export function fieldFromHex(text: string): Field {
  if (!/^(0x[0-9a-fA-F]+|[0-9]+)$/.test(text))
    throw new FieldError(
      'NOT_A_FIELD_ELEMENT',
      `"${text.slice(0, 80)}" is not a field element: give 0x and hex digits.`,
    );
  return toField(BigInt(text));
}

/** SHA-256 of the parts, one after the other, with the most significant byte cleared to make it a field element. */
export function sha256Field(...parts: Uint8Array[]): Field {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return bytesToBigInt(hash.digest().subarray(1));
}

/**
 * A 32-byte string, read as a little-endian number, as two field elements of 128 bits, high half first, because 256 bits
 * do not fit in one. Little-endian, because programs read addresses as words of 8 bytes.
 */
export function splitBytes32(bytes: Uint8Array): [high: Field, low: Field] {
  return [littleEndian(bytes.subarray(16, 32)), littleEndian(bytes.subarray(0, 16))];
}

/** A string of bytes as a little-endian number. */
export function littleEndian(bytes: Uint8Array): bigint {
  return bytesToBigInt(Uint8Array.from(bytes).reverse());
}
