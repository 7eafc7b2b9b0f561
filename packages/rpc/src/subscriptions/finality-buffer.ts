import type { Logger } from '@polyproof/base';
import type { AccountChange, TransactionLogs } from './types.js';

export interface FinalityOptions {
  /**
   * Most bytes of accounts and logs that are kept for `finalized` subscribers until their batch is verified; beyond that,
   * what belongs to the oldest batch is given up. Default 64 MiB.
   */
  maxFinalityBufferBytes?: number;
}

/** What subscribers are told when a batch is verified. */
export interface UnverifiedBatch {
  /** by key: the newest state of each account in the batch */
  readonly accounts: Map<string, AccountChange>;
  readonly logs: TransactionLogs[];
  bytes: number;
}

/** Beside the data of an account, and beside the lines of logs. */
const OVERHEAD_BYTES = 256;

/** Keeps, batch by batch, what `finalized` subscribers will be told, within a bound. */
export class FinalityBuffer {
  readonly #batches = new Map<bigint, UnverifiedBatch>();
  readonly #maxBytes: number;
  readonly #logger: Logger;
  #bytes = 0;

  constructor(options: FinalityOptions, modules: { logger: Logger }) {
    this.#maxBytes = options.maxFinalityBufferBytes ?? 64 * 1024 * 1024;
    this.#logger = modules.logger;
  }

  get bytes(): number {
    return this.#bytes;
  }

  hasAccount(batch: bigint, key: string): boolean {
    return this.#batches.get(batch)?.accounts.has(key) ?? false;
  }

  addAccount(batch: bigint, change: AccountChange): void {
    const { accounts } = this.#batch(batch);
    const before = accounts.get(change.key);
    // Data may be a view of a whole block's bytes: those must not be kept alive for it.
    const { account } = change;
    const own = account === null ? null : { ...account, data: account.data.slice() };
    accounts.set(change.key, { ...change, account: own });
    this.#grow(batch, accountBytes(change) - (before === undefined ? 0 : accountBytes(before)));
  }

  addLogs(batch: bigint, logs: TransactionLogs): void {
    this.#batch(batch).logs.push(logs);
    this.#grow(
      batch,
      logs.logs.reduce((sum, line) => sum + line.length, OVERHEAD_BYTES),
    );
  }

  /** Gives out, in order, the batches up to the one given. */
  *takeUpTo(last: bigint): Iterable<UnverifiedBatch> {
    for (const number of [...this.#batches.keys()].sort((a, b) => (a < b ? -1 : 1)))
      if (number <= last) yield this.#drop(number);
  }

  /** Forgets the batches from the one given: they have been rolled back. */
  dropFrom(first: bigint): void {
    for (const number of [...this.#batches.keys()]) if (number >= first) this.#drop(number);
  }

  #batch(number: bigint): UnverifiedBatch {
    const known = this.#batches.get(number);
    if (known !== undefined) return known;
    const batch: UnverifiedBatch = { accounts: new Map(), logs: [], bytes: 0 };
    this.#batches.set(number, batch);
    return batch;
  }

  #drop(number: bigint): UnverifiedBatch {
    const batch = this.#batches.get(number)!;
    this.#batches.delete(number);
    this.#bytes -= batch.bytes;
    return batch;
  }

  #grow(number: bigint, bytes: number): void {
    this.#batch(number).bytes += bytes;
    this.#bytes += bytes;
    for (const [oldest, { bytes: given }] of this.#batches) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#drop(oldest);
      const context = { batch: oldest, bytes: given };
      this.#logger.warn('finalized notifications are given up: too much waits for verification', context);
    }
  }
}

function accountBytes({ account }: AccountChange): number {
  return OVERHEAD_BYTES + (account?.data.length ?? 0);
}
