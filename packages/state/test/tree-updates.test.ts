import './fixed-seed.js';
import type { Field } from '@polyproof/base';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { syncWriter } from '../src/account-tree/sync-writer.js';
import type { PreparedUpdate } from '../src/account-tree/types.js';
import { AccountTreeError } from '../src/errors.js';
import { applyToMap, historyArbitrary } from './arbitraries.js';
import { naiveRoot } from './naive-tree.js';
import { expectVersion, prepare, TreeWorkshop } from './tree-workshop.js';

let trees: TreeWorkshop;
beforeAll(async () => {
  trees = await TreeWorkshop.open();
});
afterAll(() => trees.close());
beforeEach(() => trees.store.clear());

describe('an update of a VersionedTree', () => {
  const first = new Map(Array.from({ length: 50 }, (_, i) => [BigInt(i) ** 5n, BigInt(i)]));

  it('that is not committed leaves the old state, also after a restart', async () => {
    const tree = trees.openTree(1e6);
    await trees.change(tree, first);
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
      trees.store.commit(() => {
        tree.write(update, syncWriter);
        throw new AccountTreeError('OUTDATED_UPDATE', 'the power goes');
      }),
    ).toThrow('the power goes');
    expectVersion(tree, 1n, first, [1n, 3n, 32n]);
    await trees.store.reopen();
    expectVersion(trees.openTree(), 1n, first, [...first.keys(), 3n]);
  });

  it('is not seen before it is adopted, even when it is on disk', async () => {
    const tree = trees.openTree();
    await trees.change(tree, first);
    trees.commit(tree, tree.seal());
    const update = await prepare(
      tree,
      new Map([
        [1n, null],
        [32n, 7n],
        [3n, 3n],
      ]),
    );
    trees.store.commit(() => tree.write(update, syncWriter));
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
          trees.store.clear();
          const tree = trees.openTree(0, 10);
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
              if (last !== undefined) trees.commit(tree, last);
              under = await prepareNext();
              return;
            }
            if (moment === 'before') trees.store.commit(() => tree.write(last, syncWriter));
            const preparing = prepareNext();
            if (moment !== 'before') trees.store.commit(() => tree.write(last, syncWriter));
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
          trees.commit(tree, under!);
          maps.forEach((map, version) => {
            expectVersion(tree, BigInt(version), map, [...map.keys()].slice(0, 3));
          });
          const back = tree.rollBack(1n);
          const key = [...maps.at(-1)!.keys()][0] ?? 1n;
          const on = await prepare(tree, new Map([[key, 77n]]), back);
          trees.commit(tree, back);
          trees.commit(tree, on);
          trees.commit(tree, tree.seal());
          expectVersion(tree, 2n, new Map(maps[1]).set(key, 77n), [key]);
          expectVersion(tree, 1n, maps[1]!, [key, ...[...maps[1]!.keys()].slice(0, 3)]);
        },
      ),
      { numRuns: 5 },
    );
  });

  it('that builds on one that was not committed is refused', async () => {
    const tree = trees.openTree();
    await trees.change(tree, first);
    const lost = await prepare(tree, new Map([[1n, 9n]]));
    const built = await prepare(tree, new Map([[32n, 9n]]), lost);
    expect(() => tree.write(built, syncWriter)).toThrow(expect.objectContaining({ code: 'OUTDATED_UPDATE' }));
    await trees.change(tree, new Map([[5n, 5n]]));
    await expect(prepare(tree, new Map([[6n, 6n]]), lost)).rejects.toThrow(AccountTreeError);
    expectVersion(tree, 1n, new Map([...first, [5n, 5n]]), [1n, 5n, 32n]);
  });

  it('that was overtaken is refused', async () => {
    const tree = trees.openTree();
    const one = await prepare(tree, new Map([[1n, 1n]]));
    const other = await prepare(tree, new Map([[2n, 2n]]));
    trees.commit(tree, one);
    for (const use of [() => tree.write(other, syncWriter), () => tree.adopt(other)])
      expect(use).toThrow(expect.objectContaining({ code: 'OUTDATED_UPDATE' }));
    expect(() => tree.adopt({ root: 1n, version: 1n })).toThrow(AccountTreeError);
  });

  it('that changes nothing writes no page', async () => {
    const tree = trees.openTree();
    await trees.change(tree, first);
    trees.commit(tree, tree.seal());
    const entries = trees.store.tables.history.getCount();
    const update = await prepare(tree, new Map<Field, Field | null>([...first, [3n, null]]));
    expect(update.root).toBe(tree.root);
    trees.commit(tree, update);
    expect(trees.store.tables.history.getCount()).toBe(entries);
  });
});
