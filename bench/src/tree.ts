import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AccountTree,
  encodeAccount,
  type PreparedUpdate,
  type TableWriter,
  type TreeChange,
  type TreeTable,
} from '@polyproof/state';
import { open } from 'lmdb';
import { figure, type Report, seconds } from './report.js';
import { hashFigures } from './tree-hashing.js';

const ACCOUNTS = 1_000_000;
const LOAD_UPDATES = 10_000;
const BLOCK_UPDATES = 1_000;
const BLOCKS = 100;
const BLOCKS_OF_VERSION = 10;
const KEEP_VERSIONS = 4;
const TOKEN_ACCOUNT_BYTES = 165;
const READS = 1_000;
const BINARY = { keyEncoding: 'binary', encoding: 'binary' } as const;
/** as the bank opens its environment: a commit is on disk when it is reported, and the file is mapped once */
const DURABLE = { overlappingSync: false, eventTurnBatching: false, mapSize: 2 ** 40 };
const OWNER = new Uint8Array(32).fill(6);

/**
 * The tree of accounts on disk: loading accounts of the size of token accounts (a million, or `--accounts=`), then
 * blocks of 1,000 changes to random ones. Each block is one LMDB transaction, on disk before the tree moves to it;
 * the next block is computed meanwhile.
 */
export async function benchTree(): Promise<Report> {
  const accounts = accountsWanted();
  const hashing = await hashFigures();
  const directory = mkdtempSync(join(tmpdir(), 'polyproof-bench-'));
  const root = open<Buffer, Buffer>({ path: directory, ...DURABLE, ...BINARY });
  const table = (name: string) => root.openDB<Buffer, Buffer>({ name, ...BINARY });
  const tree = await AccountTree.open(
    { keepVersions: KEEP_VERSIONS },
    { tables: { pages: table('pages'), history: table('history') } },
  );
  /** the newest update, while it is being committed */
  let last: { update: PreparedUpdate; committed: Promise<unknown> } | undefined;
  let ownMemory = 0;
  const adoptLast = async () => {
    await last?.committed;
    if (last !== undefined) tree.adopt(last.update);
    last = undefined;
  };
  const commit = (update: PreparedUpdate) => {
    const writes = new Writes();
    tree.write(update, writes);
    last = { update, committed: root.batch(() => writes.apply()) };
  };
  const change = async (changes: TreeChange[]) => {
    const update = await tree.prepare(changes, last === undefined ? {} : { after: last.update });
    await adoptLast();
    commit(update);
    ownMemory = Math.max(ownMemory, ownBytes());
  };
  const seal = async () => {
    await adoptLast();
    commit(tree.seal());
  };
  try {
    const random = randomNumbers(1);
    const loadSeconds = await seconds(async () => {
      for (let i = 0; i < accounts; i += LOAD_UPDATES)
        await change(
          Array.from({ length: Math.min(LOAD_UPDATES, accounts - i) }, (_, j) => account(i + j, 1)),
        );
      await seal();
      await adoptLast();
    });
    const block = () =>
      Array.from({ length: BLOCK_UPDATES }, () => account(random() % accounts, 1 + random()));
    const blocks: TreeChange[][] = Array.from({ length: BLOCKS }, block);
    const before = { ...tree.hashing };
    const processorBefore = process.cpuUsage();
    const blockSeconds: number[] = [];
    const total = await seconds(async () => {
      for (const [i, changes] of blocks.entries())
        blockSeconds.push(
          await seconds(async () => {
            await change(changes);
            if ((i + 1) % BLOCKS_OF_VERSION === 0) await seal();
          }),
        );
      await adoptLast();
    });
    const processor = process.cpuUsage(processorBefore);
    const threadSeconds = tree.hashing.seconds - before.seconds;
    const permutations = tree.hashing.permutations - before.permutations;
    const updates = BLOCKS * BLOCK_UPDATES;
    const proofSeconds = await seconds(() => {
      for (let i = 0; i < READS; i++) tree.prove(addressOf(random() % accounts));
    });
    const oldSeconds = await seconds(() => {
      for (let i = 0; i < READS; i++) tree.prove(addressOf(random() % accounts), tree.oldestVersion);
    });
    return {
      bench: 'tree',
      figures: [
        ...hashing,
        figure('accounts', accounts, 'accounts'),
        figure('load', accounts / loadSeconds, 'accounts/s'),
        figure('load: time', loadSeconds, 's'),
        figure('threads', tree.hashThreads, 'threads'),
        figure('blocks of 1,000 updates', updates / total, 'updates/s'),
        figure('block: median', median(blockSeconds) * 1e3, 'ms'),
        figure('block: slowest', Math.max(...blockSeconds) * 1e3, 'ms'),
        figure('block: hashing, of all threads', (threadSeconds / tree.hashThreads / total) * 100, '%'),
        figure('processor time an update', (processor.user + processor.system) / updates, 'us'),
        figure('permutations an update', permutations / updates, 'permutations'),
        figure('permutations in blocks, all threads', permutations / total, 'permutations/s'),
        figure('permutations in blocks, a busy thread', permutations / threadSeconds, 'permutations/s'),
        figure('proofs', READS / proofSeconds, 'proofs/s'),
        figure('proofs at the oldest version', READS / oldSeconds, 'proofs/s'),
        figure(
          'peak memory, the database as far as it is mapped',
          process.resourceUsage().maxRSS / 1024,
          'MiB',
        ),
        figure('peak memory without the database', ownMemory / 2 ** 20, 'MiB'),
      ],
    };
  } finally {
    await tree.close();
    await root.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Collects what a tree writes, for one commit on LMDB's own thread. */
class Writes implements TableWriter {
  readonly #writes: (() => void)[] = [];

  put(table: TreeTable, key: Buffer, value: Buffer): void {
    this.#writes.push(() => void table.put(key, value));
  }

  remove(table: TreeTable, key: Buffer): void {
    this.#writes.push(() => void table.remove(key));
  }

  apply(): void {
    for (const write of this.#writes) write();
  }
}

function accountsWanted(): number {
  const option = process.argv.find((argument) => argument.startsWith('--accounts='));
  return option === undefined ? ACCOUNTS : Number(option.slice('--accounts='.length));
}

/** Memory that is not that of a mapped file, which the system takes back when it needs it; 0 where it does not tell. */
function ownBytes(): number {
  if (!existsSync('/proc/self/status')) return 0;
  const [, kibibytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return 1024 * Number(kibibytes ?? 0);
}

function addressOf(index: number): Uint8Array {
  const address = new Uint8Array(32).fill(7);
  new DataView(address.buffer).setUint32(0, index);
  return address;
}

/** As large as a token account; the amount makes it differ. */
function account(index: number, amount: number): TreeChange {
  const data = new Uint8Array(TOKEN_ACCOUNT_BYTES);
  new DataView(data.buffer).setUint32(0, index);
  new DataView(data.buffer).setUint32(64, amount);
  const fields = { lamports: 2_039_280n, rentEpoch: 2n ** 64n - 1n, owner: OWNER, executable: false, data };
  return [addressOf(index), encodeAccount(fields)];
}

/** xorshift: the same accounts in every run */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
