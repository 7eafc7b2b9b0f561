import './fixed-seed.js';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FIELD_MODULUS, type Field, fieldToBytes } from '@polyproof/base';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syncWriter } from '../src/account-tree/sync-writer.js';
import type { TreeReader } from '../src/account-tree/tree-reader.js';
import { VersionedTree } from '../src/account-tree/versioned-tree.js';
import { TreeProofError } from '../src/errors.js';
import { HashPool } from '../src/hash-pool/hash-pool.js';
import { initHashing } from '../src/hashing.js';
import { type TreeMultiProof, verifyTreeMultiProof } from '../src/tree-multi-proof.js';
import { decodeTreeMultiProof, encodeTreeMultiProof } from '../src/tree-multi-proof-codec.js';
import { keyArbitrary } from './arbitraries.js';
import { TemporaryTables } from './temporary-tables.js';

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

async function treeOf(entries: ReadonlyMap<Field, Field>): Promise<{ root: Field; reader: TreeReader }> {
  store.clear();
  const tree = new VersionedTree(
    { keepVersions: 1, cacheBytes: 1e6 },
    { tables: store.tables, hasher: pool },
  );
  const changes = [...entries].map(([key, value]) => ({
    key: fieldToBytes(key),
    value: fieldToBytes(value),
  }));
  const update = await tree.prepare(changes, {
    valuesOf: async (part) => part.map(({ value }) => value),
  });
  store.commit(() => tree.write(update, syncWriter));
  tree.adopt(update);
  return { root: tree.root, reader: tree.at() };
}

const setArbitrary = fc
  .array(keyArbitrary, { maxLength: 10 })
  .map((keys) => new Map<Field, Field>(keys.map((key, i) => [key, BigInt(i + 1)])));
const keysArbitrary = fc.array(keyArbitrary, { minLength: 1, maxLength: 6 });

/** Many ways to change one thing in a proof. */
function tamperings({ nodes, siblings }: TreeMultiProof): TreeMultiProof[] {
  const other = (field: Field) => (field + 1n) % FIELD_MODULUS;
  return [
    ...siblings.flatMap((sibling, i) => [
      { nodes, siblings: siblings.with(i, other(sibling)) },
      { nodes, siblings: siblings.with(i, sibling + FIELD_MODULUS) },
      { nodes, siblings: siblings.toSpliced(i, 1) },
    ]),
    { nodes, siblings: [...siblings, 0n] },
    { nodes: [...nodes, { kind: 'empty' }], siblings },
    { nodes: nodes.slice(0, -1), siblings },
    ...nodes.flatMap((node, i): TreeMultiProof[] =>
      node.kind === 'leaf'
        ? [
            { nodes: nodes.with(i, { ...node, value: other(node.value) }), siblings },
            { nodes: nodes.with(i, { ...node, value: node.value + FIELD_MODULUS }), siblings },
            { nodes: nodes.with(i, { ...node, key: node.key ^ (1n << 200n) }), siblings },
            { nodes: nodes.with(i, { ...node, key: node.key + FIELD_MODULUS }), siblings },
            { nodes: nodes.with(i, { kind: 'empty' }), siblings },
          ]
        : [{ nodes: nodes.with(i, { kind: 'leaf', key: 12_345n, value: 1n }), siblings }],
    ),
  ];
}

