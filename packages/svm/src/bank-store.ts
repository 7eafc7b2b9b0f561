import { deserialize, serialize } from 'node:v8';
import { type Field, fieldToBytes, u64le } from '@polyproof/base';
import { type Account, decodeAccount, encodeAccount, LmdbNodeStore } from '@polyproof/state';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { Batch, Block, TransactionRecord } from './types.js';
import type { BatchWitness, BlockContext } from './witness.js';

/** The newest state of a bank, beside its accounts: rewritten with every block. */
export interface Head {
  /** what the directory belongs to */
  configHash: Field;
  genesisStateRoot: Field;
  slot: bigint;
  unixTimestamp: bigint;
  stateRoot: Field;
  /** oldest first */
  blockhashes: Uint8Array[];
  transactionCount: bigint;
  lastBatch: bigint;
  /** after the last batch */
  dataHash: Field;
  open: OpenBatch;
}

export interface OpenBatch {
  prevStateRoot: Field;
  transactions: number;
  data: Uint8Array;
  /** of its blocks that have transactions */
  blocks: BlockContext[];
  /** every touched account as it was before the batch */
  before: [address: Uint8Array, account: Account | null][];
}

type Table = Database<Buffer, Buffer>;
const BINARY = { keyEncoding: 'binary', encoding: 'binary' } as const;
const HEAD = Buffer.from('head');

/** The tables of a bank in one LMDB environment. Reads see the last commit. */
export class BankStore {
  readonly nodes: LmdbNodeStore;
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #meta: Table;
  readonly #accounts: Table;
  /** accounts by the value that the state tree holds: old states stay readable like old roots */
  readonly #versions: Table;
  readonly #blocks: Table;
  readonly #transactions: Table;
  /** hash of a message -> first signature, of every included transaction */
  readonly #messages: Table;
  readonly #batches: Table;
  readonly #witnesses: Table;

  constructor(options: { directory: string }) {
    // Without overlappingSync a committed transaction is on disk.
    this.#root = open<Buffer, Buffer>({ path: options.directory, overlappingSync: false, ...BINARY });
    const table = (name: string) => this.#root.openDB<Buffer, Buffer>({ name, ...BINARY });
    this.nodes = new LmdbNodeStore({ database: table('nodes') });
    this.#meta = table('meta');
    this.#accounts = table('accounts');
    this.#versions = table('versions');
    this.#blocks = table('blocks');
    this.#transactions = table('transactions');
    this.#messages = table('messages');
    this.#batches = table('batches');
    this.#witnesses = table('witnesses');
  }

  /** Runs `writes` and everything pending in {@link nodes} as one transaction, durable on return. */
  commit(writes: () => void): void {
    try {
      this.#root.transactionSync(() => {
        writes();
        this.nodes.flush();
      });
    } finally {
      this.nodes.discard();
    }
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  get head(): Head | undefined {
    return read<Head>(this.#meta, HEAD);
  }

  putHead(head: Head): void {
    write(this.#meta, HEAD, head);
  }

  getAccount(address: Uint8Array): Account | undefined {
    const bytes = this.#accounts.get(Buffer.from(address));
    return bytes === undefined ? undefined : decodeAccount(bytes);
  }

  /** @param value - what the tree holds for the account */
  putAccount(address: Uint8Array, account: Account, value: Field): void {
    const bytes = Buffer.from(encodeAccount(account));
    this.#accounts.putSync(Buffer.from(address), bytes);
    this.#versions.putSync(Buffer.from(fieldToBytes(value)), bytes);
  }

  removeAccount(address: Uint8Array): void {
    this.#accounts.removeSync(Buffer.from(address));
  }

  *allAccounts(): Generator<[Uint8Array, Account]> {
    for (const { key, value } of this.#accounts.getRange())
      yield [Uint8Array.from(key), decodeAccount(value)];
  }

  accountByValue(value: Field): Account | undefined {
    const bytes = this.#versions.get(Buffer.from(fieldToBytes(value)));
    return bytes === undefined ? undefined : decodeAccount(bytes);
  }

  getBlock(slot: bigint): Block | undefined {
    return read<Block>(this.#blocks, numberKey(slot));
  }

  putBlock(block: Block): void {
    write(this.#blocks, numberKey(block.slot), block);
  }

  getTransaction(signature: Uint8Array): TransactionRecord | undefined {
    return read<TransactionRecord>(this.#transactions, Buffer.from(signature));
  }

  putTransaction(record: TransactionRecord): void {
    write(this.#transactions, Buffer.from(record.signature), record);
  }

  hasMessage(hash: Uint8Array): boolean {
    return this.#messages.doesExist(Buffer.from(hash));
  }

  putMessage(hash: Uint8Array, signature: Uint8Array): void {
    this.#messages.putSync(Buffer.from(hash), Buffer.from(signature));
  }

  getBatch(number: bigint): Batch | undefined {
    return read<Batch>(this.#batches, numberKey(number));
  }

  getWitness(number: bigint): BatchWitness | undefined {
    return read<BatchWitness>(this.#witnesses, numberKey(number));
  }

  putBatch(batch: Batch, witness: BatchWitness): void {
    write(this.#batches, numberKey(batch.number), batch);
    write(this.#witnesses, numberKey(batch.number), witness);
  }
}

/** Values are structured clones: they keep bigints and bytes as they are. */
function read<T>(table: Table, key: Buffer): T | undefined {
  const bytes = table.get(key);
  return bytes === undefined ? undefined : (deserialize(Buffer.from(bytes)) as T);
}

function write(table: Table, key: Buffer, value: unknown): void {
  table.putSync(key, serialize(value));
}

function numberKey(value: bigint): Buffer {
  return Buffer.from(u64le(value)).reverse(); // big-endian: keys sort by number
}
