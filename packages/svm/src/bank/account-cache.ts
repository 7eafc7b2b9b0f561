import type { AccountBytes } from '../runtime/types.js';
import { compact } from './byte-slab.js';

/** rough cost of an entry beside its bytes */
const OVERHEAD_BYTES = 200;

/** What is known of an account, in memory. */
export class CachedAccount {
  readonly name: string;
  bytes: AccountBytes;
  /** the batch that is known to have kept what the account was before it */
  touchedBy: bigint | undefined;
  /** of the cache, in which it was used last */
  generation = -1;
  /** number of the block that is being put together and that changes it, and its place among the changes */
  changedBy = -1;
  change = -1;

  constructor(name: string, bytes: AccountBytes) {
    this.name = name;
    this.bytes = bytes;
  }
}

/**
 * Accounts by name, the ones used least lately dropped first, in two generations: when the young one is full it becomes
 * the old one, and what is used of the old one moves back. Holds about `maxBytes` at most.
 */
export class AccountCache {
  readonly #generationBytes: number;
  #young = new Map<string, CachedAccount>();
  #old = new Map<string, CachedAccount>();
  #generation = 0;
  #bytes = 0;

  constructor(options: { maxBytes: number }) {
    this.#generationBytes = options.maxBytes / 2;
  }

  /** For a reader that will hardly come back: changes nothing. */
  peek(name: string): CachedAccount | undefined {
    return this.#young.get(name) ?? this.#old.get(name);
  }

  get(name: string): CachedAccount | undefined {
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(name);
    if (old === undefined) return undefined;
    // It stays for longer than the others that lie in the same memory.
    if (old.bytes !== null) old.bytes = compact(old.bytes);
    this.keep(old);
    return old;
  }

  /** Puts an account into the cache, unless it is among the young ones already. */
  keep(account: CachedAccount): void {
    if (account.generation === this.#generation) return;
    account.generation = this.#generation;
    this.#young.set(account.name, account);
    this.#count(OVERHEAD_BYTES + (account.bytes?.length ?? 0));
  }

  /** Gives an account other bytes, and puts it into the cache. */
  change(account: CachedAccount, bytes: AccountBytes): void {
    const grown = (bytes?.length ?? 0) - (account.bytes?.length ?? 0);
    account.bytes = bytes;
    if (account.generation === this.#generation) this.#count(grown);
    else this.keep(account);
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#generation++;
    this.#bytes = 0;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#generationBytes) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#generation++;
    this.#bytes = 0;
  }
}
