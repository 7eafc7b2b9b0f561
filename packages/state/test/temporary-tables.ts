import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import type { AccountTreeTables } from '../src/account-tree/types.js';

const BINARY = { keyEncoding: 'binary', encoding: 'binary' } as const;

/** The tables of a tree in a directory of their own. */
export class TemporaryTables {
  readonly #directory = mkdtempSync(join(tmpdir(), 'polyproof-tree-'));
  #root: RootDatabase<Buffer, Buffer>;
  tables: AccountTreeTables;

  constructor() {
    [this.#root, this.tables] = this.#open();
  }

  /** Commits what `write` writes, or nothing when it throws. */
  commit(write: () => void): void {
    this.#root.transactionSync(write);
  }

  async reopen(): Promise<void> {
    await this.#root.close();
    [this.#root, this.tables] = this.#open();
  }

  /** Empties the tables. */
  clear(): void {
    for (const table of [this.tables.pages, this.tables.history]) table.clearSync();
  }

  async remove(): Promise<void> {
    await this.#root.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #open(): [RootDatabase<Buffer, Buffer>, AccountTreeTables] {
    const root = open<Buffer, Buffer>({ path: this.#directory, noSync: true, ...BINARY });
    const table = (name: string) => root.openDB<Buffer, Buffer>({ name, ...BINARY });
    return [root, { pages: table('pages'), history: table('history') }];
  }
}
