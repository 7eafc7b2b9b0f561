import './fixed-seed.js';
import { FIELD_MODULUS, type Field, fieldToBytes } from '@polyproof/base';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { syncWriter } from '../src/account-tree/sync-writer.js';
import type { PreparedUpdate } from '../src/account-tree/types.js';
import { VersionedTree } from '../src/account-tree/versioned-tree.js';
import { AccountTreeError, TreePageError } from '../src/errors.js';
import { HashPool } from '../src/hash-pool/hash-pool.js';
import { initHashing } from '../src/hashing.js';
import { MemoryNodeStore } from '../src/node-store.js';
import { StateTree } from '../src/state-tree.js';
import { verifyTreeMultiProof } from '../src/tree-multi-proof.js';
import { verifyTreeProof } from '../src/tree-proof.js';
import { applyToMap, historyArbitrary, keyArbitrary } from './arbitraries.js';
import { naiveDepth, naiveRoot } from './naive-tree.js';
import { TemporaryTables } from './temporary-tables.js';

const KEEP = 2;

let pool: HashPool;
let store: TemporaryTables;
beforeAll(async () => {
  await initHashing();
  pool = new HashPool({ threads: 1 });
  store = new TemporaryTables();
});
afterAll(async () => {
  await pool.close();
  await store.remove();
});

type Changes = ReadonlyMap<Field, Field | null>;

/** `cacheBytes` 0: every page comes from the disk. */
function openTree(cacheBytes = 0, keepVersions = KEEP): VersionedTree {
  return new VersionedTree({ keepVersions, cacheBytes }, { tables: store.tables, pool });
}

function prepare(tree: VersionedTree, changes: Changes, after?: PreparedUpdate): Promise<PreparedUpdate> {
  return tree.prepare(
    [...changes].map(([key, value]) => ({ key: fieldToBytes(key), value })),
    async (part) => part.map(({ value }) => (value === null ? null : fieldToBytes(value))),
    after,
  );
}

function commit(tree: VersionedTree, update: PreparedUpdate): void {
  store.commit(() => tree.write(update, syncWriter));
  tree.adopt(update);
}

async function change(tree: VersionedTree, changes: Changes): Promise<void> {
  commit(tree, await prepare(tree, changes));
}

