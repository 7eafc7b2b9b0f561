import type { TransactionMeta } from '../runtime/types.js';
import type { BlockRecord } from './block-record.js';
import { decodeMeta } from './meta.js';
import type { TransactionRow } from './transaction-chunk.js';
import type { StoredTransaction } from './types.js';

/** A transaction read from the history. */
export class StoredTransactionRecord implements StoredTransaction {
  readonly bytes: Uint8Array;
  readonly slot: bigint;
  readonly index: number;
  readonly unixTimestamp: bigint;
  readonly batch: bigint;
  declare readonly error?: unknown;
  readonly feeLamports: bigint;
  readonly computeUnits: bigint;
  readonly #encoded: Uint8Array;
  #meta: TransactionMeta | undefined;

  constructor(row: TransactionRow, index: number, block: BlockRecord) {
    this.bytes = row.bytes;
    this.slot = block.slot;
    this.index = index;
    this.unixTimestamp = block.unixTimestamp;
    this.batch = block.batch;
    if ('error' in row) this.error = row.error;
    this.feeLamports = row.feeLamports;
    this.computeUnits = row.computeUnits;
    this.#encoded = row.meta;
  }

  get meta(): TransactionMeta {
    this.#meta ??= decodeMeta(this.#encoded);
    return this.#meta;
  }
}