describe('verifyTreeMultiProof', () => {
  it('accepts proofs of present and absent keys, and only of these keys', async () => {
    await fc.assert(
      fc.asyncProperty(setArbitrary, keysArbitrary, async (entries, others) => {
        const { root, reader } = await treeOf(entries);
        const keys = [...[...entries.keys()].slice(0, 5), ...others];
        const proof = reader.proveMany(keys);
        const values = verifyTreeMultiProof(root, [...keys].reverse(), proof);
        expect(values.size).toBe(new Set(keys).size);
        for (const key of keys) expect(values.get(key)).toBe(entries.get(key));
        // of another set of keys it is a proof only where it says the same of them
        for (const wrong of [keys.slice(1), [...keys, 99n]]) {
          let found: Map<Field, Field | undefined>;
          try {
            found = verifyTreeMultiProof(root, wrong, proof);
          } catch (error) {
            expect(error).toBeInstanceOf(TreeProofError);
            continue;
          }
          for (const [key, value] of found) expect(value).toBe(entries.get(key));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('shares what paths have in common', async () => {
    const entries = new Map(Array.from({ length: 64 }, (_, i) => [BigInt(i), 1n]));
    const { reader } = await treeOf(entries);
    const proof = reader.proveMany([...entries.keys()]);
    expect(proof.siblings).toEqual([]);
    expect(proof.nodes).toHaveLength(64 + 16 + 4 + 1);
  });

  it('is a proof of nothing where it names no key', async () => {
    const { root, reader } = await treeOf(new Map([[1n, 1n]]));
    expect(reader.proveMany([])).toEqual({ nodes: [], siblings: [] });
    expect(verifyTreeMultiProof(root, [], { nodes: [], siblings: [] }).size).toBe(0);
    expect(() => verifyTreeMultiProof(root, [], { nodes: [{ kind: 'empty' }], siblings: [] })).toThrow(
      TreeProofError,
    );
  });

  it('refuses every tampered proof', async () => {
    await fc.assert(
      fc.asyncProperty(setArbitrary, keysArbitrary, async (entries, others) => {
        const { root, reader } = await treeOf(entries);
        const keys = [...[...entries.keys()].slice(0, 2), ...others.slice(0, 2)];
        const proof = reader.proveMany(keys);
        const all = tamperings(proof);
        for (const wrong of all.filter((_, i) => i % Math.ceil(all.length / 40) === 0))
          expect(() => verifyTreeMultiProof(root, keys, wrong)).toThrow(TreeProofError);
        expect(() => verifyTreeMultiProof(root + 1n, keys, proof)).toThrow(TreeProofError);
        expect(() => verifyTreeMultiProof(root, [...keys, FIELD_MODULUS], proof)).toThrow(TreeProofError);
      }),
      { numRuns: 12 },
    );
  });

  it('refuses a proof that is deeper than keys are long', () => {
    const nodes = Array.from({ length: 300 }, () => ({ kind: 'inner' }) as const);
    expect(() => verifyTreeMultiProof(1n, [0n], { nodes, siblings: Array<bigint>(900).fill(1n) })).toThrow(
      /127 digits/,
    );
  });
});

describe('multi-proof codec', () => {
  it('round-trips and refuses other bytes', async () => {
    await fc.assert(
      fc.asyncProperty(setArbitrary, keysArbitrary, async (entries, others) => {
        const { reader } = await treeOf(entries);
        const proof = reader.proveMany([...[...entries.keys()].slice(0, 4), ...others]);
        const bytes = encodeTreeMultiProof(proof);
        expect(decodeTreeMultiProof(bytes)).toEqual(proof);
        expect(() => decodeTreeMultiProof(Uint8Array.of(...bytes, 0))).toThrow(TreeProofError);
        expect(() => decodeTreeMultiProof(bytes.subarray(0, -1))).toThrow(TreeProofError);
      }),
      { numRuns: 30 },
    );
    const header = [0, 0, 0, 1, 0, 0, 0, 1];
    for (const bytes of [
      [],
      [255, 255, 255, 255, 255, 255, 255, 255],
      [...header, 3, 0],
      [...header, 4, 0],
      [...header, 0, 2],
      [...header, 0, 1, ...Array<number>(32).fill(0)],
      [...header, 0, 1, ...Array<number>(32).fill(255)],
    ])
      expect(() => decodeTreeMultiProof(Uint8Array.from(bytes))).toThrow(TreeProofError);
  });

  it('decodes to the same bytes or not at all', () => {
    const small = fc.nat({ max: 5 });
    fc.assert(
      fc.property(small, small, fc.uint8Array({ maxLength: 70 }), (nodes, siblings, rest) => {
        const input = Uint8Array.of(0, 0, 0, nodes, 0, 0, 0, siblings, ...rest);
        let proof: TreeMultiProof;
        try {
          proof = decodeTreeMultiProof(input);
        } catch {
          return;
        }
        expect(encodeTreeMultiProof(proof)).toEqual(input);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the verifiers', () => {
  it('stand alone: what they import reaches neither the stores nor LMDB', () => {
    const source = join(dirname(fileURLToPath(import.meta.url)), '../src');
    const reached = new Set<string>();
    const packages = new Set<string>();
    const follow = (file: string) => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const [, target] of readFileSync(file, 'utf8').matchAll(/from '([^']+)'/g)) {
        if (target!.startsWith('.')) follow(join(dirname(file), target!.replace(/\.js$/, '.ts')));
        else packages.add(target!);
      }
    };
    for (const file of [
      'tree-proof.ts',
      'tree-proof-codec.ts',
      'tree-multi-proof.ts',
      'tree-multi-proof-codec.ts',
    ])
      follow(join(source, file));
    expect([...packages]).toEqual(['@polyproof/base']);
    expect(
      [...reached].filter((file) =>
        /store|account-tree|hash-pool|state-tree/.test(file.slice(source.length)),
      ),
    ).toEqual([]);
    expect(reached.size).toBeGreaterThan(8);
  });
});
