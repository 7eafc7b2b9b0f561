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

export function fieldFromHex(hex: string): Field {
  return toField(BigInt(hex));
}

/**
 * A 32-byte string as two field elements of 128 bits, high half first, because 256 bits do not fit in one.
 */
export function splitBytes32(bytes: Uint8Array): [high: Field, low: Field] {
  return [bytesToBigInt(bytes.subarray(0, 16)), bytesToBigInt(bytes.subarray(16, 32))];
}
