import { bytesToBigInt, concatBytes, FIELD_MODULUS, type Field, fieldToBytes } from '@polyproof/base';
import { TreeProofError } from './errors.js';
import type { MultiProofNode, TreeMultiProof } from './tree-multi-proof.js';

const KINDS = ['empty', 'inner', 'leaf'] as const;
const HEADER_BYTES = 8;
const FIELD_BYTES = 32;

/**
 * Proof as bytes: number of nodes and of siblings (u32be), two bits for the kind of each node (0 empty, 1 inner, 2
 * leaf; least significant first), a bit for each sibling that is not empty, key and value of each leaf, the siblings
 * that are not empty (32 bytes each). Bits behind the last are 0.
 */
export function encodeTreeMultiProof(proof: TreeMultiProof): Uint8Array {
  const { nodes, siblings } = proof;
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, nodes.length);
  view.setUint32(4, siblings.length);
  const kinds = new Uint8Array(Math.ceil(nodes.length / 4));
  nodes.forEach(({ kind }, i) => {
    kinds[i >> 2]! |= KINDS.indexOf(kind) << (2 * (i & 3));
  });
  const present = new Uint8Array(Math.ceil(siblings.length / 8));
  siblings.forEach((sibling, i) => {
    if (sibling !== 0n) present[i >> 3]! |= 1 << (i & 7);
  });
  const fields = nodes.flatMap((node) => (node.kind === 'leaf' ? [node.key, node.value] : []));
  for (const sibling of siblings) if (sibling !== 0n) fields.push(sibling);
  return concatBytes(header, kinds, present, ...fields.map(fieldToBytes));
}

/** @throws {TreeProofError} when the bytes are not what {@link encodeTreeMultiProof} writes */
export function decodeTreeMultiProof(bytes: Uint8Array): TreeMultiProof {
  const wrong = (what: string) =>
    new TreeProofError('BAD_TREE_PROOF_BYTES', `${bytes.length} bytes do not encode a tree proof: ${what}.`);
  if (bytes.length < HEADER_BYTES) throw wrong('too short');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [nodeCount, siblingCount] = [view.getUint32(0), view.getUint32(4)];
  const presentAt = HEADER_BYTES + Math.ceil(nodeCount / 4);
  let at = presentAt + Math.ceil(siblingCount / 8);
  if (bytes.length < at) throw wrong('too short');
  const bits = (start: number, index: number, width: number) =>
    (bytes[start + Math.floor((index * width) / 8)]! >> ((index * width) & 7)) & (2 ** width - 1);
  const next = (): Field => {
    if (at + FIELD_BYTES > bytes.length) throw wrong('too short');
    const field = bytesToBigInt(bytes.subarray(at, at + FIELD_BYTES));
    if (field >= FIELD_MODULUS) throw wrong(`${field} is not a field element`);
    at += FIELD_BYTES;
    return field;
  };
  const nodes = Array.from({ length: nodeCount }, (_, i): MultiProofNode => {
    const kind = KINDS[bits(HEADER_BYTES, i, 2)];
    if (kind === undefined) throw wrong('a node of unknown kind');
    return kind === 'leaf' ? { kind, key: next(), value: next() } : { kind };
  });
  const siblings = Array.from({ length: siblingCount }, (_, i): Field => {
    if (bits(presentAt, i, 1) === 0) return 0n;
    const sibling = next();
    if (sibling === 0n) throw wrong('an empty sibling marked as present');
    return sibling;
  });
  for (let i = nodeCount; i < 4 * (presentAt - HEADER_BYTES); i++)
    if (bits(HEADER_BYTES, i, 2) !== 0) throw wrong('a bit behind the last node');
  for (let i = siblingCount; i % 8 !== 0; i++)
    if (bits(presentAt, i, 1) !== 0) throw wrong('a bit behind the last sibling');
  if (at !== bytes.length) throw wrong('bytes behind the end');
  return { nodes, siblings };
}
