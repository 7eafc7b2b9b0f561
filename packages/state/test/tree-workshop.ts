import { type Field, fieldToBytes } from '@polyproof/base';
import { expect } from 'vitest';
import { syncWriter } from '../src/account-tree/sync-writer.js';
import type { PreparedUpdate } from '../src/account-tree/types.js';
import { VersionedTree } from '../src/account-tree/versioned-tree.js';
import { HashPool } from '../src/hash-pool/hash-pool.js';
import { initHashing } from '../src/hashing.js';
import { verifyTreeMultiProof } from '../src/tree-multi-proof.js';
import { verifyTreeProof } from '../src/tree-proof.js';
import { naiveDepth, naiveRoot } from './naive-tree.js';
import { TemporaryTables } from './temporary-tables.js';

/** Versions that trees keep where a test does not say otherwise. */
export const KEEP = 2;

type Changes = ReadonlyMap<Field, Field | null>;

/** Trees in tables on disk, one after the other. */
export class TreeWorkshop {
  readonly store = new TemporaryTables();
  readonly #pool = new HashPool({ threads: 1 });

  static async open(): Promise<TreeWorkshop> {
    await initHashing();
    return new TreeWorkshop();
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await this.store.remove();
  }

  /** `cacheBytes` 0: every page comes from the disk. */
  openTree(cacheBytes = 0, keepVersions = KEEP): VersionedTree {
    const modules = { tables: this.store.tables, hasher: this.#pool };
    return new VersionedTree({ keepVersions, cacheBytes }, modules);
  }

  commit(tree: VersionedTree, update: PreparedUpdate): void {
    this.store.commit(() => tree.write(update, syncWriter));
    tree.adopt(update);
  }

  async change(tree: VersionedTree, changes: Changes): Promise<void> {
    this.commit(tree, await prepare(tree, changes));
  }
}

export function prepare(
  tree: VersionedTree,
  changes: Changes,
  after?: PreparedUpdate,
): Promise<PreparedUpdate> {
  return tree.prepare(
    [...changes].map(([key, value]) => ({ key: fieldToBytes(key), value })),
    {
      valuesOf: async (part) => part.map(({ value }) => (value === null ? null : fieldToBytes(value))),
      after,
    },
  );
}

/** Everything that a version says of these keys is what the map says. */
export function expectVersion(
  tree: VersionedTree,
  version: bigint,
  map: ReadonlyMap<Field, Field>,
  keys: Iterable<Field>,
): void {
  const root = naiveRoot(map);
  expect(tree.rootOf(version)).toBe(root);
  const reader = tree.at(version);
  const all = [...keys];
  for (const key of all) {
    expect(verifyTreeProof(root, key, reader.prove(key))).toBe(map.get(key));
    expect(reader.depthBound(key)).toBe(naiveDepth(map, key));
  }
  const values = verifyTreeMultiProof(root, all, reader.proveMany(all));
  for (const key of all) expect(values.get(key)).toBe(map.get(key));
}
