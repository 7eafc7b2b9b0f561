import './fixed-seed.js';
import { FIELD_MODULUS, type Field } from '@polyproof/base';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TreePageError } from '../src/errors.js';
import { MemoryNodeStore } from '../src/node-store.js';
import { StateTree } from '../src/state-tree.js';
import { applyToMap, historyArbitrary, keyArbitrary } from './arbitraries.js';
import { naiveRoot } from './naive-tree.js';
import { expectVersion, TreeWorkshop } from './tree-workshop.js';

let trees: TreeWorkshop;
beforeAll(async () => {
  trees = await TreeWorkshop.open();
});
afterAll(() => trees.close());
beforeEach(() => trees.store.clear());

describe('VersionedTree', () => {
  it('has the root and the proofs of the naive model after every update', async () => {
    await fc.assert(
      fc.asyncProperty(historyArbitrary, fc.constantFrom(0, 1e6), async (rounds, cacheBytes) => {
        trees.store.clear();
        const tree = trees.openTree(cacheBytes);
        const map = new Map<Field, Field>();
        for (const changes of rounds) {
          await trees.change(tree, changes);
          applyToMap(map, changes);
          expectVersion(tree, 1n, map, changes.keys());
        }
        expectVersion(trees.openTree(), 1n, map, map.keys());
      }),
      { numRuns: 25 },
    );
  });

  it('does not depend on how changes are split into updates', async () => {
    await fc.assert(
      fc.asyncProperty(historyArbitrary, async (rounds) => {
        const changes = rounds.flatMap((round) => [...round]);
        trees.store.clear();
        const together = trees.openTree();
        await trees.change(together, new Map(changes));
        const root = together.root;
        trees.store.clear();
        const single = trees.openTree();
        for (const one of changes) await trees.change(single, new Map([one]));
        expect(single.root).toBe(root);
        const state = new StateTree(new MemoryNodeStore(), 0n);
        expect(state.update(new Map(changes))).toBe(root);
      }),
      { numRuns: 15 },
    );
  });

  it('leaves nothing on disk when the last key goes, but what older versions need', async () => {
    const tree = trees.openTree();
    const keys = Array.from({ length: 40 }, (_, i) => BigInt(i * i * i));
    await trees.change(tree, new Map(keys.map((key) => [key, 1n])));
    await trees.change(tree, new Map(keys.map((key) => [key, null])));
    expect(tree.root).toBe(0n);
    expect(trees.store.tables.pages.getCount()).toBe(1);
  });

  it('gives the nodes with which a StateTree does anything to the keys', async () => {
    await fc.assert(
      fc.asyncProperty(historyArbitrary, fc.array(keyArbitrary, { maxLength: 4 }), async (rounds, others) => {
        trees.store.clear();
        const tree = trees.openTree();
        const map = new Map<Field, Field>();
        for (const changes of rounds) applyToMap(map, changes);
        await trees.change(tree, map);
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
          const stepwise = new StateTree(nodes, tree.root);
          for (const change of changes) {
            stepwise.locate(change[0]);
            stepwise.update(new Map([change]));
          }
          expect(stepwise.root).toBe(naiveRoot(after));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('works on large updates in parts with the same result', async () => {
    const keys = Array.from({ length: 900 }, (_, i) => BigInt(i + 2) ** 97n % FIELD_MODULUS);
    const tree = trees.openTree();
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
      await trees.change(tree, new Map(changes));
      expect(tree.root).toBe(state.update(new Map(changes)));
    }
    expect(trees.store.tables.pages.getCount()).toBe(1);
  });

  it('handles keys that share many turns', async () => {
    const base = 0x2468_ace0_1357_9bdf_fedc_ba98_7654_3210n;
    const keys = [
      base,
      ...[60, 61, 64, 127, 128, 129, 200, 250, 252].map((bit) => base ^ (1n << BigInt(bit))),
    ];
    const map = new Map(keys.map((key, i) => [key, BigInt(i)]));
    const tree = trees.openTree();
    await trees.change(tree, map);
    expectVersion(tree, 1n, map, keys);
    trees.commit(tree, tree.seal());
    for (const key of keys.slice(0, -1)) {
      await trees.change(tree, new Map([[key, null]]));
      map.delete(key);
      expectVersion(tree, 2n, map, [key]);
    }
    trees.commit(tree, tree.rollBack(1n));
    expectVersion(tree, 2n, new Map(keys.map((key, i) => [key, BigInt(i)])), keys.slice(0, 3));
  });
});

describe('a damaged store', () => {
  it('is noticed', async () => {
    const tree = trees.openTree();
    await trees.change(tree, new Map(Array.from({ length: 50 }, (_, i) => [BigInt(i), 1n])));
    const pages = [...trees.store.tables.pages.getRange()];
    for (const { key, value } of pages) {
      const damage = (bytes: Buffer | undefined) => {
        if (bytes === undefined) trees.store.tables.pages.removeSync(key);
        else trees.store.tables.pages.putSync(key, bytes);
        const readAll = () => {
          const damaged = trees.openTree();
          for (let i = 0n; i < 50n; i++) damaged.at().prove(i);
          return damaged.root;
        };
        if (bytes === undefined && key.length === 1) expect(readAll()).toBe(0n);
        else expect(readAll).toThrow(TreePageError);
      };
      damage(Buffer.concat([value, Buffer.of(0)]));
      damage(value.subarray(0, -1));
      damage(undefined);
      trees.store.tables.pages.putSync(key, value);
    }
  });

  it('of another format is refused', async () => {
    await trees.change(trees.openTree(), new Map([[1n, 1n]]));
    const [{ key, value }] = [...trees.store.tables.pages.getRange()] as [{ key: Buffer; value: Buffer }];
    for (const at of [0, 1]) {
      const other = Buffer.from(value);
      other[at]! += 1;
      trees.store.tables.pages.putSync(key, other);
      expect(() => trees.openTree()).toThrow(expect.objectContaining({ code: 'BAD_TREE_HEAD' }));
    }
  });
});
