import type { Field } from '@polyproof/base';
import type { Database } from 'lmdb';

/** An account after a change: its bytes as `encodeAccount` writes them, or null where it does not exist any more. */
export type TreeChange = readonly [address: Uint8Array, account: Uint8Array | null];

/** An LMDB table that was opened with binary keys and values. */
export type TreeTable = Database<Buffer, Buffer>;

/** The tables of one tree. They belong to the caller's environment, so that tree and accounts are committed together. */
export interface AccountTreeTables {
  /** the newest tree by place, and its head record */
  pages: TreeTable;
  /** what the kept versions had in place of newer pages, and their roots */
  history: TreeTable;
}

/** How an update reaches the tables inside the caller's transaction. */
export interface TableWriter {
  put(table: TreeTable, key: Buffer, value: Buffer): void;
  remove(table: TreeTable, key: Buffer): void;
}

export interface AccountTreeOptions {
  /** versions before the open one whose roots stay readable; 1 or more */
  keepVersions: number;
  /** threads that hash; default: the cores of the machine. With 1 it is the one that asks. */
  threads?: number;
  /** bound of the pages kept in memory, in bytes; default 32 MiB */
  cacheBytes?: number;
  /** bound of the keys of addresses kept in memory, 65 bytes each; default 500,000 */
  cachedKeys?: number;
}

export interface AccountTreeModules {
  tables: AccountTreeTables;
}

/**
 * A change of the tree that is computed but not part of it yet: write it inside a transaction, adopt it after the
 * commit. An update that is never adopted is forgotten with the next `prepare`, `seal` or `rollBack`.
 */
export interface PreparedUpdate {
  /** root once it is adopted */
  readonly root: Field;
  /** the open version once it is adopted */
  readonly version: bigint;
}
