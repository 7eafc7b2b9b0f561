import './fixed-seed.js';
import type { Field } from '@polyproof/base';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AccountTreeError } from '../src/errors.js';
import { applyToMap, historyArbitrary } from './arbitraries.js';
import { naiveRoot } from './naive-tree.js';
import { expectVersion, KEEP, TreeWorkshop } from './tree-workshop.js';

let trees: TreeWorkshop;
beforeAll(async () => {
  trees = await TreeWorkshop.open();
});
afterAll(() => trees.close());
beforeEach(() => trees.store.clear());

describe('versions of a VersionedTree', () => {
  it('keeps the last versions readable, refuses older ones, and prunes what only those needed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(historyArbitrary, { minLength: 4, maxLength: 6 }), async (batches) => {
        trees.store.clear();
        let tree = trees.openTree();
        const maps = [new Map<Field, Field>()];
        const keys = new Set(batches.flat().flatMap((changes) => [...changes.keys()]));
        for (const rounds of batches) {
          const map = new Map(maps.at(-1));
          for (const changes of rounds) {
            await trees.change(tree, changes);
            applyToMap(map, changes);
          }
          maps.push(map);
          trees.commit(tree, tree.seal());
          if (maps.length % 2 === 0) tree = trees.openTree();
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
        trees.commit(tree, tree.seal());
        trees.commit(tree, tree.seal());
        trees.commit(tree, tree.seal());
        // the newest roots are all that is left of the past
        expect(trees.store.tables.history.getCount()).toBe(KEEP);
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
          trees.store.clear();
          let tree = trees.openTree(1e6, 4);
          const maps = [new Map<Field, Field>()];
          for (const rounds of batches) {
            const map = new Map(maps.at(-1));
            for (const changes of rounds) {
              await trees.change(tree, changes);
              applyToMap(map, changes);
            }
            maps.push(map);
            trees.commit(tree, tree.seal());
          }
          await trees.change(tree, others[0]!);
          const target = maps.length - 1 - Math.min(back, maps.length - 1);
          trees.commit(tree, tree.rollBack(BigInt(target)));
          expect(tree.version).toBe(BigInt(target + 1));
          expect(tree.root).toBe(naiveRoot(maps[target]!));
          expect(tree.rootOf(BigInt(target + 2))).toBeUndefined();
          tree = trees.openTree(0, 4);
          const map = new Map(maps[target]);
          for (const changes of others) {
            await trees.change(tree, changes);
            applyToMap(map, changes);
          }
          trees.commit(tree, tree.seal());
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
});
