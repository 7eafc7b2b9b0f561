import { type Account, decodeAccount } from '@polyproof/state';
import type { AccountBytes, AccountEntry, AccountSource } from '../runtime/types.js';
import { sameLamports } from './account-bytes.js';
import { AccountCache, CachedAccount } from './account-cache.js';
import { writeIndexes } from './account-indexes.js';
import { ByteSlab } from './byte-slab.js';
import { ADDRESS_BYTES, byteString } from './keys.js';
import { keysWithPrefix } from './scan.js';
import type { BankTables, Table } from './tables.js';
import { UndoLog } from './undo-log.js';
import type { WriteSet } from './write-set.js';

/** An account that a block changed. */
export interface AccountChange {
  address: Uint8Array;
  before: AccountBytes;
  /** owned by the store: never changes */
  after: AccountBytes;
  cached: CachedAccount;
}

/**
 * The accounts of a bank, as encoded bytes all the way: on disk, with a cache in front. Keeps their indexes, and what
 * they were before each kept batch.
 */
export class AccountStore implements AccountSource {
  /** what accounts were before each kept batch */
  readonly undo: UndoLog;
  readonly #tables: BankTables;
  readonly #cache: AccountCache;
  /** addresses that the open batch has changed: what they were is kept already */
  #touched = new Set<string>();
  readonly #slab = new ByteSlab();
  #block = 0;
  #underWay: readonly AccountChange[] | undefined;

  constructor(options: { cacheBytes: number }, modules: { tables: BankTables }) {
    this.#tables = modules.tables;
    this.undo = new UndoLog(modules);
    this.#cache = new AccountCache({ maxBytes: options.cacheBytes });
  }

  /** Must not be written to. */
  get(address: Uint8Array): AccountBytes {
    return this.#load(address).bytes;
  }

  /** Like {@link get}, for readers from outside: what they ask for does not drive the accounts of blocks from memory. */
  peek(address: Uint8Array): AccountBytes {
    if (address.length !== ADDRESS_BYTES) return null;
    const name = byteString(address);
    const known = this.#cache.peek(name) ?? this.#changing(name);
    return known !== undefined ? known.bytes : (this.#tables.accounts.get(address as Buffer) ?? null);
  }

  getAccount(address: Uint8Array): Account | undefined {
    const bytes = this.peek(address);
    return bytes === null ? undefined : decodeAccount(bytes);
  }

  /** Accounts whose addresses an index lists behind a key of 32 bytes. */
  *listed(index: Table, key: Uint8Array): Generator<[Uint8Array, Account]> {
    if (key.length !== ADDRESS_BYTES) return;
    for (const entry of keysWithPrefix(index, key)) {
      const address = Uint8Array.from(entry.subarray(ADDRESS_BYTES));
      const account = this.getAccount(address);
      if (account !== undefined) yield [address, account];
    }
  }

  /** Changes that really change something, with what was there before; of two of one address the later counts. */
  changesOf(entries: readonly AccountEntry[]): AccountChange[] {
    const block = ++this.#block;
    const changes: AccountChange[] = [];
    let superfluous = 0;
    for (const [address, bytes] of entries) {
      const cached = this.#load(address);
      const { bytes: before } = cached;
      const after = bytes === null ? null : this.#slab.copy(bytes);
      if (!differs(before, after)) superfluous++;
      if (cached.changedBy === block) {
        changes[cached.change]!.after = after;
        superfluous++; // one of the two may be: looked at again below
        continue;
      }
      cached.changedBy = block;
      cached.change = changes.length;
      changes.push({ address, before, after, cached });
    }
    return superfluous === 0 ? changes : changes.filter(({ before, after }) => differs(before, after));
  }

  /** Writes changes of a block, their indexes, and where the batch changes an account first, what it was. */
  write(writes: WriteSet, batch: bigint, slot: bigint, changes: readonly AccountChange[]): void {
    const first = changes.filter(
      ({ cached }) => cached.touchedBy !== batch && !this.#touched.has(cached.name),
    );
    this.undo.write(writes, batch, slot, first);
    this.#underWay = changes;
    for (const change of changes) this.writeChange(writes, change);
  }

  /** Writes a change without keeping what was there before. */
  writeChange(writes: WriteSet, { address, before, after }: Omit<AccountChange, 'cached'>): void {
    if (after === null) writes.remove(this.#tables.accounts, address);
    else writes.put(this.#tables.accounts, address, after);
    writeIndexes(this.#tables, writes, address, before, after);
  }

  /** After a commit that failed. */
  abandon(): void {
    this.#underWay = undefined;
  }

  /** After the commit. */
  adopt(batch: bigint, changes: readonly AccountChange[]): void {
    this.#underWay = undefined;
    for (const { cached, after } of changes) {
      if (cached.touchedBy !== batch) {
        cached.touchedBy = batch;
        this.#touched.add(cached.name);
      }
      this.#cache.change(cached, after);
    }
  }

  /** The batch is closed: the next one keeps its own first touches. */
  startBatch(): void {
    this.#touched = new Set();
  }

  /** Forgets what is in memory and reads what the open batch has touched. */
  reload(openBatch: bigint): void {
    this.#cache.clear();
    this.#touched = new Set();
    for (const { address } of this.undo.of(openBatch)) this.#touched.add(byteString(address));
  }

  /** The account as it was at the end of a kept batch; `openBatch` is the newest that may have changed it. */
  at(address: Uint8Array, batch: bigint, openBatch: bigint): AccountBytes {
    if (batch >= openBatch) return this.peek(address);
    const before = this.undo.find(address, batch + 1n, openBatch);
    return before === undefined ? this.peek(address) : before;
  }

  /** The disk may hold the block under way already: until it is adopted, what it changes is read from here. */
  #changing(name: string): CachedAccount | undefined {
    return this.#underWay?.find(({ cached }) => cached.name === name)?.cached;
  }

  #load(address: Uint8Array): CachedAccount {
    const name = byteString(address);
    const known = this.#cache.get(name) ?? this.#changing(name);
    if (known !== undefined) return known;
    const loaded = new CachedAccount(name, this.#tables.accounts.get(address as Buffer) ?? null);
    this.#cache.keep(loaded);
    return loaded;
  }
}

function differs(before: AccountBytes, after: AccountBytes): boolean {
  if (before === null || after === null) return before !== after;
  return !sameLamports(before, after) || Buffer.compare(before, after) !== 0;
}
