import './fixed-seed.js';
import { isDeepStrictEqual } from 'node:util';
import { FIELD_MODULUS, type Field } from '@polyproof/base';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { TreeProofError } from '../src/errors.js';
import { initHashing } from '../src/hashing.js';
import { MemoryNodeStore } from '../src/node-store.js';
import { StateTree } from '../src/state-tree.js';
import { type Siblings, type TreeProof, verifyTreeProof } from '../src/tree-proof.js';
import { decodeTreeProof, encodeTreeProof } from '../src/tree-proof-codec.js';
import { keyArbitrary } from './arbitraries.js';

beforeAll(initHashing);

const setArbitrary = fc
  .array(keyArbitrary, { minLength: 1, maxLength: 12 })
  .map((keys) => new Map<Field, Field>(keys.map((key, i) => [key, BigInt(i + 1)])));

function treeOf(entries: ReadonlyMap<Field, Field>): StateTree {
  const tree = new StateTree(new MemoryNodeStore(), 0n);
  tree.update(entries);
  return tree;
}

/** Ways to change one thing in a proof, of all kinds; of deep proofs not each at every depth. */
function tamperings(proof: TreeProof): TreeProof[] {
  const { siblings, terminal } = proof;
  const out: TreeProof[] = [
    ...siblings.map(([a, b, c], i) => {
      const other = (field: Field) => (field + 1n) % FIELD_MODULUS;
      const level = (
        [
          [other(a), b, c],
          [a, other(b), c],
          [a, b, other(c)],
        ] as const
      )[i % 3]!;
      return { terminal, siblings: siblings.with(i, level) };
    }),
    ...siblings.map(([a, b, c], i) => ({ terminal, siblings: siblings.with(i, [b, c, a]) })),
    ...siblings.map((_, i) => ({ terminal, siblings: siblings.toSpliced(i, 1) })),
    { terminal, siblings: [...siblings, [0n, 0n, 0n]] },
    { terminal, siblings: [...siblings, [0n, 1n, 0n]] },
    { terminal, siblings: [...siblings, [0n, 0n] as unknown as Siblings] },
    { terminal, siblings: siblings.map(([a, b, c]): Siblings => [a + FIELD_MODULUS, b, c]) },
    { terminal: { kind: 'leaf', key: 12345n, value: 1n }, siblings },
  ];
  if (terminal.kind === 'leaf') {
    out.push({ terminal: { ...terminal, value: terminal.value + 1n }, siblings });
    out.push({ terminal: { ...terminal, key: terminal.key ^ (1n << 100n) }, siblings });
    out.push({ terminal: { ...terminal, key: terminal.key + FIELD_MODULUS }, siblings });
    out.push({ terminal: { kind: 'empty' }, siblings });
  }
  const step = Math.ceil(out.length / 40);
  return out
    .filter((_, i) => i % step === 0 || i >= 3 * siblings.length)
    .filter((changed) => !isDeepStrictEqual(changed, { siblings, terminal }));
}

describe('verifyTreeProof', () => {
  it('accepts inclusion and exclusion proofs', () => {
    fc.assert(
      fc.property(setArbitrary, keyArbitrary, (entries, other) => {
        const tree = treeOf(entries);
        for (const key of [...entries.keys(), other])
          expect(verifyTreeProof(tree.root, key, tree.prove(key))).toBe(entries.get(key));
      }),
      { numRuns: 100 },
    );
    expect(verifyTreeProof(0n, 5n, treeOf(new Map()).prove(5n))).toBeUndefined();
  });

  it('refuses every tampered proof', () => {
    fc.assert(
      fc.property(setArbitrary, keyArbitrary, (entries, other) => {
        const tree = treeOf(entries);
        for (const key of [[...entries.keys()][0]!, other]) {
          const proof = tree.prove(key);
          for (const wrong of tamperings(proof))
            expect(() => verifyTreeProof(tree.root, key, wrong)).toThrow(TreeProofError);
          expect(() => verifyTreeProof(tree.root + 1n, key, proof)).toThrow(TreeProofError);
          expect(() => verifyTreeProof(tree.root, key + FIELD_MODULUS, proof)).toThrow(TreeProofError);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('never lets a proof of one key say something false of another', () => {
    fc.assert(
      fc.property(setArbitrary, keyArbitrary, keyArbitrary, (entries, a, b) => {
        const tree = treeOf(entries);
        for (const key of [...entries.keys(), a]) {
          let value: Field | undefined;
          try {
            value = verifyTreeProof(tree.root, b, tree.prove(key));
          } catch (error) {
            expect(error).toBeInstanceOf(TreeProofError);
            continue;
          }
          expect(value).toBe(entries.get(b));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('refuses a proof deeper than a key is long', () => {
    const proof: TreeProof = {
      siblings: Array<Siblings>(128).fill([0n, 0n, 0n]),
      terminal: { kind: 'empty' },
    };
    expect(() => verifyTreeProof(0n, 1n, proof)).toThrow(/128 levels/);
  });
});

describe('tree proof codec', () => {
  it('round-trips and refuses other bytes', () => {
    fc.assert(
      fc.property(setArbitrary, keyArbitrary, (entries, other) => {
        const tree = treeOf(entries);
        for (const key of [[...entries.keys()][0]!, other]) {
          const proof = tree.prove(key);
          const bytes = encodeTreeProof(proof);
          expect(decodeTreeProof(bytes)).toEqual(proof);
          expect(() => decodeTreeProof(Uint8Array.of(...bytes, 0))).toThrow(TreeProofError);
          expect(() => decodeTreeProof(bytes.subarray(0, -1))).toThrow(TreeProofError);
        }
      }),
      { numRuns: 50 },
    );
    for (const bytes of [
      [],
      [2, 0],
      [0, 128],
      [0, 255],
      [0, 1, 2],
      [0, 1, 8],
      [0, 1, 1, ...Array<number>(32).fill(0)],
      [0, 1, 1, ...Array<number>(32).fill(255)],
    ])
      expect(() => decodeTreeProof(Uint8Array.from(bytes))).toThrow(TreeProofError);
  });

  it('decodes to the same bytes or not at all', () => {
    const bytes = fc.tuple(fc.constantFrom(0, 1), fc.nat(3), fc.nat(9), fc.uint8Array({ maxLength: 133 }));
    fc.assert(
      fc.property(bytes, ([kind, count, bitmap, rest]) => {
        const input = Uint8Array.of(kind, count, bitmap, ...rest);
        let proof: TreeProof;
        try {
          proof = decodeTreeProof(input);
        } catch {
          return;
        }
        expect(encodeTreeProof(proof)).toEqual(input);
      }),
    );
  });
});
