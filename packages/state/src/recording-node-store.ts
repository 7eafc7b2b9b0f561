import type { Field } from '@polyproof/base';
import { MemoryNodeStore, type NodeStore } from './node-store.js';
import type { TreeNode } from './tree-node.js';

/**
 * Reads through to another store and remembers every node that came from it: the witness of what was done.
 * Writes stay in memory, so that a trial leaves no trace in the other store.
 */
export class RecordingNodeStore implements NodeStore {
  readonly #source: NodeStore;
  readonly #written = new MemoryNodeStore();
  readonly #read = new Map<Field, TreeNode>();

  constructor(source: NodeStore) {
    this.#source = source;
  }

  /** Every node read from the other store, by its hash. */
  get recorded(): ReadonlyMap<Field, TreeNode> {
    return this.#read;
  }

  get(hash: Field): TreeNode | undefined {
    const node = this.#written.get(hash);
    if (node !== undefined) return node;
    const found = this.#source.get(hash);
    if (found !== undefined) this.#read.set(hash, found);
    return found;
  }

  put(hash: Field, node: TreeNode): void {
    this.#written.put(hash, node);
  }
}
