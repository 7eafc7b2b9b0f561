import { type Field, fieldToHex } from '@polyproof/base';
import {
  type Account,
  accountValue,
  commonPathLength,
  hashNode,
  MemoryNodeStore,
  pathBit,
  StateTree,
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
  other: [Field, Field];
  siblings: Field[];
}

export const EMPTY_PLACE = {
  depth: '0',
  absent_depth: '0',
  other_is_leaf: false,
  other: ['0', '0'],
  key_rest: '0',
  other_rest: '0',
};

/** Updates the accounts one after the other and notes the path of each, from its leaf to the root. */
export function treePathInputs(
  witness: Pick<BatchWitness, 'nodes' | 'prevStateRoot'>,
  rows: readonly TreeRow[],
) {
  const tree = new StateTree(MemoryNodeStore.of(witness.nodes), witness.prevStateRoot);
  const places: Record<string, unknown>[] = [];
  const siblings: Field[] = [];
  const bits: boolean[] = [];
  for (const row of rows) {
    const place = placeOf(tree, row);
    siblings.push(0n);
    bits.push(false);
    for (let level = place.depth - 1; level >= 0; level--) {
      siblings.push(place.siblings[level]!);
      bits.push(pathBit(row.key, level));
    }
    places.push({
      depth: String(place.depth),
      absent_depth: String(place.absentDepth),
      other_is_leaf: place.otherIsLeaf,
      other: place.other.map(fieldToHex),
      key_rest: String(circuitPath(row.key) >> BigInt(place.depth)),
      other_rest: String(place.otherIsLeaf ? circuitPath(place.other[0]) >> BigInt(place.depth) : 0n),
    });
    tree.update(new Map([[row.key, row.after === null ? null : accountValue(row.after)]]));
  }
  return { places, siblings, bits };
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
  if (row.after !== null) return { ...inPlace, other: [0n, 0n] };
  if (neighbour?.kind !== 'leaf') return { ...inPlace, other: childrenOf(neighbour) };
  // The leaf beside a deleted one moves up to its shortest prefix.
  let absentDepth = depth - 1;
  while (absentDepth > 0 && siblings[absentDepth - 1] === 0n) absentDepth -= 1;
  return { depth, absentDepth, otherIsLeaf: true, other: [neighbour.key, neighbour.value], siblings };
}

/** The place of an absent key whose path ends in another leaf: where both would sit. */
function besideLeaf(key: Field, siblings: Field[], leaf: TreeNode & { kind: 'leaf' }): Place {
  const absentDepth = siblings.length;
  const depth = commonPathLength(key, leaf.key) + 1;
  const empty = Array.from({ length: depth - absentDepth - 1 }, () => 0n);
  return {
    depth,
    absentDepth,
    otherIsLeaf: true,
    other: [leaf.key, leaf.value],
    siblings: [...siblings, ...empty, hashNode(leaf)],
  };
}

function childrenOf(node: TreeNode | undefined): [Field, Field] {
  return node?.kind === 'inner' ? [node.left, node.right] : [0n, 0n];
}
