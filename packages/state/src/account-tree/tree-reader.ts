import { bytesToBigInt, type Field, fieldToBytes } from '@polyproof/base';
import { TreePageError } from '../errors.js';
import type { MultiProofNode, TreeMultiProof } from '../tree-multi-proof.js';
import type { TreeNode } from '../tree-node.js';
import { MAX_DEPTH, type TreeProof } from '../tree-proof.js';
import { PAGE_LEVELS, Page } from './page.js';
import { hashBytes, type PlaceInner, type PlaceLeaf, type PlaceNode } from './place-node.js';
import { commonTurns, comparePaths, pathOf, placeName, turnsRight } from './tree-path.js';

/** Reads the tree under one root. */
export class TreeReader {
  readonly #root: PlaceNode | null;
  readonly #readPage: (name: Buffer) => Uint8Array;

  constructor(root: PlaceNode | null, readPage: (name: Buffer) => Uint8Array) {
    this.#root = root;
    this.#readPage = readPage;
  }

  prove(key: Field): TreeProof {
    const path = pathOf(fieldToBytes(key));
    const siblings: Field[] = [];
    let node = this.#root;
    while (node !== null && !node.leaf) {
      const [left, right]: Children = this.#children(node, path, siblings.length);
      const toRight = turnsRight(path, siblings.length);
      siblings.push(hashOf(toRight ? left : right));
      node = toRight ? right : left;
    }
    return { siblings, terminal: node === null ? { kind: 'empty' } : leafOf(node) };
  }

  /** See {@link TreeMultiProof}; a key given twice counts once. */
  proveMany(keys: readonly Field[]): TreeMultiProof {
    const nodes: MultiProofNode[] = [];
    const siblings: Field[] = [];
    this.#visit(keys, {
      node: (node) =>
        void nodes.push(node === null ? { kind: 'empty' } : node.leaf ? leafOf(node) : { kind: 'inner' }),
      sibling: (node) => void siblings.push(hashOf(node)),
    });
    return { nodes, siblings };
  }

  /** The nodes on the paths of the keys and those beside them. */
  nodesFor(keys: readonly Field[]): TreeNode[] {
    const nodes: TreeNode[] = [];
    const add = (node: PlaceNode | null, path: Uint8Array, depth: number) => {
      if (node === null) return;
      if (node.leaf) nodes.push(leafOf(node));
      else {
        const [left, right] = this.#children(node, path, depth);
        nodes.push({ kind: 'inner', left: hashOf(left), right: hashOf(right) });
      }
    };
    this.#visit(keys, { node: add, sibling: add });
    return nodes;
  }

  depthBound(key: Field): number {
    const path = pathOf(fieldToBytes(key));
    let node = this.#root;
    let depth = 0;
    for (; node !== null && !node.leaf; depth++) {
      const { page, slot } = this.#place(node, path, depth);
      node = page.node(2 * slot + (turnsRight(path, depth) ? 1 : 0));
    }
    if (node === null) return depth;
    const common = commonTurns(path, pathOf(node.key));
    // 256: the leaf is the key's own
    return common > MAX_DEPTH ? depth : 1 + common;
  }

  /** Walks all paths at once, parents first, left before right. */
  #visit(keys: readonly Field[], visitor: { node: Visit; sibling: Visit }): void {
    const paths = keys.map((key) => pathOf(fieldToBytes(key))).sort(comparePaths);
    const visit = (node: PlaceNode | null, depth: number, from: number, to: number): void => {
      const path = paths[from]!;
      visitor.node(node, path, depth);
      if (node === null || node.leaf) return;
      const children = this.#children(node, path, depth);
      let middle = from;
      while (middle < to && !turnsRight(paths[middle]!, depth)) middle++;
      const halves = [
        [from, middle],
        [middle, to],
      ] as const;
      halves.forEach(([start, end], side) => {
        const child = children[side]!;
        if (start < end) visit(child, depth + 1, start, end);
        else visitor.sibling(child, turned(path, depth), depth + 1);
      });
    };
    if (paths.length > 0) visit(this.#root, 0, 0, paths.length);
  }

  /** Children of the inner node at `depth` on the path. */
  #children(node: PlaceInner, path: Uint8Array, depth: number): Children {
    const { page, slot } = this.#place(node, path, depth);
    return [page.node(2 * slot), page.node(2 * slot + 1)];
  }

  /** The page that holds the children of an inner node, and the node's slot there. */
  #place(node: PlaceInner, path: Uint8Array, depth: number): { page: Page; slot: number } {
    if (depth % PAGE_LEVELS === 0) return { page: new Page(this.#readPage(placeName(path, depth))), slot: 1 };
    if (node.page === undefined)
      throw new TreePageError('BAD_TREE_PAGE', `an inner node at depth ${depth} has no page.`);
    return { page: node.page, slot: node.slot };
  }
}

type Children = readonly [PlaceNode | null, PlaceNode | null];
type Visit = (node: PlaceNode | null, path: Uint8Array, depth: number) => void;

/** A path that takes the other turn at `depth`. */
function turned(path: Uint8Array, depth: number): Uint8Array {
  const other = path.slice();
  other[depth >> 3]! ^= 0x80 >> (depth & 7);
  return other;
}

function hashOf(node: PlaceNode | null): Field {
  return node === null ? 0n : bytesToBigInt(hashBytes(node));
}

function leafOf(leaf: PlaceLeaf): { kind: 'leaf'; key: Field; value: Field } {
  return { kind: 'leaf', key: bytesToBigInt(leaf.key), value: bytesToBigInt(leaf.value) };
}
