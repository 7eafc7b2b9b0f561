import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToBigInt, type Field } from '@polyproof/base';
import { accountKey, hashFields, initHashing, LmdbNodeStore, StateTree } from '@polyproof/state';
import { open } from 'lmdb';
import { figure, type Report, seconds } from './report.js';

const ACCOUNTS = 100_000;
const BLOCK_UPDATES = 1_000;
const BLOCKS = 10;
const LOAD_UPDATES = 10_000;
const HASHES = 20_000;

/** The state tree on disk: loading 100,000 accounts, then blocks of 1,000 updates, each one LMDB transaction. */
export async function benchTree(): Promise<Report> {
  await initHashing();
  const directory = mkdtempSync(join(tmpdir(), 'polyproof-bench-'));
  const root = open({ path: directory });
  try {
    const database = root.openDB<Buffer, Buffer>({
      name: 'nodes',
      keyEncoding: 'binary',
      encoding: 'binary',
    });
    const store = new LmdbNodeStore({ database });
    const tree = new StateTree(store, 0n);
    const commit = async (changes: Map<Field, Field>) => {
      tree.update(changes);
      await root.transaction(() => store.flush());
    };

    const keys: Field[] = [];
    const keySeconds = await seconds(() => {
      for (let i = 0; i < ACCOUNTS; i++) keys.push(accountKey(randomBytes(32)));
    });
    const loadSeconds = await seconds(async () => {
      for (let i = 0; i < ACCOUNTS; i += LOAD_UPDATES) await commit(values(keys.slice(i, i + LOAD_UPDATES)));
    });
    const updateSeconds = await seconds(async () => {
      for (let block = 0; block < BLOCKS; block++)
        await commit(
          values(Array.from({ length: BLOCK_UPDATES }, () => keys[Math.floor(Math.random() * ACCOUNTS)]!)),
        );
    });
    const hashSeconds = await seconds(() => {
      for (let i = 0; i < HASHES; i++) hashFields([1n, BigInt(i), 3n]);
    });
    const proofSeconds = await seconds(() => {
      for (let i = 0; i < BLOCK_UPDATES; i++) tree.prove(keys[i]!);
    });
    return {
      bench: 'tree',
      figures: [
        figure('accounts', ACCOUNTS, 'accounts'),
        figure('account keys', ACCOUNTS / keySeconds, 'keys/s'),
        figure('load', ACCOUNTS / loadSeconds, 'accounts/s'),
        figure('updates, blocks of 1,000', (BLOCKS * BLOCK_UPDATES) / updateSeconds, 'updates/s'),
        figure('Poseidon2', HASHES / hashSeconds, 'hashes/s'),
        figure('proofs', BLOCK_UPDATES / proofSeconds, 'proofs/s'),
      ],
    };
  } finally {
    await root.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function values(keys: readonly Field[]): Map<Field, Field> {
  return new Map(keys.map((key) => [key, bytesToBigInt(randomBytes(31))]));
}
