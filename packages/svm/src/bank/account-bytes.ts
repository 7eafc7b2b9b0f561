import { ADDRESS_BYTES } from './keys.js';

/** Places in an account as `encodeAccount` of the state package writes it: read here without decoding the rest. */
export const OWNER_AT = 16;
export const DATA_AT = 49;

export function sameRange(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aAt + i] !== b[bAt + i]) return false;
  return true;
}

export function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && sameRange(a, 0, b, 0, a.length);
}

export function sameOwner(a: Uint8Array, b: Uint8Array): boolean {
  return sameRange(a, OWNER_AT, b, OWNER_AT, ADDRESS_BYTES);
}

export function ownerOf(account: Uint8Array): Uint8Array {
  return account.subarray(OWNER_AT, OWNER_AT + ADDRESS_BYTES);
}

export function sameLamports(a: Uint8Array, b: Uint8Array): boolean {
  return sameRange(a, 0, b, 0, 8);
}

export function lamportsOf(account: Uint8Array | null): bigint {
  if (account === null) return 0n;
  return new DataView(account.buffer, account.byteOffset).getBigUint64(0, true);
}

/** A copy of the account with other lamports. */
export function withLamports(account: Uint8Array, lamports: bigint): Buffer {
  const copy = Buffer.from(account);
  copy.writeBigUInt64LE(lamports);
  return copy;
}

/** Sums what accounts gain without a bigint for each: 32 bits at a time, exact for two million of them. */
export class LamportSum {
  #low = 0;
  #high = 0;

  add(before: Uint8Array | null, after: Uint8Array | null): void {
    if (before !== null && after !== null && sameLamports(before, after)) return;
    this.#count(after, 1);
    this.#count(before, -1);
  }

  get total(): bigint {
    return BigInt(this.#low) + (BigInt(this.#high) << 32n);
  }

  #count(account: Uint8Array | null, sign: number): void {
    if (account === null) return;
    this.#low += sign * word(account, 0);
    this.#high += sign * word(account, 4);
  }
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! + (bytes[at + 1]! << 8) + (bytes[at + 2]! << 16) + bytes[at + 3]! * 0x1000000;
}
