import { FIELD_MODULUS, type Field } from '@polyproof/base';
import { TreeProofError } from './errors.js';
import { pathBit, samePath } from './path.js';
import { hashNode } from './tree-node.js';

/** Inclusion or exclusion of a key. `siblings[0]` is the root's other child; the path ends at `terminal`. */
export interface TreeProof {
  siblings: Field[];
  terminal: { kind: 'leaf'; key: Field; value: Field } | { kind: 'empty' };
}

/** bits of a key, and so the greatest depth of a leaf */
export const MAX_DEPTH = 254;

/**
 * Checks a proof against a root.
 * @returns the value under `key`, or undefined where the proof shows that the key is absent
 * @throws {TreeProofError} when the proof does not lead to the root, or ends at a leaf that is not on the path
 */
export function verifyTreeProof(root: Field, key: Field, proof: TreeProof): Field | undefined {
  const { siblings, terminal } = proof;
  const wrong = (what: string) =>
    new TreeProofError('BAD_TREE_PROOF', `the tree proof is wrong: ${what}.`, { root, key });
  if (siblings.length > MAX_DEPTH)
    throw wrong(`${siblings.length} siblings, at most ${MAX_DEPTH} are possible`);
  const fields = [
    root,
    key,
    ...siblings,
    ...(terminal.kind === 'leaf' ? [terminal.key, terminal.value] : []),
  ];
  for (const field of fields)
    if (field < 0n || field >= FIELD_MODULUS) throw wrong(`${field} is not a field element`);
  if (terminal.kind === 'leaf' && !samePath(key, terminal.key, siblings.length))
    throw wrong('it ends at a leaf that is not on the path of the key');

  let hash = terminal.kind === 'leaf' ? hashNode(terminal) : 0n;
  for (let depth = siblings.length - 1; depth >= 0; depth--) {
    const sibling = siblings[depth]!;
    hash = pathBit(key, depth)
      ? hashNode({ kind: 'inner', left: sibling, right: hash })
      : hashNode({ kind: 'inner', left: hash, right: sibling });
  }
  if (hash !== root) throw wrong(`it leads to root ${hash} instead of ${root}`);
  return terminal.kind === 'leaf' && terminal.key === key ? terminal.value : undefined;
}
