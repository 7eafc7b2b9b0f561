import { BankError } from '../errors.js';
import type { AccountBytes } from '../runtime/types.js';
import { ADDRESS_BYTES, numberKey } from './keys.js';
import { keysWithPrefix } from './scan.js';
import type { BankTables } from './tables.js';
import type { WriteSet } from './write-set.js';

/** An account as it was before the batch that changed it. */
export interface UndoEntry {
  address: Uint8Array;
  before: AccountBytes;
}

const VERSION = 1;
const HEAD_BYTES = 1 + 4;
const END_BYTES = 4;
/** of an address, in the row that tells which addresses another one holds */
const PREFIX_BYTES = 8;
/** accounts of a row; a longer account has a row for itself */
const ROW_BYTES = 256 * 1024;

/**
 * What accounts were before each batch: each in the block in which the batch changed it first. A block's entries lie
 * together in few rows, which costs much less than a row for each; they are searched by rows of address prefixes.
 */
export class UndoLog {
  readonly #tables: BankTables;

  constructor(modules: { tables: BankTables }) {
    this.#tables = modules.tables;
  }

  write(writes: WriteSet, batch: bigint, slot: bigint, entries: readonly UndoEntry[]): void {
    let start = 0;
    for (let row = 0; start < entries.length; row++) {
      let bytes = 0;
      let end = start;
      while (end < entries.length && (end === start || bytes + lengthOf(entries[end]!) <= ROW_BYTES))
        bytes += lengthOf(entries[end++]!);
      const key = rowKey(batch, slot, row);
      const rowEntries = entries.slice(start, end);
      writes.put(this.#tables.undo, key, encodeRow(rowEntries, bytes));
      writes.put(this.#tables.undoPrefixes, key, prefixesOf(rowEntries));
      start = end;
    }
  }

  remove(writes: WriteSet, batch: bigint): void {
    for (const key of keysWithPrefix(this.#tables.undoPrefixes, numberKey(batch))) {
      writes.remove(this.#tables.undo, key);
      writes.remove(this.#tables.undoPrefixes, key);
    }
  }

  /** Everything that a batch changed. */
  *of(batch: bigint): Generator<UndoEntry> {
    for (const key of keysWithPrefix(this.#tables.undo, numberKey(batch)))
      yield* decodeRow(this.#tables.undo.get(key)!);
  }

  /** What the account was before the first of the batches `from` to `to` that changed it; undefined where none did. */
  find(address: Uint8Array, from: bigint, to: bigint): AccountBytes | undefined {
    const wanted = Buffer.from(address.subarray(0, PREFIX_BYTES));
    const range = { start: numberKey(from), end: numberKey(to + 1n) };
    for (const { key, value } of this.#tables.undoPrefixes.getRange(range)) {
      if (!holdsPrefix(value, wanted)) continue;
      for (const entry of decodeRow(this.#tables.undo.get(key)!))
        if (Buffer.compare(entry.address, address) === 0) return entry.before;
    }
    return undefined;
  }
}

function lengthOf({ before }: UndoEntry): number {
  return before?.length ?? 0;
}

function rowKey(batch: bigint, slot: bigint, row: number): Buffer {
  const key = Buffer.allocUnsafe(20);
  key.writeBigUInt64BE(batch);
  key.writeBigUInt64BE(slot, 8);
  key.writeUInt32BE(row, 16);
  return key;
}

/** Version, number of accounts, where each one ends (u32le, from the first account), addresses, accounts. */
function encodeRow(entries: readonly UndoEntry[], bytes: number): Buffer {
  const count = entries.length;
  const addresses = HEAD_BYTES + count * END_BYTES;
  const accounts = addresses + count * ADDRESS_BYTES;
  const row = Buffer.allocUnsafeSlow(accounts + bytes);
  row[0] = VERSION;
  row.writeUInt32LE(count, 1);
  let end = 0;
  for (let i = 0; i < count; i++) {
    const { address, before } = entries[i]!;
    row.set(address, addresses + i * ADDRESS_BYTES);
    if (before !== null) row.set(before, accounts + end);
    end += lengthOf(entries[i]!);
    row.writeUInt32LE(end, HEAD_BYTES + i * END_BYTES);
  }
  return row;
}

function* decodeRow(row: Buffer): Generator<UndoEntry> {
  if (row[0] !== VERSION)
    throw new BankError('BAD_DATABASE', `the database holds old accounts in the unknown format ${row[0]}.`, {
      found: row[0],
      expected: VERSION,
    });
  const count = row.readUInt32LE(1);
  const addresses = HEAD_BYTES + count * END_BYTES;
  const accounts = addresses + count * ADDRESS_BYTES;
  let start = 0;
  for (let i = 0; i < count; i++) {
    const end = row.readUInt32LE(HEAD_BYTES + i * END_BYTES);
    const at = addresses + i * ADDRESS_BYTES;
    yield {
      address: Uint8Array.from(row.subarray(at, at + ADDRESS_BYTES)),
      // no account is empty: it has an owner at least
      before: end === start ? null : row.subarray(accounts + start, accounts + end),
    };
    start = end;
  }
}

function prefixesOf(entries: readonly UndoEntry[]): Buffer {
  const prefixes = Buffer.allocUnsafeSlow(entries.length * PREFIX_BYTES);
  entries.forEach(({ address }, i) => {
    prefixes.set(address.subarray(0, PREFIX_BYTES), i * PREFIX_BYTES);
  });
  return prefixes;
}

function holdsPrefix(prefixes: Buffer, wanted: Buffer): boolean {
  for (let at = prefixes.indexOf(wanted); at !== -1; at = prefixes.indexOf(wanted, at + 1))
    if (at % PREFIX_BYTES === 0) return true;
  return false;
}
