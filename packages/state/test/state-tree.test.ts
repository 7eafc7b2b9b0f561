import './fixed-seed.js';
import { FIELD_MODULUS, type Field, FieldError } from '@polyproof/base';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { MissingNodeError } from '../src/errors.js';
import { initHashing } from '../src/hashing.js';
import { MemoryNodeStore, type NodeStore } from '../src/node-store.js';
import { RecordingNodeStore } from '../src/recording-node-store.js';
import { StateTree } from '../src/state-tree.js';
import { hashNode, type TreeNode } from '../src/tree-node.js';
import { verifyTreeProof } from '../src/tree-proof.js';
import { applyToMap, changesArbitrary, historyArbitrary, keyArbitrary } from './arbitraries.js';
import { naiveDepth, naiveRoot } from './naive-tree.js';

beforeAll(initHashing);

function treeOf(entries: ReadonlyMap<Field, Field | null>): { tree: StateTree; store: MemoryNodeStore } {
  const store = new MemoryNodeStore();
  const tree = new StateTree(store, 0n);
  tree.update(entries);
  return { tree, store };
}

describe('StateTree', () => {
  it('has the canonical root after every update', () => {
    fc.assert(
      fc.property(historyArbitrary, (rounds) => {
        const map = new Map<Field, Field>();
        const tree = new StateTree(new MemoryNodeStore(), 0n);
        for (const changes of rounds) {
          applyToMap(map, changes);
          expect(tree.update(changes)).toBe(naiveRoot(map));
          expect(tree.root).toBe(naiveRoot(map));
          for (const key of changes.keys()) {
            expect(tree.get(key)).toBe(map.get(key));
            expect(tree.depthBound(key)).toBe(naiveDepth(map, key));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('does not depend on the order of changes, one by one or together', () => {
    fc.assert(
      fc.property(changesArbitrary, changesArbitrary, (before, changes) => {
        const together = treeOf(before).tree;
        const single = treeOf(before).tree;
        together.update(changes);
        for (const change of [...changes].reverse()) single.update(new Map([change]));
        expect(single.root).toBe(together.root);
      }),
      { numRuns: 100 },
    );
  });

  it('handles keys that differ in their last digit only', () => {
    const [a, b] = [1n, 1n + (1n << 252n)];
    const { tree } = treeOf(
      new Map([
        [a, 10n],
        [b, 20n],
      ]),
    );
    expect(tree.depthBound(a)).toBe(127);
    expect(tree.prove(b).siblings).toHaveLength(127);
    expect(verifyTreeProof(tree.root, b, tree.prove(b))).toBe(20n);
    tree.update(new Map([[a, null]]));
    expect(tree.root).toBe(hashNode({ kind: 'leaf', key: b, value: 20n }));
    tree.update(new Map([[b, null]]));
    expect(tree.root).toBe(0n);
    expect(tree.depthBound(b)).toBe(0);
  });

  it('hashes each touched node once', () => {
    const entries = new Map(Array.from({ length: 64 }, (_, i) => [BigInt(i), 1n]));
    let writes = 0;
    const memory = new MemoryNodeStore();
    const store: NodeStore = {
      get: (hash) => memory.get(hash),
      put: (hash, node) => {
        writes++;
        memory.put(hash, node);
      },
    };
    new StateTree(store, 0n).update(entries);
    expect(writes).toBe(64 + 16 + 4 + 1);
  });

  it('keeps old roots readable', () => {
    const { tree, store } = treeOf(
      new Map([
        [1n, 1n],
        [2n, 2n],
      ]),
    );
    const old = tree.root;
    tree.update(
      new Map<Field, Field | null>([
        [1n, null],
        [2n, 3n],
        [7n, 7n],
      ]),
    );
    const past = new StateTree(store, old);
    expect([past.get(1n), past.get(2n), past.get(7n)]).toEqual([1n, 2n, undefined]);
  });

  it('refuses keys and values that are not field elements and keeps its root', () => {
    const { tree } = treeOf(new Map([[1n, 1n]]));
    const root = tree.root;
    expect(() =>
      tree.update(
        new Map([
          [2n, 2n],
          [FIELD_MODULUS, 1n],
        ]),
      ),
    ).toThrow(FieldError);
    expect(() => tree.update(new Map([[2n, -1n]]))).toThrow(FieldError);
    expect(() => tree.get(FIELD_MODULUS)).toThrow(FieldError);
    expect(tree.root).toBe(root);
  });
});

describe('a partial tree', () => {
  it('of the recorded nodes gives the same root, and none of its nodes is superfluous', () => {
    fc.assert(
      fc.property(changesArbitrary, changesArbitrary, (before, changes) => {
        const { tree, store } = treeOf(before);
        const recorder = new RecordingNodeStore(store);
        const expected = new StateTree(recorder, tree.root).update(changes);
        const nodes = [...recorder.recorded.values()];
        expect(new StateTree(MemoryNodeStore.of(nodes), tree.root).update(changes)).toBe(expected);
        for (const missing of nodes) {
          const partial = new StateTree(
            MemoryNodeStore.of(nodes.filter((node) => node !== missing)),
            tree.root,
          );
          expect(() => partial.update(changes)).toThrow(MissingNodeError);
          expect(partial.root).toBe(tree.root);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('holds the neighbour of a deleted leaf, which decides whether the tree collapses', () => {
    // the first two are neighbours two levels down; the third stands alone in another place
    const [key, other] = [0b0000n, 0b1000n];
    const { tree, store } = treeOf(
      new Map([
        [key, 1n],
        [other, 2n],
        [0b01n, 3n],
      ]),
    );
    const neighbour: TreeNode = { kind: 'leaf', key: other, value: 2n };
    const recorded = () => {
      const recorder = new RecordingNodeStore(store);
      new StateTree(recorder, tree.root).update(new Map([[key, null]]));
      return [...recorder.recorded.values()];
    };
    expect(recorded()).toContainEqual(neighbour);
    expect(new StateTree(store, tree.root).locate(key).neighbour).toEqual(neighbour);
    // beside a third one it stays where it is, and what it is decides nothing
    tree.update(new Map([[0b0100n, 4n]]));
    expect(recorded()).not.toContainEqual(neighbour);
    expect(new StateTree(store, tree.root).locate(key).neighbour).toBeUndefined();
  });

  it('does not collapse where an inner node is left alone', () => {
    const inner = [0b010100n, 0b100100n].map((key): [Field, Field] => [key, key]);
    const { tree } = treeOf(new Map(inner));
    const root = tree.root;
    tree.update(new Map([[0b1000n, 1n]]));
    expect(tree.locate(0b1000n).neighbour?.kind).toBe('inner');
    tree.update(new Map([[0b1000n, null]]));
    expect(tree.root).toBe(root);
    expect(tree.depthBound(0b010100n)).toBe(3);
  });

  it('does not write to the store that is being recorded', () => {
    const { tree, store } = treeOf(new Map([[1n, 1n]]));
    const size = store.size;
    new StateTree(new RecordingNodeStore(store), tree.root).update(new Map([[2n, 2n]]));
    expect(store.size).toBe(size);
  });

  it('names the node that is missing', () => {
    fc.assert(
      fc.property(keyArbitrary, (key) => {
        const { tree } = treeOf(
          new Map([
            [1n, 1n],
            [2n, 2n],
          ]),
        );
        const partial = new StateTree(new MemoryNodeStore(), tree.root);
        for (const use of [() => partial.get(key), () => partial.prove(key), () => partial.depthBound(key)])
          expect(use).toThrow(
            expect.objectContaining({ code: 'MISSING_NODE', details: { hash: tree.root, root: tree.root } }),
          );
      }),
      { numRuns: 10 },
    );
  });
});
