import { FIELD_MODULUS, type Field } from '@polyproof/base';
import { TreeProofError } from './errors.js';
import { type Children, pathDigit, samePath, WIDTH } from './path.js';
import { hashNode } from './tree-node.js';

/** The other children of an inner node on a path, in their order. */
export type Siblings = readonly [Field, Field, Field];

/** Inclusion or exclusion of a key. `siblings[0]` are the root's other children; the path ends at `terminal`. */
export interface TreeProof {
  siblings: Siblings[];
  terminal: { kind: 'leaf'; key: Field; value: Field } | { kind: 'empty' };
}

/** digits of a key, and so the greatest depth of a leaf */
export const MAX_DEPTH = 127;
export const SIBLINGS = WIDTH - 1;

/** The children but the one that a path takes. */
export function siblingsOf(children: Children<Field>, digit: number): Siblings {
  const [a, b, c] = children.filter((_, i) => i !== digit);
  return [a!, b!, c!];
}

/** All children of the node at which a path takes this turn to `child`. */
export function withSiblings(siblings: Siblings, digit: number, child: Field): Children<Field> {
  const [a, b, c, d] = siblings.toSpliced(digit, 0, child);
  return [a!, b!, c!, d!];
}

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
    throw wrong(`${siblings.length} levels of siblings, at most ${MAX_DEPTH} are possible`);
  if (siblings.some((level) => level.length !== SIBLINGS))
    throw wrong(`a level has not ${SIBLINGS} siblings`);
  const fields = [
    root,
    key,
    ...siblings.flat(),
    ...(terminal.kind === 'leaf' ? [terminal.key, terminal.value] : []),
  ];
  for (const field of fields)
    if (field < 0n || field >= FIELD_MODULUS) throw wrong(`${field} is not a field element`);
  if (terminal.kind === 'leaf' && !samePath(key, terminal.key, siblings.length))
    throw wrong('it ends at a leaf that is not on the path of the key');

  let hash = terminal.kind === 'leaf' ? hashNode(terminal) : 0n;
  for (let depth = siblings.length - 1; depth >= 0; depth--)
    hash = hashNode({
      kind: 'inner',
      children: withSiblings(siblings[depth]!, pathDigit(key, depth), hash),
    });
  if (hash !== root) throw wrong(`it leads to root ${hash} instead of ${root}`);
  return terminal.kind === 'leaf' && terminal.key === key ? terminal.value : undefined;
}
