import { bytesToBigInt, concatBytes, FIELD_MODULUS, type Field, fieldToBytes } from '@polyproof/base';
import { TreeProofError } from './errors.js';
import { MAX_DEPTH, type TreeProof } from './tree-proof.js';

/**
 * Proof as bytes: kind of the terminal (0 empty, 1 leaf), number of siblings, a bit for each sibling that is not
 * empty (least significant first), the leaf's key and value, the siblings that are not empty (32 bytes each).
 */
export function encodeTreeProof(proof: TreeProof): Uint8Array {
  const { siblings, terminal } = proof;
  const bitmap = new Uint8Array(Math.ceil(siblings.length / 8));
  siblings.forEach((sibling, i) => {
    if (sibling !== 0n) bitmap[i >> 3]! |= 1 << (i & 7);
  });
  const fields = terminal.kind === 'leaf' ? [terminal.key, terminal.value] : [];
  fields.push(...siblings.filter((sibling) => sibling !== 0n));
  const head = Uint8Array.of(terminal.kind === 'leaf' ? 1 : 0, siblings.length);
  return concatBytes(head, bitmap, ...fields.map(fieldToBytes));
}

/** @throws {TreeProofError} when the bytes are not what {@link encodeTreeProof} writes */
export function decodeTreeProof(bytes: Uint8Array): TreeProof {
  const wrong = (what: string) =>
    new TreeProofError('BAD_TREE_PROOF_BYTES', `${bytes.length} bytes do not encode a tree proof: ${what}.`);
  const [kind, count] = [bytes[0], bytes[1]];
  if (kind === undefined || count === undefined) throw wrong('too short');
  if (kind > 1) throw wrong(`unknown kind ${kind}`);
  if (count > MAX_DEPTH) throw wrong(`${count} siblings`);
  const bitmap = bytes.subarray(2, 2 + Math.ceil(count / 8));
  const isSet = (i: number) => (((bitmap[i >> 3] ?? 0) >> (i & 7)) & 1) === 1;
  for (let i = count; i < bitmap.length * 8; i++) if (isSet(i)) throw wrong('a bit behind the last sibling');
  let at = 2 + Math.ceil(count / 8);
  const next = (): Field => {
    if (at + 32 > bytes.length) throw wrong('too short');
    const field = bytesToBigInt(bytes.subarray(at, at + 32));
    if (field >= FIELD_MODULUS) throw wrong(`${field} is not a field element`);
    at += 32;
    return field;
  };
  const terminal: TreeProof['terminal'] =
    kind === 1 ? { kind: 'leaf', key: next(), value: next() } : { kind: 'empty' };
  const siblings = Array.from({ length: count }, (_, i) => {
    if (!isSet(i)) return 0n;
    const sibling = next();
    if (sibling === 0n) throw wrong('an empty sibling marked as present');
    return sibling;
  });
  if (at !== bytes.length) throw wrong('bytes behind the end');
  return { siblings, terminal };
}
