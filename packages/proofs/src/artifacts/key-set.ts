import type { Barretenberg } from '@aztec/bb.js';
import { type Field, fieldFromBytes, fieldToBytes, fieldToHex, type Hex } from '@polyproof/base';
import type { ProgramName } from '../types.js';

/** Depth and domain of the key set's tree: see circuits/lib/src/recursion.nr and hash.nr. */
export const KEY_SET_DEPTH = 3;
const DOMAIN_KEY_SET = 6n;

/** The circuits whose proofs may be children of a recursive one, by index in the key set. */
export const AGGREGABLE: readonly ProgramName[] = ['svm_batch', 'svm_batch_small', 'aggregate'];

export interface KeySet {
  keySet: Hex[];
  keySetRoot: Hex;
  keySetSiblings: Partial<Record<ProgramName, Hex[]>>;
}

/** Builds the Poseidon2 tree over the keys' hashes; unused leaves are 0. */
export async function buildKeySet(bb: Barretenberg, keyHashes: readonly Field[]): Promise<KeySet> {
  let level: Field[] = Array.from({ length: 2 ** KEY_SET_DEPTH }, (_, i) => keyHashes[i] ?? 0n);
  const leaves = level;
  const siblings = AGGREGABLE.map((): Field[] => []);
  for (let depth = 0; depth < KEY_SET_DEPTH; depth++) {
    for (const [index, path] of siblings.entries()) path.push(level[(index >> depth) ^ 1]!);
    const parents: Field[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const inputs = [DOMAIN_KEY_SET, level[i]!, level[i + 1]!].map(fieldToBytes);
      parents.push(fieldFromBytes((await bb.poseidon2Hash({ inputs })).hash));
    }
    level = parents;
  }
  return {
    keySet: leaves.map(fieldToHex),
    keySetRoot: fieldToHex(level[0]!),
    keySetSiblings: Object.fromEntries(AGGREGABLE.map((name, i) => [name, siblings[i]!.map(fieldToHex)])),
  };
}
