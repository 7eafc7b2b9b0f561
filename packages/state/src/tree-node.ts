import { concatBytes, type Field, fieldFromBytes, fieldToBytes } from '@polyproof/base';
import { TreeNodeError } from './errors.js';
import { hashFields } from './hashing.js';

/** A node of the state tree. A child of 0 is an empty subtree, which has no node. */
export type TreeNode =
  | { kind: 'leaf'; key: Field; value: Field }
  | { kind: 'inner'; left: Field; right: Field };

const DOMAIN_LEAF = 1n;
const DOMAIN_INNER = 2n;
const LEAF_TAG = 0;
/** tags of inner nodes are 1 + (has left ? 1 : 0) + (has right ? 2 : 0) */
const INNER_TAG = 1;

/** The hash under which a node is stored. Tags keep leaves and inner nodes apart. */
export function hashNode(node: TreeNode): Field {
  return node.kind === 'leaf'
    ? hashFields([DOMAIN_LEAF, node.key, node.value])
    : hashFields([DOMAIN_INNER, node.left, node.right]);
}

/** A tag byte, then 32 bytes for each field that is needed: empty children take no room. */
export function encodeNode(node: TreeNode): Uint8Array {
  if (node.kind === 'leaf')
    return concatBytes(Uint8Array.of(LEAF_TAG), fieldToBytes(node.key), fieldToBytes(node.value));
  const tag = INNER_TAG + (node.left === 0n ? 0 : 1) + (node.right === 0n ? 0 : 2);
  const children = [node.left, node.right].filter((child) => child !== 0n).map(fieldToBytes);
  return concatBytes(Uint8Array.of(tag), ...children);
}

/** @throws {TreeNodeError} when the bytes are not what {@link encodeNode} writes */
export function decodeNode(bytes: Uint8Array): TreeNode {
  const tag = bytes[0] ?? 255;
  const fields: Field[] = [];
  for (let at = 1; at + 32 <= bytes.length; at += 32)
    fields.push(fieldFromBytes(bytes.subarray(at, at + 32)));
  const hasLeft = tag === INNER_TAG + 1 || tag === INNER_TAG + 3;
  const hasRight = tag === INNER_TAG + 2 || tag === INNER_TAG + 3;
  const expected = tag === LEAF_TAG ? 2 : Number(hasLeft) + Number(hasRight);
  if (expected === 0 || bytes.length !== 1 + 32 * expected)
    throw new TreeNodeError('BAD_NODE_BYTES', `${bytes.length} bytes with tag ${tag} do not encode a node.`);
  const [first, second] = [fields[0] ?? 0n, fields[1] ?? 0n];
  if (tag === LEAF_TAG) return { kind: 'leaf', key: first, value: second };
  return { kind: 'inner', left: hasLeft ? first : 0n, right: hasLeft ? second : first };
}
