import type { Hasher } from '../hash-pool/hasher.js';
import { WIDTH } from '../path.js';
import { copyBytes, FIELD_BYTES, type PlaceInner, type PlaceLeaf } from './place-node.js';
import type { TreeUpdate } from './tree-update.js';

const LEAF_FIELDS = 3;
const DOMAIN_LEAF = 1;
const INNER_BYTES = WIDTH * FIELD_BYTES;

/** Computes the hashes that an update lacks, all nodes of one depth at once, the deepest first. */
export async function hashUpdate({ leaves, inner }: TreeUpdate, hasher: Hasher): Promise<void> {
  await hashLeaves(leaves, hasher);
  for (let depth = inner.length - 1; depth >= 0; depth--) await hashInner(inner[depth]!, hasher);
}

async function hashLeaves(leaves: readonly PlaceLeaf[], hasher: Hasher): Promise<void> {
  const bytes = LEAF_FIELDS * FIELD_BYTES;
  const fields = new Uint8Array(leaves.length * bytes);
  leaves.forEach((leaf, i) => {
    const at = i * bytes + FIELD_BYTES;
    fields[at - 1] = DOMAIN_LEAF;
    copyBytes({ from: leaf.bytes, at: leaf.at + FIELD_BYTES, length: 2 * FIELD_BYTES }, fields, at);
  });
  const hashes = await hasher.hashMany(fields, new Uint32Array(leaves.length).fill(LEAF_FIELDS));
  leaves.forEach((leaf, i) => {
    leaf.setHash(hashes, i * FIELD_BYTES);
  });
}

async function hashInner(nodes: readonly PlaceInner[], hasher: Hasher): Promise<void> {
  if (nodes.length === 0) return;
  const fields = new Uint8Array(nodes.length * INNER_BYTES);
  nodes.forEach(({ children }, i) => {
    children!.forEach((child, digit) => {
      if (child === null) return;
      const source = { from: child.bytes, at: child.at, length: FIELD_BYTES };
      copyBytes(source, fields, i * INNER_BYTES + digit * FIELD_BYTES);
    });
  });
  const hashes = await hasher.compressMany(fields);
  nodes.forEach((node, i) => {
    node.setHash(hashes, i * FIELD_BYTES);
  });
}
