import { type Account, decodeAccount } from '@polyproof/state';
import type { AccountBytes, AccountEntry, AccountSource } from '../runtime/types.js';
import { writeIndexes } from './account-indexes.js';
import { ByteCache } from './byte-cache.js';
import { ADDRESS_BYTES, byteString, numberAddressKey, numberKey } from './keys.js';
import { keysWithPrefix } from './scan.js';
import type { BankTables, Table } from './tables.js';
import type { WriteSet } from './write-set.js';

const NOTHING = new Uint8Array(0);

/** An account that a block changed. */
export interface AccountChange {
  address: Uint8Array;
  /** byteString of the address */
  name: string;
  before: AccountBytes;
  /** owned by the store: never changes */
  after: AccountBytes;
}

/**
 * The accounts of a bank, as encoded bytes all the way: on disk, with a cache in front. Keeps their indexes, and what
 * they were before each kept batch.
 */
export class AccountStore implements AccountSource {
  readonly #tables: BankTables;
  readonly #cache: ByteCache;
  /** addresses that the open batch has changed: what they were is kept already */
  #touched = new Set<string>();

  constructor(options: { cacheBytes: number }, modules: { tables: BankTables }) {
    this.#tables = modules.tables;
    this.#cache = new ByteCache({ maxBytes: options.cacheBytes });
  }

  /** Must not be written to. */
  get(address: Uint8Array): AccountBytes {
    return this.#read(address, byteString(address));
  }

  /** Like {@link get}, for readers from outside: what they ask for does not drive the accounts of blocks from memory. */
  peek(address: Uint8Array): AccountBytes {
    if (address.length !== ADDRESS_BYTES) return null;
    const known = this.#cache.peek(byteString(address));
    return known !== undefined ? known : (this.#tables.accounts.get(address as Buffer) ?? null);
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
    const changes = new Map<string, AccountChange>();
    for (const [address, after] of entries) {
      const name = byteString(address);
      const before = this.#read(address, name);
      const copy = after === null ? null : Buffer.from(after);
      changes.set(name, { address, name, before, after: copy });
    }
    return [...changes.values()].filter(({ before, after }) =>
      before === null || after === null ? before !== after : Buffer.compare(before, after) !== 0,
    );
  }

  /** Writes changes, their indexes, and where the batch touches an account first, what it was. */
  write(writes: WriteSet, batch: bigint, changes: readonly AccountChange[]): void {
    for (const change of changes) {
      if (!this.#touched.has(change.name))
        writes.put(this.#tables.undo, numberAddressKey(batch, change.address), change.before ?? NOTHING);
      this.writeChange(writes, change);
    }
  }

  /** Writes a change without keeping what was there before. */
  writeChange(writes: WriteSet, { address, before, after }: AccountChange): void {
    if (after === null) writes.remove(this.#tables.accounts, address);
    else writes.put(this.#tables.accounts, address, after);
    writeIndexes(this.#tables, writes, address, before, after);
  }

  /** After the commit. */
  adopt(changes: readonly AccountChange[]): void {
    for (const { name, after } of changes) {
      this.#touched.add(name);
      this.#cache.set(name, after);
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
    for (const { address } of this.touchedBy(openBatch)) this.#touched.add(byteString(address));
  }

  /** What a kept or the open batch changed, as it was before it. */
  *touchedBy(batch: bigint): Generator<{ address: Uint8Array; before: AccountBytes }> {
    for (const key of keysWithPrefix(this.#tables.undo, numberKey(batch))) {
      const before = this.#tables.undo.get(key)!;
      yield { address: Uint8Array.from(key.subarray(8)), before: before.length === 0 ? null : before };
    }
  }

  /** The account as it was at the end of a kept batch; `openBatch` is the newest that may have changed it. */
  at(address: Uint8Array, batch: bigint, openBatch: bigint): AccountBytes {
    for (let later = batch + 1n; later <= openBatch; later++) {
      const before = this.#tables.undo.get(numberAddressKey(later, address));
      if (before !== undefined) return before.length === 0 ? null : before;
    }
    return this.get(address);
  }

  /** Addresses with accounts, in order of their bytes: for checks. */
  *all(): Generator<[Uint8Array, Uint8Array]> {
    for (const key of keysWithPrefix(this.#tables.accounts, NOTHING))
      yield [Uint8Array.from(key), this.#tables.accounts.get(key)!];
  }

  #read(address: Uint8Array, name: string): AccountBytes {
    const known = this.#cache.get(name);
    if (known !== undefined) return known;
    const bytes = this.#tables.accounts.get(address as Buffer) ?? null;
    this.#cache.set(name, bytes);
    return bytes;
  }
}
