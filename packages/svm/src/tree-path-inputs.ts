import { type Field, fieldToHex } from '@polyproof/base';
import {
  type Account,
  accountValue,
  type Children,
  commonPathLength,
  hashNode,
  MemoryNodeStore,
  pathDigit,
  type Siblings,
  StateTree,
  siblingsOf,
  type TreeNode,
} from '@polyproof/state';
import { circuitPath } from './circuit-order.js';
import type { BatchWitness } from './witness.js';

/** An account that a batch touches, before and after it. */
export interface TreeRow {
  key: Field;
  before: Account | null;
  after: Account | null;
}

/** Where an account sits in the tree: `Place` in circuits/lib/src/tree.nr, with the siblings of its path. */
interface Place {
  depth: number;
  absentDepth: number;
  otherIsLeaf: boolean;
  other: Children<Field>;
  siblings: Siblings[];
}

const NOTHING: Children<Field> = [0n, 0n, 0n, 0n];
const NO_TURN = [false, false];
const DIGIT_BITS = 2n;

export const EMPTY_LEVEL = { siblings: ['0', '0', '0'], digit: NO_TURN };

export const EMPTY_PLACE = {
  depth: '0',
  absent_depth: '0',
  other_is_leaf: false,
  other: ['0', '0', '0', '0'],
  ...EMPTY_LEVEL,
  key_rest: '0',
  other_rest: '0',
};

/** Updates the accounts one after the other and notes the path of each, from its leaf to the root. */
export function treePathInputs(
  witness: Pick<BatchWitness, 'nodes' | 'prevStateRoot'>,
  rows: readonly TreeRow[],
) {
  const tree = new StateTree(MemoryNodeStore.of(witness.nodes), witness.prevStateRoot);
  const places: (typeof EMPTY_PLACE)[] = [];
  const levels: (typeof EMPTY_LEVEL)[] = [];
  for (const row of rows) {
    const { key } = row;
    const place = placeOf(tree, row);
    const { depth } = place;
    const rest = (other: Field) => String(circuitPath(other) >> (DIGIT_BITS * BigInt(depth)));
    places.push({
      depth: String(depth),
      absent_depth: String(place.absentDepth),
      other_is_leaf: place.otherIsLeaf,
      other: place.other.map(fieldToHex),
      ...(depth === 0 ? EMPTY_LEVEL : levelOf(place.siblings[depth - 1]!, pathDigit(key, depth - 1))),
      key_rest: rest(key),
      other_rest: place.otherIsLeaf ? rest(place.other[0]) : '0',
    });
    for (let level = depth - 2; level >= 0; level--)
      levels.push(levelOf(place.siblings[level]!, pathDigit(key, level)));
    if (depth < 2) levels.push(EMPTY_LEVEL);
    tree.update(new Map([[key, row.after === null ? null : accountValue(row.after)]]));
  }
  return {
    places,
    siblings: levels.map(({ siblings }) => siblings),
    digits: levels.map(({ digit }) => digit),
  };
}

/** A level as the circuit has it: first the sibling whose digit has the same upper bit, then the others. */
function levelOf([a, b, c]: Siblings, digit: number): typeof EMPTY_LEVEL {
  return {
    siblings: (digit < 2 ? [a, b, c] : [c, a, b]).map(fieldToHex),
    digit: [(digit & 1) === 1, digit >= 2],
  };
}

function placeOf(tree: StateTree, row: TreeRow): Place {
  const { siblings, terminal, neighbour } = tree.locate(row.key);
  const depth = siblings.length;
  const inPlace = { depth, absentDepth: depth, otherIsLeaf: false, siblings };
  if (row.before === null) {
    return terminal.kind === 'leaf'
      ? besideLeaf(row.key, siblings, terminal)
      : { ...inPlace, other: childrenOf(neighbour) };
  }
  if (row.after !== null) return { ...inPlace, other: NOTHING };
  if (neighbour?.kind !== 'leaf') return { ...inPlace, other: childrenOf(neighbour) };
  // The leaf beside a deleted one moves up to its shortest prefix.
  let absentDepth = depth - 1;
  while (absentDepth > 0 && siblings[absentDepth - 1]!.every((sibling) => sibling === 0n)) absentDepth -= 1;
  return { depth, absentDepth, otherIsLeaf: true, other: fieldsOf(neighbour), siblings };
}

/** The place of an absent key whose path ends in another leaf: where both would sit. */
function besideLeaf(key: Field, siblings: Siblings[], leaf: TreeNode & { kind: 'leaf' }): Place {
  const absentDepth = siblings.length;
  const last = commonPathLength(key, leaf.key);
  const hash = hashNode(leaf);
  const turn = pathDigit(leaf.key, last);
  const child = (digit: number) => (digit === turn ? hash : 0n);
  const beside = siblingsOf([child(0), child(1), child(2), child(3)], pathDigit(key, last));
  return {
    depth: last + 1,
    absentDepth,
    otherIsLeaf: true,
    other: fieldsOf(leaf),
    siblings: [...siblings, ...Array<Siblings>(last - absentDepth).fill([0n, 0n, 0n]), beside],
  };
}

function fieldsOf(leaf: TreeNode & { kind: 'leaf' }): Children<Field> {
  return [leaf.key, leaf.value, 0n, 0n];
}

function childrenOf(node: TreeNode | undefined): Children<Field> {
  return node?.kind === 'inner' ? node.children : NOTHING;
}
