import { createHash } from 'node:crypto';
import { encodeMessage, encodeTransaction } from '../../src/index.js';
import { type ResolveOptions, resolveTransaction } from '../../src/runtime/resolve/resolve-transaction.js';
import type { RuntimeTransaction } from '../../src/runtime/types.js';
import { decodeTransaction } from '../../src/transaction.js';

export function addressOf(name: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`address of ${name}`).digest());
}

export interface Parts {
  payer: string;
  writes?: readonly string[];
  reads?: readonly string[];
  /** Makes two transactions with the same accounts differ. */
  nonce?: number;
  tables?: { table: string; writable?: number[]; readonly?: number[] }[];
}

export const nothing: ResolveOptions = {
  accounts: { get: () => null },
  slot: 10n,
  slotHashes: [],
  isBlockhashRecent: () => true,
};

/** A transaction that calls the account `program` with all other accounts. Its signature is made up. */
export function makeTransaction(parts: Parts, options: ResolveOptions = nothing): RuntimeTransaction {
  const { payer, nonce = 0, tables = [] } = parts;
  const writes = new Set(parts.writes ?? []);
  writes.delete(payer);
  const reads = [...new Set(parts.reads ?? [])].filter((name) => name !== payer && !writes.has(name));
  const names = [payer, ...writes, ...reads, 'program'];
  const loaded = tables.flatMap(({ writable = [], readonly = [] }) => [...writable, ...readonly]).length;
  const data = Buffer.alloc(4);
  data.writeUInt32LE(nonce);
  const messageBytes = encodeMessage({
    version: tables.length > 0 ? 0 : 'legacy',
    header: {
      numRequiredSignatures: 1,
      numReadonlySignedAccounts: 0,
      numReadonlyUnsignedAccounts: reads.length + 1,
    },
    accountKeys: names.map(addressOf),
    recentBlockhash: new Uint8Array(32).fill(1),
    instructions: [
      {
        programIdIndex: names.length - 1,
        accountIndexes: Uint8Array.from(
          [...names.keys()].slice(0, -1).concat(Array.from({ length: loaded }, (_, i) => names.length + i)),
        ),
        data,
      },
    ],
    addressTableLookups: tables.map(({ table, writable = [], readonly = [] }) => ({
      accountKey: addressOf(table),
      writableIndexes: Uint8Array.from(writable),
      readonlyIndexes: Uint8Array.from(readonly),
    })),
  });
  const signature = createHash('sha512').update(messageBytes).digest();
  return resolveTransaction(decodeTransaction(encodeTransaction([signature], messageBytes)), options);
}
