import type { LoadedAddresses } from '../types.js';

/** A transaction as the engine works with it: views into its canonical bytes. */
export interface WireTransaction {
  /** the engine may overwrite the blockhash in it: see `blockhashAt` */
  wire: Buffer;
  /** position of the recent blockhash in `wire` */
  blockhashAt: number;
  requiredSignatures: number;
  /** static, then loaded writable, then loaded read-only ones */
  keys: Buffer[];
  writable: boolean[];
  loadedAddresses: LoadedAddresses;
  instructions: WireInstruction[];
  /** lookup tables */
  tables: Buffer[];
  baseFeeLamports: bigint;
  priorityFeeLamports: bigint;
  nonceAccount: number | undefined;
}

export interface WireInstruction {
  program: number;
  accounts: Buffer;
  data: Buffer;
}

/** What of a transaction its bytes do not say. */
export type TransactionContext = Pick<
  WireTransaction,
  'writable' | 'loadedAddresses' | 'baseFeeLamports' | 'priorityFeeLamports' | 'nonceAccount'
>;

const SIGNATURE_BYTES = 64;
const HASH_BYTES = 32;
const HEADER_BYTES = 3;
const VERSION_BIT = 0x80;

/** What there is of it where only the signatures matter. */
export const NO_CONTEXT: TransactionContext = {
  writable: [],
  loadedAddresses: { writable: [], readonly: [] },
  baseFeeLamports: 0n,
  priorityFeeLamports: 0n,
  nonceAccount: undefined,
};

/** Takes apart a transaction that was strictly decoded before: nothing is checked any more. */
export function wireTransaction(wire: Buffer, context: TransactionContext): WireTransaction {
  let at = 0;
  const compactU16 = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wire[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const bytes = (length: number) => {
    at += length;
    return wire.subarray(at - length, at);
  };
  const signatures = compactU16();
  at += SIGNATURE_BYTES * signatures;
  const versioned = wire[at]! >= VERSION_BIT;
  if (versioned) at++;
  at += HEADER_BYTES;
  const keys: Buffer[] = [];
  for (let left = compactU16(); left > 0; left--) keys.push(bytes(HASH_BYTES));
  const blockhashAt = at;
  at += HASH_BYTES;
  const instructions: WireInstruction[] = [];
  for (let left = compactU16(); left > 0; left--) {
    const program = wire[at++]!;
    const accounts = bytes(compactU16());
    instructions.push({ program, accounts, data: bytes(compactU16()) });
  }
  const tables: Buffer[] = [];
  for (let left = versioned ? compactU16() : 0; left > 0; left--) {
    tables.push(bytes(HASH_BYTES));
    bytes(compactU16());
    bytes(compactU16());
  }
  const { writable, readonly } = context.loadedAddresses;
  for (const key of writable) keys.push(key as Buffer);
  for (const key of readonly) keys.push(key as Buffer);
  // Field by field: spreading makes a new shape each time, which costs microseconds here and wherever it is read.
  const { loadedAddresses, baseFeeLamports, priorityFeeLamports, nonceAccount } = context;
  return {
    wire,
    blockhashAt,
    requiredSignatures: signatures,
    keys,
    writable: context.writable,
    loadedAddresses,
    instructions,
    tables,
    baseFeeLamports,
    priorityFeeLamports,
    nonceAccount,
  };
}
