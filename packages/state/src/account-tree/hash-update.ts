import type { HashPool } from '../hash-pool/hash-pool.js';
import type { PlaceNode } from './place-node.js';
import type { TreeUpdate } from './tree-update.js';

const FIELD_BYTES = 32;
const NODE_BYTES = 3 * FIELD_BYTES;
const DOMAIN_LEAF = 1;
const DOMAIN_INNER = 2;

/** Computes the hashes that an update lacks, all nodes of one depth at once, the deepest first. */
export async function hashUpdate({ leaves, inner }: TreeUpdate, pool: HashPool): Promise<void> {
  await hashNodes(leaves, DOMAIN_LEAF, pool, ({ key, value }) => [key, value]);
  for (let depth = inner.length - 1; depth >= 0; depth--)
    await hashNodes(inner[depth]!, DOMAIN_INNER, pool, ({ children }) => [
      children?.[0]?.hash,
      children?.[1]?.hash,
    ]);
}

async function hashNodes<T extends PlaceNode>(
  nodes: readonly T[],
  domain: number,
  pool: HashPool,
  fieldsOf: (node: T) => [Uint8Array | undefined, Uint8Array | undefined],
): Promise<void> {
  if (nodes.length === 0) return;
  const fields = new Uint8Array(nodes.length * NODE_BYTES);
  nodes.forEach((node, i) => {
    const at = i * NODE_BYTES;
    fields[at + FIELD_BYTES - 1] = domain;
    const [first, second] = fieldsOf(node);
    if (first !== undefined) fields.set(first, at + FIELD_BYTES);
    if (second !== undefined) fields.set(second, at + 2 * FIELD_BYTES);
  });
  const hashes = await pool.hashMany(fields, new Uint32Array(nodes.length).fill(3));
  nodes.forEach((node, i) => {
    node.hash = hashes.subarray(i * FIELD_BYTES, (i + 1) * FIELD_BYTES);
  });
}
