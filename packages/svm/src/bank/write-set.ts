import { InvariantError } from '@polyproof/base';
import type { TableWriter } from '@polyproof/state';
import type { Table } from './tables.js';

/** what LMDB takes with the least page size */
const MAX_KEY_BYTES = 511;
/** What an entry holds whose key says everything. */
const PRESENT = Buffer.from([1]);

/**
 * Writes collected for one commit. They are collected first, because what is computed between two writes of a batch
 * could throw, and lmdb would keep the half that it has. Keys and values must not change before the commit.
 */
export class WriteSet implements TableWriter {
  readonly #tables: Table[] = [];
  readonly #keys: Uint8Array[] = [];
  /** null removes */
  readonly #values: (Uint8Array | null)[] = [];

  put(table: Table, key: Uint8Array, value: Uint8Array): void {
    // The only thing that could fail in apply.
    if (key.length === 0 || key.length > MAX_KEY_BYTES)
      throw new InvariantError(`a database key has ${key.length} bytes`);
    this.#tables.push(table);
    this.#keys.push(key);
    this.#values.push(value);
  }

  /** An entry without a value. */
  mark(table: Table, key: Uint8Array): void {
    this.put(table, key, PRESENT);
  }

  remove(table: Table, key: Uint8Array): void {
    this.#tables.push(table);
    this.#keys.push(key);
    this.#values.push(null);
  }

  /** To be called inside a batch of the tables' environment. */
  apply(): void {
    for (let i = 0; i < this.#tables.length; i++) {
      const value = this.#values[i]!;
      if (value === null) void this.#tables[i]!.remove(this.#keys[i] as Buffer);
      else void this.#tables[i]!.put(this.#keys[i] as Buffer, value as Buffer);
    }
  }
}
