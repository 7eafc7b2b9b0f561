import type { Hasher } from '../hash-pool/hasher.js';
import { copyBytes, FIELD_BYTES, type PlaceNode } from './place-node.js';
import type { TreeUpdate } from './tree-update.js';

const NODE_BYTES = 3 * FIELD_BYTES;
const DOMAIN_LEAF = 1;
const DOMAIN_INNER = 2;

/** Computes the hashes that an update lacks, all nodes of one depth at once, the deepest first. */
export async function hashUpdate({ leaves, inner }: TreeUpdate, hasher: Hasher): Promise<void> {
  await hashNodes(leaves, hasher);
  for (let depth = inner.length - 1; depth >= 0; depth--) await hashNodes(inner[depth]!, hasher);
}

async function hashNodes(nodes: readonly PlaceNode[], hasher: Hasher): Promise<void> {
  if (nodes.length === 0) return;
  const fields = new Uint8Array(nodes.length * NODE_BYTES);
  for (let i = 0; i < nodes.length; i++) putNode(nodes[i]!, fields, i * NODE_BYTES + FIELD_BYTES);
  const hashes = await hasher.hashMany(fields, new Uint32Array(nodes.length).fill(3));
  for (let i = 0; i < nodes.length; i++) nodes[i]!.setHash(hashes, i * FIELD_BYTES);
}

function putNode(node: PlaceNode, fields: Uint8Array, at: number): void {
  fields[at - 1] = node.leaf ? DOMAIN_LEAF : DOMAIN_INNER;
  if (node.leaf) {
    copyBytes({ from: node.bytes, at: node.at + FIELD_BYTES, length: 2 * FIELD_BYTES }, fields, at);
    return;
  }
  const [left, right] = node.children!;
  if (left !== null) copyBytes({ from: left.bytes, at: left.at, length: FIELD_BYTES }, fields, at);
  if (right !== null)
    copyBytes({ from: right.bytes, at: right.at, length: FIELD_BYTES }, fields, at + FIELD_BYTES);
}
