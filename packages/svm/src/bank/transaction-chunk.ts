import { BankError } from '../errors.js';
import type { EngineOutcome, RuntimeTransaction } from '../runtime/types.js';

/** A transaction in a block with what became of it. */
export interface IncludedTransaction {
  transaction: RuntimeTransaction;
  outcome: EngineOutcome;
}

/** A transaction as it is stored: `meta` as the engine encoded it. */
export interface TransactionRow {
  bytes: Uint8Array;
  /** Solana's TransactionError; undefined where it succeeded */
  error?: unknown;
  feeLamports: bigint;
  computeUnits: bigint;
  meta: Uint8Array;
}

/** Transactions are stored in rows of this many: fewer entries, and one is still read cheaply. */
export const CHUNK_TRANSACTIONS = 16;

const VERSION = 1;
/** version (u8), then the end of each transaction (u32le), from the first byte of the chunk */
const HEAD_BYTES = 1;
const END_BYTES = 4;
/** fee (u64le), compute units (u64le), bytes of the transaction (u16le), bytes of the error (u16le) */
const ROW_HEAD_BYTES = 8 + 8 + 2 + 2;
const NOTHING = Buffer.alloc(0);

/** The chunks of a block's transactions, which lie in one piece of memory. */
export function encodeChunks(included: readonly IncludedTransaction[]): Buffer[] {
  const errors = included.map(({ outcome }) =>
    outcome.status === 'ok' ? NOTHING : encodeError(outcome.error),
  );
  let size = 0;
  for (let i = 0; i < included.length; i++) {
    if (i % CHUNK_TRANSACTIONS === 0) size += HEAD_BYTES;
    const { transaction, outcome } = included[i]!;
    size += END_BYTES + ROW_HEAD_BYTES;
    size += transaction.transaction.bytes.length + errors[i]!.length + outcome.meta.length;
  }
  const memory = Buffer.allocUnsafeSlow(size);
  const chunks: Buffer[] = [];
  let start = 0;
  for (let first = 0; first < included.length; first += CHUNK_TRANSACTIONS) {
    const count = Math.min(CHUNK_TRANSACTIONS, included.length - first);
    memory[start] = VERSION;
    let at = start + HEAD_BYTES + END_BYTES * count;
    for (let i = 0; i < count; i++) {
      const { transaction, outcome } = included[first + i]!;
      const { bytes } = transaction.transaction;
      const error = errors[first + i]!;
      memory.writeBigUInt64LE(outcome.feeLamports, at);
      memory.writeBigUInt64LE(outcome.computeUnits, at + 8);
      memory.writeUInt16LE(bytes.length, at + 16);
      memory.writeUInt16LE(error.length, at + 18);
      at += ROW_HEAD_BYTES;
      for (const part of [bytes, error, outcome.meta]) {
        memory.set(part, at);
        at += part.length;
      }
      memory.writeUInt32LE(at - start, start + HEAD_BYTES + END_BYTES * i);
    }
    chunks.push(memory.subarray(start, at));
    start = at;
  }
  return chunks;
}

/**
 * The transactions of a chunk.
 * @throws {BankError} `BAD_DATABASE` on a chunk of another format
 */
export function decodeChunk(chunk: Buffer): TransactionRow[] {
  if (chunk[0] !== VERSION)
    throw new BankError(
      'BAD_DATABASE',
      `the database holds transactions in the unknown format ${chunk[0]}.`,
      {
        found: chunk[0],
        expected: VERSION,
      },
    );
  const rows: TransactionRow[] = [];
  // The first transaction starts behind the table of ends, whose length follows from how many there are.
  for (let i = 0, start = 0; i < CHUNK_TRANSACTIONS; i++) {
    if (i === 0) start = HEAD_BYTES + END_BYTES * countOf(chunk);
    if (start >= chunk.length) break;
    const end = chunk.readUInt32LE(HEAD_BYTES + END_BYTES * i);
    rows.push(decodeRow(chunk.subarray(start, end)));
    start = end;
  }
  return rows;
}

/** Only the last end is the length of the chunk, because no transaction is empty. */
function countOf(chunk: Buffer): number {
  for (let i = 0; i < CHUNK_TRANSACTIONS; i++)
    if (chunk.readUInt32LE(HEAD_BYTES + END_BYTES * i) === chunk.length) return i + 1;
  throw new BankError('BAD_DATABASE', 'the database holds transactions that are cut off.');
}

function decodeRow(row: Buffer): TransactionRow {
  const bytesEnd = ROW_HEAD_BYTES + row.readUInt16LE(16);
  const errorEnd = bytesEnd + row.readUInt16LE(18);
  const error = row.toString('utf8', bytesEnd, errorEnd);
  return {
    bytes: Uint8Array.from(row.subarray(ROW_HEAD_BYTES, bytesEnd)),
    ...(error === '' ? {} : { error: JSON.parse(error) as unknown }),
    feeLamports: row.readBigUInt64LE(0),
    computeUnits: row.readBigUInt64LE(8),
    meta: Uint8Array.from(row.subarray(errorEnd)),
  };
}

function encodeError(error: unknown): Buffer {
  return Buffer.from(JSON.stringify(error ?? null));
}
