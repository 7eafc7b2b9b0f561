import { concatBytes, type Field } from '@polyproof/base';
import { BatchBudget, type DepthSource } from '../batch-budget.js';
import { decodeBatchData, ENTRY_HEADER_BYTES, encodeBatchData } from '../batch-data.js';
import type { ExecutionMode, RollupParameters } from '../rollup-config.js';
import type { Transaction } from '../transaction.js';
import type { BlockContext } from '../witness.js';
import { numberKey, numberPairKey, readNumber } from './keys.js';
import { keysWithPrefix } from './scan.js';
import type { BankTables } from './tables.js';
import type { WriteSet } from './write-set.js';

export interface OpenBatchOptions {
  number: bigint;
  prevStateRoot: Field;
  config: RollupParameters;
  execution: ExecutionMode;
  /** most bytes of batch data with `any`; with `zk` the circuit's limits count */
  maxBytes: number;
}

export interface OpenBatchModules {
  tables: BankTables;
  /** the state tree at the root from which the batch starts */
  tree: DepthSource;
  getBlock(slot: bigint): BlockContext | undefined;
}

/** The batch that is being filled: the data of its blocks, and what room they leave. */
export class OpenBatch {
  readonly number: bigint;
  readonly prevStateRoot: Field;
  readonly #maxBytes: number;
  readonly #tables: BankTables;
  readonly #budget: BatchBudget | undefined;
  readonly #parts: Uint8Array[] = [];
  readonly #blocks: BlockContext[] = [];
  #transactions = 0;
  #bytes = 0;

  /** Continues with the blocks that the batch has on disk. */
  constructor(options: OpenBatchOptions, modules: OpenBatchModules) {
    this.number = options.number;
    this.prevStateRoot = options.prevStateRoot;
    this.#maxBytes = options.maxBytes;
    this.#tables = modules.tables;
    const { collector } = options.config;
    if (options.execution === 'zk') this.#budget = new BatchBudget({ collector }, { tree: modules.tree });
    for (const key of keysWithPrefix(this.#tables.batchParts, numberKey(this.number))) {
      const part = this.#tables.batchParts.get(key)!;
      const { slot, unixTimestamp } = modules.getBlock(readNumber(key, 8))!;
      this.#add({ slot, unixTimestamp }, part, decodeBatchData(part));
    }
  }

  get transactions(): number {
    return this.#transactions;
  }

  /** Those that have transactions, in order. */
  get blocks(): readonly BlockContext[] {
    return this.#blocks;
  }

  get data(): Uint8Array {
    return concatBytes(...this.#parts);
  }

  /** Whether all of these still fit. */
  fits(transactions: readonly Transaction[]): boolean {
    if (this.#budget !== undefined) return this.#budget.fits(transactions);
    let bytes = this.#bytes;
    for (const { messageBytes } of transactions) bytes += ENTRY_HEADER_BYTES + messageBytes.length;
    return bytes <= this.#maxBytes;
  }

  /** How many of these, from the first on, still fit together. */
  fitting(transactions: readonly Transaction[]): number {
    if (this.#budget !== undefined) {
      let count = 0;
      while (count < transactions.length && this.#budget.fits(transactions.slice(0, count + 1))) count++;
      return count;
    }
    let bytes = this.#bytes;
    const beyond = transactions.findIndex(({ messageBytes }) => {
      bytes += ENTRY_HEADER_BYTES + messageBytes.length;
      return bytes > this.#maxBytes;
    });
    return beyond === -1 ? transactions.length : beyond;
  }

  /** The block's part of the batch data. */
  partOf(included: readonly Transaction[]): Uint8Array {
    return encodeBatchData([included.map(({ messageBytes }) => messageBytes)]);
  }

  write(writes: WriteSet, slot: bigint, part: Uint8Array): void {
    writes.put(this.#tables.batchParts, numberPairKey(this.number, slot), part);
  }

  /** After the commit. */
  adopt(block: BlockContext, part: Uint8Array, included: readonly Transaction[]): void {
    this.#add(block, part, included);
  }

  #add(
    block: BlockContext,
    part: Uint8Array,
    included: readonly Pick<Transaction, 'message' | 'messageBytes'>[],
  ): void {
    this.#blocks.push({ slot: block.slot, unixTimestamp: block.unixTimestamp });
    this.#parts.push(part);
    this.#transactions += included.length;
    this.#bytes += part.length;
    this.#budget?.add(included);
  }
}