/** Everything that a version says of these keys is what the map says. */
function expectVersion(
  tree: VersionedTree,
  version: bigint,
  map: ReadonlyMap<Field, Field>,
  keys: Iterable<Field>,
) {
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

describe('VersionedTree', () => {
  beforeEach(() => store.clear());

  it('has the root and the proofs of the naive model after every update', async () => {
    await fc.assert(
      fc.asyncProperty(historyArbitrary, fc.constantFrom(0, 1e6), async (rounds, cacheBytes) => {
        store.clear();
        const tree = openTree(cacheBytes);
        const map = new Map<Field, Field>();
        for (const changes of rounds) {
          await change(tree, changes);
          applyToMap(map, changes);
          expectVersion(tree, 1n, map, changes.keys());
        }
        expectVersion(openTree(), 1n, map, map.keys());
      }),
      { numRuns: 25 },
    );
  });

  it('does not depend on how changes are split into updates', async () => {
    await fc.assert(
      fc.asyncProperty(historyArbitrary, async (rounds) => {
        const changes = rounds.flatMap((round) => [...round]);
        store.clear();
        const together = openTree();
        await change(together, new Map(changes));
        const root = together.root;
        store.clear();
        const single = openTree();
        for (const one of changes) await change(single, new Map([one]));
        expect(single.root).toBe(root);
        const state = new StateTree(new MemoryNodeStore(), 0n);
        expect(state.update(new Map(changes))).toBe(root);
      }),
      { numRuns: 15 },
    );
  });

  it('leaves nothing on disk when the last key goes, but what older versions need', async () => {
    const tree = openTree();
    const keys = Array.from({ length: 40 }, (_, i) => BigInt(i * i * i));
    await change(tree, new Map(keys.map((key) => [key, 1n])));
    await change(tree, new Map(keys.map((key) => [key, null])));
    expect(tree.root).toBe(0n);
    expect(store.tables.pages.getCount()).toBe(1);
  });

  it('keeps the last versions readable, refuses older ones, and prunes what only those needed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(historyArbitrary, { minLength: 4, maxLength: 6 }), async (batches) => {
        store.clear();
        let tree = openTree();
        const maps = [new Map<Field, Field>()];
        const keys = new Set(batches.flat().flatMap((changes) => [...changes.keys()]));
        for (const rounds of batches) {
          const map = new Map(maps.at(-1));
          for (const changes of rounds) {
            await change(tree, changes);
            applyToMap(map, changes);
          }
          maps.push(map);
          commit(tree, tree.seal());
          if (maps.length % 2 === 0) tree = openTree();
        }
        expect(tree.version).toBe(BigInt(maps.length));
        expect(tree.oldestVersion).toBe(BigInt(maps.length - KEEP));
        maps.forEach((map, i) => {
          const version = BigInt(i);
          if (version >= tree.oldestVersion) {
            expectVersion(tree, version, map, [...keys].slice(0, 6));
            return;
          }
          expect(tree.rootOf(version)).toBeUndefined();
          expect(() => tree.at(version)).toThrow(expect.objectContaining({ code: 'VERSION_NOT_KEPT' }));
          expect(() => tree.rollBack(version)).toThrow(AccountTreeError);
        });
        commit(tree, tree.seal());
        commit(tree, tree.seal());
        commit(tree, tree.seal());
        // the newest roots are all that is left of the past
        expect(store.tables.history.getCount()).toBe(KEEP);
      }),
      { numRuns: 6 },
    );
  });

  it('goes back to a kept version and on from there', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(historyArbitrary, { minLength: 3, maxLength: 5 }),
        fc.nat({ max: 3 }),
        historyArbitrary,
        async (batches, back, others) => {
          store.clear();
          let tree = openTree(1e6, 4);
          const maps = [new Map<Field, Field>()];
          for (const rounds of batches) {
            const map = new Map(maps.at(-1));
            for (const changes of rounds) {
              await change(tree, changes);
              applyToMap(map, changes);
            }
            maps.push(map);
            commit(tree, tree.seal());
          }
          await change(tree, others[0]!);
          const target = maps.length - 1 - Math.min(back, maps.length - 1);
          commit(tree, tree.rollBack(BigInt(target)));
          expect(tree.version).toBe(BigInt(target + 1));
          expect(tree.root).toBe(naiveRoot(maps[target]!));
          expect(tree.rootOf(BigInt(target + 2))).toBeUndefined();
          tree = openTree(0, 4);
          const map = new Map(maps[target]);
          for (const changes of others) {
            await change(tree, changes);
            applyToMap(map, changes);
          }
          commit(tree, tree.seal());
          expectVersion(tree, BigInt(target + 1), map, [...map.keys()].slice(0, 5));
          for (let version = tree.oldestVersion; version <= BigInt(target); version++) {
            const past = maps[Number(version)]!;
            expectVersion(tree, version, past, [...past.keys()].slice(0, 3));
          }
        },
      ),
      { numRuns: 6 },
    );
  });

  it('gives the nodes with which a StateTree does anything to the keys', async () => {
    await fc.assert(
      fc.asyncProperty(historyArbitrary, fc.array(keyArbitrary, { maxLength: 4 }), async (rounds, others) => {
        store.clear();
        const tree = openTree();
        const map = new Map<Field, Field>();
        for (const changes of rounds) applyToMap(map, changes);
        await change(tree, map);
        const keys = [...others, ...[...map.keys()].slice(0, 5)];
        const nodes = MemoryNodeStore.of(tree.at().nodesFor(keys));
        for (const key of keys) expect(new StateTree(nodes, tree.root).locate(key).siblings).toBeDefined();
        for (const changes of [keys.map((key) => [key, null]), keys.map((key) => [key, key])] as [
          Field,
          Field | null,
        ][][]) {
          const after = new Map(map);
          applyToMap(after, new Map(changes));
          expect(new StateTree(nodes, tree.root).update(new Map(changes))).toBe(naiveRoot(after));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('works on large updates in parts with the same result', async () => {
    const keys = Array.from({ length: 900 }, (_, i) => BigInt(i + 2) ** 97n % FIELD_MODULUS);
    const tree = openTree();
    const state = new StateTree(new MemoryNodeStore(), 0n);
    const updates: [Field, Field | null][][] = [
      keys.slice(0, 600).map((key) => [key, 1n]),
      keys.slice(300).map((key, i) => [key, i % 3 === 0 ? null : BigInt(i)]),
      // one side of the tree goes, then all but one key
      keys.filter((key) => key % 2n === 0n).map((key) => [key, null]),
      keys.slice(1).map((key) => [key, null]),
      keys.map((key) => [key, 5n]),
      keys.map((key) => [key, null]),
    ];
    for (const changes of updates) {
      await change(tree, new Map(changes));
      expect(tree.root).toBe(state.update(new Map(changes)));
    }
    expect(store.tables.pages.getCount()).toBe(1);
  });

  it('handles keys that share hundreds of turns', async () => {
    const base = 0x2468_ace0_1357_9bdf_fedc_ba98_7654_3210n;
    const keys = [
      base,
      ...[60, 61, 64, 127, 128, 129, 200, 250, 252].map((bit) => base ^ (1n << BigInt(bit))),
    ];
    const map = new Map(keys.map((key, i) => [key, BigInt(i)]));
    const tree = openTree();
    await change(tree, map);
    expectVersion(tree, 1n, map, keys);
    commit(tree, tree.seal());
    for (const key of keys.slice(0, -1)) {
      await change(tree, new Map([[key, null]]));
      map.delete(key);
      expectVersion(tree, 2n, map, [key]);
    }
    commit(tree, tree.rollBack(1n));
    expectVersion(tree, 2n, new Map(keys.map((key, i) => [key, BigInt(i)])), keys.slice(0, 3));
  });
});

describe('an update of a VersionedTree', () => {
  beforeEach(() => store.clear());
  const first = new Map(Array.from({ length: 50 }, (_, i) => [BigInt(i) ** 5n, BigInt(i)]));

  it('that is not committed leaves the old state, also after a restart', async () => {
    const tree = openTree(1e6);
    await change(tree, first);
    const root = tree.root;
    const update = await prepare(
      tree,
      new Map([
        [1n, null],
        [32n, 7n],
        [3n, 3n],
      ]),
    );
    expect(tree.root).toBe(root);
    expect(() =>
      store.commit(() => {
        tree.write(update, syncWriter);
        throw new AccountTreeError('OUTDATED_UPDATE', 'the power goes');
      }),
    ).toThrow('the power goes');
    expectVersion(tree, 1n, first, [1n, 3n, 32n]);
    await store.reopen();
    expectVersion(openTree(), 1n, first, [...first.keys(), 3n]);
  });

  it('is not seen before it is adopted, even when it is on disk', async () => {
    const tree = openTree();
    await change(tree, first);
    commit(tree, tree.seal());
    const update = await prepare(
      tree,
      new Map([
        [1n, null],
        [32n, 7n],
        [3n, 3n],
      ]),
    );
    store.commit(() => tree.write(update, syncWriter));
    for (const version of [1n, 2n]) expectVersion(tree, version, first, [1n, 3n, 32n]);
    tree.adopt(update);
    expect(tree.at().prove(3n).terminal).toEqual({ kind: 'leaf', key: 3n, value: 3n });
    expectVersion(tree, 1n, first, [1n, 3n, 32n]);
  });

  it('may build on one that is being committed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(historyArbitrary, { minLength: 2, maxLength: 4 }),
        fc.infiniteStream(fc.constantFrom('before', 'while', 'adopted')),
        async (batches, moments) => {
          store.clear();
          const tree = openTree(0, 10);
          const maps = [new Map<Field, Field>()];
          let under: PreparedUpdate | undefined;
          // each update is prepared before the last one is adopted; the commit comes sooner or later
          const next = async (
            prepareNext: () => PreparedUpdate | Promise<PreparedUpdate>,
            sealed: boolean,
          ) => {
            const last = under;
            const moment = moments.next().value;
            if (last === undefined || sealed) {
              if (last !== undefined) commit(tree, last);
              under = await prepareNext();
              return;
            }
            if (moment === 'before') store.commit(() => tree.write(last, syncWriter));
            const preparing = prepareNext();
            if (moment !== 'before') store.commit(() => tree.write(last, syncWriter));
            if (moment === 'adopted') tree.adopt(last);
            under = await preparing;
            if (moment !== 'adopted') tree.adopt(last);
          };
          for (const rounds of batches) {
            const map = new Map(maps.at(-1));
            for (const changes of rounds) {
              await next(() => prepare(tree, changes, under), false);
              applyToMap(map, changes);
              expect(under!.root).toBe(naiveRoot(map));
            }
            maps.push(map);
            await next(() => tree.seal(), true);
          }
          commit(tree, under!);
          maps.forEach((map, version) => {
            expectVersion(tree, BigInt(version), map, [...map.keys()].slice(0, 3));
          });
          const back = tree.rollBack(1n);
          const key = [...maps.at(-1)!.keys()][0] ?? 1n;
          const on = await prepare(tree, new Map([[key, 77n]]), back);
          commit(tree, back);
          commit(tree, on);
          commit(tree, tree.seal());
          expectVersion(tree, 2n, new Map(maps[1]).set(key, 77n), [key]);
          expectVersion(tree, 1n, maps[1]!, [key, ...[...maps[1]!.keys()].slice(0, 3)]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('that builds on one that was not committed is refused', async () => {
    const tree = openTree();
    await change(tree, first);
    const lost = await prepare(tree, new Map([[1n, 9n]]));
    const built = await prepare(tree, new Map([[32n, 9n]]), lost);
    expect(() => tree.write(built, syncWriter)).toThrow(expect.objectContaining({ code: 'OUTDATED_UPDATE' }));
    await change(tree, new Map([[5n, 5n]]));
    await expect(prepare(tree, new Map([[6n, 6n]]), lost)).rejects.toThrow(AccountTreeError);
    expectVersion(tree, 1n, new Map([...first, [5n, 5n]]), [1n, 5n, 32n]);
  });

  it('that was overtaken is refused', async () => {
    const tree = openTree();
    const one = await prepare(tree, new Map([[1n, 1n]]));
    const other = await prepare(tree, new Map([[2n, 2n]]));
    commit(tree, one);
    for (const use of [() => tree.write(other, syncWriter), () => tree.adopt(other)])
      expect(use).toThrow(expect.objectContaining({ code: 'OUTDATED_UPDATE' }));
    expect(() => tree.adopt({ root: 1n, version: 1n })).toThrow(AccountTreeError);
  });

  it('that changes nothing writes no page', async () => {
    const tree = openTree();
    await change(tree, first);
    commit(tree, tree.seal());
    const entries = store.tables.history.getCount();
    const update = await prepare(tree, new Map<Field, Field | null>([...first, [3n, null]]));
    expect(update.root).toBe(tree.root);
    commit(tree, update);
    expect(store.tables.history.getCount()).toBe(entries);
  });
});

describe('a damaged store', () => {
  beforeEach(() => store.clear());

  it('is noticed', async () => {
    const tree = openTree();
    await change(tree, new Map(Array.from({ length: 50 }, (_, i) => [BigInt(i), 1n])));
    const pages = [...store.tables.pages.getRange()];
    for (const { key, value } of pages) {
      const damage = (bytes: Buffer | undefined) => {
        if (bytes === undefined) store.tables.pages.removeSync(key);
        else store.tables.pages.putSync(key, bytes);
        const readAll = () => {
          const damaged = openTree();
          for (let i = 0n; i < 50n; i++) damaged.at().prove(i);
          return damaged.root;
        };
        if (bytes === undefined && key.length === 1) expect(readAll()).toBe(0n);
        else expect(readAll).toThrow(TreePageError);
      };
      damage(Buffer.concat([value, Buffer.of(0)]));
      damage(value.subarray(0, -1));
      damage(undefined);
      store.tables.pages.putSync(key, value);
    }
  });

  it('of another format is refused', async () => {
    await change(openTree(), new Map([[1n, 1n]]));
    const [{ key, value }] = [...store.tables.pages.getRange()] as [{ key: Buffer; value: Buffer }];
    for (const at of [0, 1]) {
      const other = Buffer.from(value);
      other[at]! += 1;
      store.tables.pages.putSync(key, other);
      expect(() => openTree()).toThrow(expect.objectContaining({ code: 'BAD_TREE_HEAD' }));
    }
  });
});
