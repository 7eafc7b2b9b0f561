import { FIELD_MODULUS, type Field } from '@polyproof/base';
import { TreeProofError } from './errors.js';
import { byDigit, type Children, samePath } from './path.js';
import { hashNode } from './tree-node.js';
import { MAX_DEPTH } from './tree-proof.js';

/** A place that the paths of a multi-proof's keys visit. */
export type MultiProofNode =
  | { kind: 'inner' }
  | { kind: 'empty' }
  | { kind: 'leaf'; key: Field; value: Field };

/**
 * Inclusion or exclusion of many keys at once. `nodes` are the visited places, the root first, then below each inner
 * node its children in their order; `siblings` are the children that no path visits, in the order in which that walk
 * passes them. A proof of no key is empty.
 */
export interface TreeMultiProof {
  nodes: MultiProofNode[];
  siblings: Field[];
}

/**
 * Checks a proof of many keys against a root. For a root and a set of keys there is only one proof that passes.
 * @returns for each key its value, or undefined where the proof shows that it is absent
 * @throws {TreeProofError} when the proof does not lead to the root, is not a proof of exactly these keys, or ends
 * at a leaf that is not on the path
 */
export function verifyTreeMultiProof(
  root: Field,
  keys: readonly Field[],
  proof: TreeMultiProof,
): Map<Field, Field | undefined> {
  const { nodes, siblings } = proof;
  const wrong = (what: string) =>
    new TreeProofError('BAD_TREE_PROOF', `the tree proof of ${keys.length} keys is wrong: ${what}.`, {
      root,
    });
  const checkField = (field: Field) => {
    if (field < 0n || field >= FIELD_MODULUS) throw wrong(`${field} is not a field element`);
  };
  for (const field of [root, ...keys, ...siblings]) checkField(field);

  const values = new Map<Field, Field | undefined>();
  let [nextNode, nextSibling] = [0, 0];
  const sibling = (): Field => {
    const hash = siblings[nextSibling++];
    if (hash === undefined) throw wrong('a sibling is missing');
    return hash;
  };
  const visit = (visiting: readonly Field[], depth: number): Field => {
    const node = nodes[nextNode++];
    if (node === undefined) throw wrong('a node is missing');
    if (node.kind === 'inner') {
      if (depth >= MAX_DEPTH) throw wrong(`it is deeper than the ${MAX_DEPTH} digits of a key`);
      const [a, b, c, d] = byDigit(visiting, (key) => key, depth);
      const child = (below: Field[]) => (below.length === 0 ? sibling() : visit(below, depth + 1));
      const children: Children<Field> = [child(a), child(b), child(c), child(d)];
      return hashNode({ kind: 'inner', children });
    }
    if (node.kind === 'empty') {
      for (const key of visiting) values.set(key, undefined);
      return 0n;
    }
    checkField(node.key);
    checkField(node.value);
    if (!samePath(node.key, visiting[0]!, depth))
      throw wrong('it ends at a leaf that is not on the path of a key');
    for (const key of visiting) values.set(key, key === node.key ? node.value : undefined);
    return hashNode(node);
  };

  const distinct = [...new Set(keys)];
  const hash = distinct.length === 0 ? root : visit(distinct, 0);
  if (nextNode !== nodes.length || nextSibling !== siblings.length)
    throw wrong('it has nodes that belong to none of the keys');
  if (hash !== root) throw wrong(`it leads to root ${hash} instead of ${root}`);
  return values;
}
