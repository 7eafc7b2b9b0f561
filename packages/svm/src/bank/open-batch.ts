import { concatBytes, type Field } from '@polyproof/base';
import type { BatchItem, DepthSource, Limit } from '../batch-budget.js';
import { blocksOf, decodeBatchData, ENTRY_HEADER_BYTES, encodeBatchData } from '../batch-data.js';
import { type Deposit, decodeDeposits, encodeDeposits, encodeProvedData } from '../deposits.js';
import type { ExecutionMode, RollupParameters, SignatureMode } from '../rollup-config.js';
import type { AccountEntry, AccountSource } from '../runtime/types.js';
import { signedCircuits } from '../signed/signed-circuits.js';
import type { Transaction } from '../transaction.js';
import type { BlockContext } from '../witness.js';
import { numberKey, numberPairKey, readNumber } from './keys.js';
import { ProvableRoom } from './provable-room.js';
import { keysWithPrefix } from './scan.js';
import type { BankTables } from './tables.js';
import type { WriteSet } from './write-set.js';

export interface OpenBatchOptions {
  number: bigint;
  prevStateRoot: Field;
  config: RollupParameters;
  execution: ExecutionMode;
  signatures: SignatureMode;
  /** most bytes of batch data with `any`; with `zk` the circuit's limits count */
  maxBytes: number;
}

export interface OpenBatchModules {
  tables: BankTables;
  /** the state tree at the root from which the batch starts */
  tree: DepthSource;
  getBlock(slot: bigint): BlockContext | undefined;
  /** after the last block */
  accounts: AccountSource;
  /** before the batch */
  accountsBefore: AccountSource;
}

/** The batch that is being filled: the data of its blocks, and what room they leave. */
export class OpenBatch {
  readonly number: bigint;
  readonly prevStateRoot: Field;
  readonly #maxBytes: number;
  readonly #tables: BankTables;
  readonly #room: ProvableRoom | undefined;
  readonly #parts: Uint8Array[] = [];
  readonly #blocks: BlockContext[] = [];
  #deposits: readonly Deposit[] = [];
  /** of the block that has the deposits */
  #depositSlot: bigint | undefined;
  #transactions = 0;
  #bytes = 0;

