import { addressKey } from '../resolve/address-key.js';
import type { AccountEntry, AccountSource } from '../types.js';
import { AccountRecord } from './account-record.js';

export interface AccountCacheOptions {
  executors: number;
  /** accounts that are remembered, and so may be held by executors */
  maxAccounts: number;
}

/** Accounts that were used in one of the last blocks stay. */
const RECENT_BLOCKS = 8;

/**
 * Which executor holds which account in which form.
 *
 * Whatever an executor holds is compared with the account at hand before it is used, so nobody has to tell the cache when
 * accounts change beside the blocks.
 */
export class AccountCache {
  readonly #options: AccountCacheOptions;
  readonly #source: AccountSource;
  readonly #records = new Map<string, AccountRecord>();
  /** accounts that executors hold and the cache has forgotten */
  readonly #removals: AccountEntry[][];
  readonly #generations: (number | undefined)[] = [];
  #block = 0;

  constructor(options: AccountCacheOptions, modules: { source: AccountSource }) {
    this.#options = options;
    this.#source = modules.source;
    this.#removals = Array.from({ length: options.executors }, () => []);
  }

  get size(): number {
    return this.#records.size;
  }

  /** Starts a block: from now on accounts are those of the source. */
  open(): void {
    this.#block++;
    this.#evict();
  }

  /** The record of an account, in the block at hand. */
  readonly get = (address: Uint8Array): AccountRecord => {
    const key = addressKey(address);
    let record = this.#records.get(key);
    if (record === undefined) {
      // A copy: the address that was given keeps the transaction around it alive.
      record = new AccountRecord(key, new Uint8Array(address), this.#options.executors);
      this.#records.set(key, record);
    }
    if (record.block !== this.#block) record.open(this.#block, this.#source.get(address));
    return record;
  };

  /** To be called before an executor is given anything. */
  checkGeneration(executor: number, generation: number): void {
    if (this.#generations[executor] !== generation) this.forget(executor);
    this.#generations[executor] = generation;
  }

  /** The executor started anew and holds nothing. */
  forget(executor: number): void {
    this.#removals[executor] = [];
    for (const record of this.#records.values()) record.held[executor] = null;
  }

  /**
   * Adds to `out` what the executor has to be given before it can use the account, and takes note.
   *
   * An account that is being written in the executor is never given to it again: it was given the current one before, and
   * only its own results make another one current.
   */
  ship(record: AccountRecord, executor: number, out: AccountEntry[]): void {
    // The code comes first: the engine loads a program with it.
    const link = record.link(this.get);
    if (link !== undefined) this.#shipOne(link, executor, out);
    this.#shipOne(record, executor, out);
  }

  /** What the executor has to drop before anything else, once. */
  takeRemovals(executor: number): AccountEntry[] {
    const removals = this.#removals[executor]!;
    this.#removals[executor] = [];
    return removals;
  }

  #shipOne(record: AccountRecord, executor: number, out: AccountEntry[]): void {
    if (!record.isMissingFrom(executor)) return;
    out.push([record.address, record.current]);
    record.held[executor] = record.current;
  }

  /** Forgets accounts that were not used for long, where there are too many: the oldest first. */
  #evict(): void {
    let excess = this.#records.size - this.#options.maxAccounts;
    if (excess <= 0) return;
    let looks = this.#records.size;
    for (const record of this.#records.values()) {
      if (excess <= 0 || looks-- <= 0) return;
      const inUse = record.block > this.#block - RECENT_BLOCKS;
      // Code goes together with its program.
      if (inUse || (record.program !== undefined && !record.program.evicted)) {
        this.#records.delete(record.key);
        this.#records.set(record.key, record);
        continue;
      }
      const link = record.knownLink;
      this.#remove(record);
      excess--;
      if (link?.program !== record) continue;
      this.#remove(link);
      excess--;
    }
  }

  #remove(record: AccountRecord): void {
    record.evicted = true;
    this.#records.delete(record.key);
    for (const [executor, held] of record.held.entries())
      if (held !== null) this.#removals[executor]!.push([record.address, null]);
  }
}
