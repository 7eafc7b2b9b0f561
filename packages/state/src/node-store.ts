import type { Field } from '@polyproof/base';
import { hashNode, type TreeNode } from './tree-node.js';

/**
 * Tree nodes by their hash. Nodes never change and are never removed, so that every root that a tree ever had
 * stays readable.
 */
export interface NodeStore {
  get(hash: Field): TreeNode | undefined;
  put(hash: Field, node: TreeNode): void;
}

export class MemoryNodeStore implements NodeStore {
  readonly #nodes = new Map<Field, TreeNode>();

  /** A store of these nodes alone, each under the hash that it really has. */
  static of(nodes: Iterable<TreeNode>): MemoryNodeStore {
    const store = new MemoryNodeStore();
    for (const node of nodes) store.put(hashNode(node), node);
    return store;
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(hash: Field): TreeNode | undefined {
    return this.#nodes.get(hash);
  }

  put(hash: Field, node: TreeNode): void {
    this.#nodes.set(hash, node);
  }
}
