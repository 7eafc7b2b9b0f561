import { errorMessage } from '@polyproof/base';
import type { AccountTreeTables } from '@polyproof/state';
import { type Database, open, type RootDatabase, type RootDatabaseOptionsWithPath } from 'lmdb';
import { BankError } from '../errors.js';
import type { WriteSet } from './write-set.js';

/** Binary keys, binary values. */
export type Table = Database<Buffer, Buffer>;

const BINARY = { keyEncoding: 'binary', encoding: 'binary' } as const;
const MAX_TABLES = 32;

/**
 * How lmdb-js must work for {@link BankTables.commit} to be atomic and durable when it resolves. `overlappingSync`
 * off: a commit is on disk before it is reported. No batching by event turns, and no start before a batch is complete:
 * the writing thread never waits in the middle of one, which is where it could be made to commit what it has.
 */
const DURABLE: RootDatabaseOptionsWithPath & { batchStartThreshold: number } = {
  // Address space, not memory: a map that is too small is made again and again, and old ones stay.
  mapSize: 2 ** 40,
  overlappingSync: false,
  eventTurnBatching: false,
  batchStartThreshold: Number.MAX_SAFE_INTEGER,
};

/**
 * The tables of a bank in one LMDB environment. Reads see the last commit; all writes go through {@link commit}.
 * Numbers in keys are big-endian, so that keys sort by number.
 */
export class BankTables {
  /** the head record */
  readonly head: Table;
  /** address -> account */
  readonly accounts: Table;
  /** program, address */
  readonly owners: Table;
  /** wallet, address: of accounts of the token programs, as the next two */
  readonly tokenOwners: Table;
  /** mint, address */
  readonly tokenMints: Table;
  /** delegate, address */
  readonly tokenDelegates: Table;
  /** slot -> header */
  readonly blocks: Table;
  /** slot, chunk -> transactions */
  readonly transactions: Table;
  /** signature -> slot, index */
  readonly signatures: Table;
  /** address, slot -> indexes of the transactions that name the address */
  readonly history: Table;
  /** slot -> every address that its transactions name: tells what to remove from the history */
  readonly blockAddresses: Table;
  /** number -> closed batch */
  readonly batches: Table;
  /** batch, slot -> the block's part of the batch data */
  readonly batchParts: Table;
  /** batch, slot -> the deposits with which the batch begins */
  readonly deposits: Table;
  /** number -> exits at the end of a closed batch: kept, because they may be claimed at any time */
  readonly exits: Table;
  /** batch, slot, row -> accounts before the batch: see undo-log.ts */
  readonly undo: Table;
  /** the same key -> the first bytes of their addresses */
  readonly undoPrefixes: Table;
  /** number -> witness */
  readonly witnesses: Table;
  /** hash of a message that killed the engine */
  readonly poison: Table;
  readonly tree: AccountTreeTables;
  readonly #root: RootDatabase<Buffer, Buffer>;

  constructor(options: { directory: string }) {
    this.#root = open<Buffer, Buffer>({
      path: options.directory,
      maxDbs: MAX_TABLES,
      ...DURABLE,
      ...BINARY,
    });
    const table = (name: string) => this.#root.openDB<Buffer, Buffer>({ name, ...BINARY });
    this.head = table('head');
    this.accounts = table('accounts');
    this.owners = table('owners');
    this.tokenOwners = table('token-owners');
    this.tokenMints = table('token-mints');
    this.tokenDelegates = table('token-delegates');
    this.blocks = table('blocks');
    this.transactions = table('transactions');
    this.signatures = table('signatures');
    this.history = table('history');
    this.blockAddresses = table('block-addresses');
    this.batches = table('batches');
    this.batchParts = table('batch-parts');
    this.deposits = table('deposits');
    this.exits = table('exits');
    this.undo = table('undo');
    this.undoPrefixes = table('undo-prefixes');
    this.witnesses = table('witnesses');
    this.poison = table('poison');
    this.tree = { pages: table('tree-pages'), history: table('tree-history') };
  }

  /**
   * Writes all of it or nothing, on a thread of its own.
   * @returns when it is on disk
   * @throws {BankError} `DISK_FAILED` when the disk refuses it: then nothing has changed
   */
  async commit(writes: WriteSet): Promise<void> {
    try {
      await this.#root.batch(() => writes.apply());
    } catch (error) {
      const why = await causeOf(error);
      throw new BankError(
        'DISK_FAILED',
        `the database could not be written (${errorMessage(why)}): see whether the disk is full. Nothing has changed.`,
        {},
        { cause: why },
      );
    }
  }

  async close(): Promise<void> {
    await this.#root.close();
  }
}

/** lmdb-js reports what went wrong in a promise beside the rejection. */
async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<unknown> };
  return (
    commitError?.then(
      () => error,
      (cause: unknown) => cause,
    ) ?? error
  );
}
