import type { Field } from '@polyproof/base';
import { compressFields, hashFields } from '../src/hashing.js';

/** The tree's definition, written as plainly as possible: built anew from the whole set. */
export function naiveRoot(entries: ReadonlyMap<Field, Field>): Field {
  return subtree([...entries], 0n);
}

function subtree(entries: [Field, Field][], depth: bigint): Field {
  const [first] = entries;
  if (first === undefined) return 0n;
  if (entries.length === 1) return hashFields([1n, first[0], first[1]]);
  const child = (digit: bigint) =>
    subtree(
      entries.filter(([key]) => ((key >> (2n * depth)) & 3n) === digit),
      depth + 1n,
    );
  return compressFields([child(0n), child(1n), child(2n), child(3n)]);
}

/** Depth at which `key` sits or would sit, from the definition. */
export function naiveDepth(entries: ReadonlyMap<Field, Field>, key: Field): number {
  let depth = 0;
  for (const other of entries.keys()) {
    if (other === key) continue;
    let common = 0;
    while (((key >> BigInt(2 * common)) & 3n) === ((other >> BigInt(2 * common)) & 3n)) common++;
    depth = Math.max(depth, common + 1);
  }
  return depth;
}
