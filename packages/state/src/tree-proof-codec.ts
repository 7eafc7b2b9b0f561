import { bytesToBigInt, concatBytes, FIELD_MODULUS, type Field, fieldToBytes } from '@polyproof/base';
import { TreeProofError } from './errors.js';
import { MAX_DEPTH, SIBLINGS, type Siblings, type TreeProof } from './tree-proof.js';

/**
 * Proof as bytes: kind of the terminal (0 empty, 1 leaf), number of levels, a bit for each of their siblings that is
 * not empty (least significant first), the leaf's key and value, the siblings that are not empty (32 bytes each).
 */
export function encodeTreeProof(proof: TreeProof): Uint8Array {
  const { terminal } = proof;
  const siblings = proof.siblings.flat();
  const bitmap = new Uint8Array(Math.ceil(siblings.length / 8));
  siblings.forEach((sibling, i) => {
    if (sibling !== 0n) bitmap[i >> 3]! |= 1 << (i & 7);
  });
  const fields = terminal.kind === 'leaf' ? [terminal.key, terminal.value] : [];
  fields.push(...siblings.filter((sibling) => sibling !== 0n));
  const head = Uint8Array.of(terminal.kind === 'leaf' ? 1 : 0, proof.siblings.length);
  return concatBytes(head, bitmap, ...fields.map(fieldToBytes));
}

/** @throws {TreeProofError} when the bytes are not what {@link encodeTreeProof} writes */
export function decodeTreeProof(bytes: Uint8Array): TreeProof {
  const wrong = (what: string) =>
    new TreeProofError('BAD_TREE_PROOF_BYTES', `${bytes.length} bytes do not encode a tree proof: ${what}.`);
  const [kind, levels] = [bytes[0], bytes[1]];
  if (kind === undefined || levels === undefined) throw wrong('too short');
  if (kind > 1) throw wrong(`unknown kind ${kind}`);
  if (levels > MAX_DEPTH) throw wrong(`${levels} levels`);
  const count = SIBLINGS * levels;
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
  const sibling = (i: number): Field => {
    if (!isSet(i)) return 0n;
    const hash = next();
    if (hash === 0n) throw wrong('an empty sibling marked as present');
    return hash;
  };
  const siblings = Array.from({ length: levels }, (_, level): Siblings => {
    const first = SIBLINGS * level;
    return [sibling(first), sibling(first + 1), sibling(first + 2)];
  });
  if (at !== bytes.length) throw wrong('bytes behind the end');
  return { siblings, terminal };
}