  /** Continues with the blocks that the batch has on disk. */
  constructor(options: OpenBatchOptions, modules: OpenBatchModules) {
    this.number = options.number;
    this.prevStateRoot = options.prevStateRoot;
    this.#maxBytes = options.maxBytes;
    this.#tables = modules.tables;
    const { collector } = options.config;
    const circuits = options.signatures === 'proved' ? { circuits: signedCircuits() } : {};
    if (options.execution === 'zk') this.#room = new ProvableRoom({ collector, ...circuits }, modules);
    for (const key of keysWithPrefix(this.#tables.deposits, numberKey(this.number)))
      this.#addDeposits(readNumber(key, 8), decodeDeposits(this.#tables.deposits.get(key)!));
    this.#room?.restoreDeposits(this.#deposits);
    for (const key of keysWithPrefix(this.#tables.batchParts, numberKey(this.number))) {
      const part = this.#tables.batchParts.get(key)!;
      const { slot, unixTimestamp } = modules.getBlock(readNumber(key, 8))!;
      const entries = decodeBatchData(part);
      this.#add({ slot, unixTimestamp }, part, entries.length);
      this.#room?.restore(entries);
    }
  }

  get transactions(): number {
    return this.#transactions;
  }

  get deposits(): readonly Deposit[] {
    return this.#deposits;
  }

  get isEmpty(): boolean {
    return this.#transactions === 0 && this.#deposits.length === 0;
  }

  /** Of the first and the last block that belongs to it; it must not be empty. */
  get slots(): { first: bigint; last: bigint } {
    const slots = [this.#depositSlot, ...this.#blocks.map(({ slot }) => slot)].filter(
      (slot) => slot !== undefined,
    );
    return { first: slots[0]!, last: slots.at(-1)! };
  }

  /** Those that have transactions, in order. */
  get blocks(): readonly BlockContext[] {
    return this.#blocks;
  }

  get data(): Uint8Array {
    return batchDataOf(this.#parts, this.#room === undefined ? undefined : this.#deposits);
  }

  /** Whether all of these still fit. */
  fits(transactions: readonly Transaction[]): boolean {
    return this.exceeded(transactions) === undefined;
  }

  /** The limit that these would exceed together; undefined where they fit. */
  exceeded(transactions: readonly Transaction[]): Limit | undefined {
    if (this.#room !== undefined) return this.#room.exceeded(transactions);
    let bytes = this.#bytes;
    for (const { messageBytes } of transactions) bytes += ENTRY_HEADER_BYTES + messageBytes.length;
    return bytes <= this.#maxBytes ? undefined : 'dataBytes';
  }

  /** How many of these, from the first on, still fit together. */
  fitting(transactions: readonly Transaction[]): number {
    if (this.#room !== undefined) return this.#room.fitting(transactions);
    let bytes = this.#bytes;
    const beyond = transactions.findIndex(({ messageBytes }) => {
      bytes += ENTRY_HEADER_BYTES + messageBytes.length;
      return bytes > this.#maxBytes;
    });
    return beyond === -1 ? transactions.length : beyond;
  }

  /** Those among candidates for a block that cannot be proved, on the state that those before them leave. */
  unprovable(transactions: readonly Transaction[]): Set<Transaction> {
    return this.#room?.unprovable(transactions) ?? new Set();
  }

  /**
   * What a block of these takes.
   * @param changes - accounts after it, as the engine has them
   * @throws {BankError} `UNPROVABLE_BLOCK` where the machine that proves them comes to something else
   */
  itemsOf(included: readonly Transaction[], changes: readonly AccountEntry[]): readonly BatchItem[] {
    return this.#room?.itemsOf(included, changes) ?? [];
  }

  /** How many of these deposits, from the first on, fit in the batch, which must be empty. */
  fittingDeposits(deposits: readonly Deposit[]): number {
    return this.#room?.fittingDeposits(deposits) ?? 0;
  }

  writeDeposits(writes: WriteSet, slot: bigint, deposits: readonly Deposit[]): void {
    writes.put(
      this.#tables.deposits,
      numberPairKey(this.number, slot),
      Buffer.from(encodeDeposits(deposits)),
    );
  }

  /** After the commit. */
  adoptDeposits(slot: bigint, deposits: readonly Deposit[]): void {
    this.#addDeposits(slot, deposits);
    this.#room?.addDeposits(deposits);
  }

  /** The block's part of the batch, as it is kept while the batch is open. */
  partOf(included: readonly Transaction[]): Uint8Array {
    return encodeBatchData([included.map(({ messageBytes }) => messageBytes)]);
  }

  write(writes: WriteSet, slot: bigint, part: Uint8Array): void {
    writes.put(this.#tables.batchParts, numberPairKey(this.number, slot), part);
  }

  /** After the commit. */
  adopt(block: BlockContext, part: Uint8Array, transactions: number, items: readonly BatchItem[]): void {
    this.#add(block, part, transactions);
    this.#room?.add(items);
  }

  #addDeposits(slot: bigint, deposits: readonly Deposit[]): void {
    this.#depositSlot = slot;
    this.#deposits = deposits;
  }

  #add(block: BlockContext, part: Uint8Array, transactions: number): void {
    this.#blocks.push({ slot: block.slot, unixTimestamp: block.unixTimestamp });
    this.#parts.push(part);
    this.#transactions += transactions;
    this.#bytes += part.length;
  }
}

/**
 * The data of a batch from the parts of its blocks.
 * @param deposits - of a batch that is proved
 */
export function batchDataOf(parts: readonly Uint8Array[], deposits?: readonly Deposit[]): Uint8Array {
  const data = concatBytes(...parts);
  if (deposits === undefined) return data;
  const blocks = data.length === 0 ? [] : blocksOf(decodeBatchData(data));
  return encodeProvedData(
    blocks.map((entries) => entries.map(({ messageBytes }) => messageBytes)),
    deposits,
  );
}
