import type { Barretenberg } from '@aztec/bb.js';
import {
  type Field,
  fieldFromBytes,
  fieldFromHex,
  fieldToBytes,
  fieldToHex,
  type Hex,
} from '@polyproof/base';
import type { ProgramName } from '../types.js';

/** Depth and domain of the key set's tree: see circuits/lib/src/recursion.nr and hash.nr. */
export const KEY_SET_DEPTH = 3;
const DOMAIN_KEY_SET = 6n;

const DOMAIN_SIGNED = 13n;

/** The circuits whose proofs may be children of a recursive one, by index in the key set. */
export const AGGREGABLE: readonly ProgramName[] = ['svm_batch', 'svm_batch_small', 'aggregate'];
/** Those of the key set of signatures. */
export const SIGNED_AGGREGABLE: readonly ProgramName[] = ['svm_signatures', 'aggregate'];

export interface KeySet {
  /** key hashes of the circuits that may be aggregated, by index in the key set */
  keySet: Hex[];
  keySetRoot: Hex;
  /** inner nodes of the key set's tree: for each aggregable program, its siblings from the leaf upwards */
  keySetSiblings: Partial<Record<ProgramName, Hex[]>>;
}

/** Builds the Poseidon2 tree over the hashes of the programs' keys; unused leaves are 0. */
export async function buildKeySet(
  bb: Barretenberg,
  programs: readonly ProgramName[],
  keyHash: (program: ProgramName) => Hex,
): Promise<KeySet> {
  const keyHashes = programs.map((program) => fieldFromHex(keyHash(program)));
  let level: Field[] = Array.from({ length: 2 ** KEY_SET_DEPTH }, (_, i) => keyHashes[i] ?? 0n);
  const leaves = level;
  const siblings = programs.map((): Field[] => []);
  for (let depth = 0; depth < KEY_SET_DEPTH; depth++) {
    for (const [index, path] of siblings.entries()) path.push(level[(index >> depth) ^ 1]!);
    const parents: Field[] = [];
    for (let i = 0; i < level.length; i += 2) {
      parents.push(await hash(bb, [DOMAIN_KEY_SET, level[i]!, level[i + 1]!]));
    }
    level = parents;
  }
  return {
    keySet: leaves.map(fieldToHex),
    keySetRoot: fieldToHex(level[0]!),
    keySetSiblings: Object.fromEntries(programs.map((name, i) => [name, siblings[i]!.map(fieldToHex)])),
  };
}

/** What `final_signed` has in the place of a key set's root: the hash of both sets' roots. */
export async function signedKeySetRoot(bb: Barretenberg, batches: Hex, signatures: Hex): Promise<Hex> {
  return fieldToHex(await hash(bb, [DOMAIN_SIGNED, fieldFromHex(batches), fieldFromHex(signatures)]));
}

async function hash(bb: Barretenberg, inputs: readonly Field[]): Promise<Field> {
  return fieldFromBytes((await bb.poseidon2Hash({ inputs: inputs.map(fieldToBytes) })).hash);
}
