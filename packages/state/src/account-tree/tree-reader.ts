import { bytesToBigInt, type Field, fieldToBytes } from '@polyproof/base';
import { TreePageError } from '../errors.js';
import { type Children, WIDTH } from '../path.js';
import type { MultiProofNode, TreeMultiProof } from '../tree-multi-proof.js';
import type { TreeNode } from '../tree-node.js';
import { MAX_DEPTH, type Siblings, siblingsOf, type TreeProof } from '../tree-proof.js';
import { childSlot, PAGE_LEVELS, Page } from './page.js';
import { hashBytes, type PlaceInner, type PlaceLeaf, type PlaceNode } from './place-node.js';
import { commonTurns, comparePaths, digitAt, pathOf, placeName, withDigit } from './tree-path.js';

/** Reads the tree under one root. */
export class TreeReader {
  readonly #root: PlaceNode | null;
  readonly #readPage: (name: string) => Uint8Array;

  constructor(root: PlaceNode | null, readPage: (name: string) => Uint8Array) {
    this.#root = root;
    this.#readPage = readPage;
  }

  prove(key: Field): TreeProof {
    const path = pathOf(fieldToBytes(key));
    const siblings: Siblings[] = [];
    let node = this.#root;
    while (node !== null && !node.leaf) {
      const children: Children<PlaceNode | null> = this.#children(node, path, siblings.length);
      const digit = digitAt(path, siblings.length);
      siblings.push(siblingsOf(hashesOf(children), digit));
      node = children[digit]!;
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

  /** The nodes on the paths of the keys, and those beside them that changes there could leave alone. */
  nodesFor(keys: readonly Field[]): TreeNode[] {
    const nodes: TreeNode[] = [];
    const add = (node: PlaceNode | null, path: Uint8Array, depth: number) => {
      if (node === null) return;
      if (node.leaf) nodes.push(leafOf(node));
      else nodes.push({ kind: 'inner', children: hashesOf(this.#children(node, path, depth)) });
    };
    const sibling: Visit = (node, path, depth, isLast) => {
      if (isLast) add(node, path, depth);
    };
    this.#visit(keys, { node: add, sibling });
    return nodes;
  }

  depthBound(key: Field): number {
    const path = pathOf(fieldToBytes(key));
    let node = this.#root;
    let depth = 0;
    for (; node !== null && !node.leaf; depth++) {
      const { page, slot } = this.#place(node, path, depth);
      node = page.node(childSlot(slot, digitAt(path, depth)));
    }
    if (node === null) return depth;
    const common = commonTurns(path, pathOf(node.key));
    // 128: the leaf is the key's own
    return common > MAX_DEPTH ? depth : 1 + common;
  }

  /** Walks all paths at once, parents first, children in their order. */
  #visit(keys: readonly Field[], visitor: { node: OnPath; sibling: Visit }): void {
    const paths = keys.map((key) => pathOf(fieldToBytes(key))).sort(comparePaths);
    const visit = (node: PlaceNode | null, depth: number, from: number, to: number): void => {
      const path = paths[from]!;
      visitor.node(node, path, depth);
      if (node === null || node.leaf) return;
      const children = this.#children(node, path, depth);
      const starts = [from];
      for (let digit = 0; digit < WIDTH; digit++) {
        let end = starts[digit]!;
        while (end < to && digitAt(paths[end]!, depth) === digit) end++;
        starts.push(end);
      }
      const isVisited = (digit: number) => starts[digit]! < starts[digit + 1]!;
      const beside = children.filter((child, digit) => child !== null && !isVisited(digit)).length;
      children.forEach((child, digit) => {
        if (isVisited(digit)) visit(child, depth + 1, starts[digit]!, starts[digit + 1]!);
        else visitor.sibling(child, withDigit(path, depth, digit), depth + 1, beside === 1);
      });
    };
    if (paths.length > 0) visit(this.#root, 0, 0, paths.length);
  }

  /** Children of the inner node at `depth` on the path. */
  #children(node: PlaceInner, path: Uint8Array, depth: number): Children<PlaceNode | null> {
    const { page, slot } = this.#place(node, path, depth);
    return page.children(slot);
  }

  /** The page that holds the children of an inner node, and the node's slot there. */
  #place(node: PlaceInner, path: Uint8Array, depth: number): { page: Page; slot: number } {
    if (depth % PAGE_LEVELS === 0) return { page: new Page(this.#readPage(placeName(path, depth))), slot: 0 };
    if (node.page === undefined)
      throw new TreePageError('BAD_TREE_PAGE', `an inner node at depth ${depth} has no page.`);
    return { page: node.page, slot: node.slot };
  }
}

type OnPath = (node: PlaceNode | null, path: Uint8Array, depth: number) => void;
/** @param isLast - whether no other child is left beside the paths */
type Visit = (node: PlaceNode | null, path: Uint8Array, depth: number, isLast: boolean) => void;

function hashesOf([a, b, c, d]: Children<PlaceNode | null>): Children<Field> {
  return [hashOf(a), hashOf(b), hashOf(c), hashOf(d)];
}

function hashOf(node: PlaceNode | null): Field {
  return node === null ? 0n : bytesToBigInt(hashBytes(node));
}

function leafOf(leaf: PlaceLeaf): { kind: 'leaf'; key: Field; value: Field } {
  return { kind: 'leaf', key: bytesToBigInt(leaf.key), value: bytesToBigInt(leaf.value) };
}
