import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, open } from 'lmdb';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TreeNodeError } from '../src/errors.js';
import { initHashing } from '../src/hashing.js';
import { LmdbNodeStore } from '../src/lmdb-node-store.js';
import { StateTree } from '../src/state-tree.js';
import { decodeNode, encodeNode, type TreeNode } from '../src/tree-node.js';

beforeAll(initHashing);

describe('LmdbNodeStore', () => {
  let directory: string;
  let database: Database<Buffer, Buffer>;
  const start = () => open<Buffer, Buffer>({ path: directory, keyEncoding: 'binary', encoding: 'binary' });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'polyproof-nodes-'));
    database = start();
  });
  afterEach(async () => {
    await database.close();
    rmSync(directory, { recursive: true });
  });

  it('keeps a tree across a restart, once it is flushed', async () => {
    const store = new LmdbNodeStore({ database });
    const tree = new StateTree(store, 0n);
    tree.update(new Map(Array.from({ length: 20 }, (_, i) => [BigInt(i * i), BigInt(i)])));
    database.transactionSync(() => store.flush());
    await database.close();
    database = start();
    const again = new StateTree(new LmdbNodeStore({ database }), tree.root);
    for (let i = 0; i < 20; i++) expect(again.get(BigInt(i * i))).toBe(BigInt(i));
  });

  it('reads what is pending, and writes nothing before the flush', () => {
    const store = new LmdbNodeStore({ database });
    const tree = new StateTree(store, 0n);
    tree.update(new Map([[1n, 1n]]));
    expect(tree.get(1n)).toBe(1n);
    expect(database.getCount()).toBe(0);
    store.discard();
    expect(store.get(tree.root)).toBeUndefined();
  });
});

describe('node codec', () => {
  it('round-trips every shape', () => {
    for (const node of [
      { kind: 'leaf', key: 0n, value: 0n },
      { kind: 'leaf', key: 5n, value: 6n },
      ...Array.from({ length: 15 }, (_, i): TreeNode => {
        const child = (digit: number) => (((i + 1) >> digit) & 1 ? BigInt(digit + 5) : 0n);
        return { kind: 'inner', children: [child(0), child(1), child(2), child(3)] };
      }),
    ] satisfies TreeNode[])
      expect(decodeNode(encodeNode(node))).toEqual(node);
  });

  it('refuses other bytes', () => {
    for (const bytes of [
      [],
      [0],
      [1],
      [5],
      [17],
      [18, ...Array<number>(32).fill(0)],
      [0xff, ...Array<number>(128).fill(0)],
      [2, ...Array<number>(31).fill(0)],
      [3, ...Array<number>(64).fill(0)],
      [4, ...Array<number>(32).fill(0)],
    ])
      expect(() => decodeNode(Uint8Array.from(bytes))).toThrow(TreeNodeError);
  });
});
