import { concatBytes, type Field, fieldFromBytes, fieldToBytes } from '@polyproof/base';
import { TreeNodeError } from './errors.js';
import { compressFields, hashFields } from './hashing.js';
import { type Children, WIDTH } from './path.js';

/** A node of the state tree. A child of 0 is an empty subtree, which has no node. */
export type TreeNode =
  | { kind: 'leaf'; key: Field; value: Field }
  | { kind: 'inner'; children: Children<Field> };

const DOMAIN_LEAF = 1n;
const LEAF_TAG = 0;
/** tags of inner nodes are 1 + a bit for each child that is not empty */
const INNER_TAG = 1;

/** The hash under which a node is stored. A leaf's has a tag, and inner nodes are compressed in another way. */
export function hashNode(node: TreeNode): Field {
  return node.kind === 'leaf'
    ? hashFields([DOMAIN_LEAF, node.key, node.value])
    : compressFields(node.children);
}

/** A tag byte, then 32 bytes for each field that is needed: empty children take no room. */
export function encodeNode(node: TreeNode): Uint8Array {
  if (node.kind === 'leaf')
    return concatBytes(Uint8Array.of(LEAF_TAG), fieldToBytes(node.key), fieldToBytes(node.value));
  const tag = node.children.reduce(
    (sum, child, digit) => sum + (child === 0n ? 0 : 1 << digit),
    INNER_TAG as number,
  );
  return concatBytes(Uint8Array.of(tag), ...node.children.filter((child) => child !== 0n).map(fieldToBytes));
}

/** @throws {TreeNodeError} when the bytes are not what {@link encodeNode} writes */
export function decodeNode(bytes: Uint8Array): TreeNode {
  const tag = bytes[0] ?? 255;
  const fields: Field[] = [];
  for (let at = 1; at + 32 <= bytes.length; at += 32)
    fields.push(fieldFromBytes(bytes.subarray(at, at + 32)));
  const isTaken = (digit: number) => (((tag - INNER_TAG) >> digit) & 1) === 1;
  const taken = [0, 1, 2, 3].filter(isTaken).length;
  const expected = tag === LEAF_TAG ? 2 : tag < INNER_TAG + 2 ** WIDTH ? taken : 0;
  if (expected === 0 || bytes.length !== 1 + 32 * expected)
    throw new TreeNodeError('BAD_NODE_BYTES', `${bytes.length} bytes with tag ${tag} do not encode a node.`);
  if (tag === LEAF_TAG) return { kind: 'leaf', key: fields[0]!, value: fields[1]! };
  let next = 0;
  const child = (digit: number) => (isTaken(digit) ? fields[next++]! : 0n);
  return { kind: 'inner', children: [child(0), child(1), child(2), child(3)] };
}
