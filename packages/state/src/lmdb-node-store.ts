import { type Field, fieldToBytes } from '@polyproof/base';
import type { Database } from 'lmdb';
import type { NodeStore } from './node-store.js';
import { decodeNode, encodeNode, type TreeNode } from './tree-node.js';

/**
 * Tree nodes in an LMDB database (opened with binary keys and values).
 *
 * Writes are kept in memory until {@link flush}, which the owner calls in its own transaction, so that nodes and
 * the root that needs them become durable together.
 */
export class LmdbNodeStore implements NodeStore {
  readonly #database: Database<Buffer, Buffer>;
  readonly #pending = new Map<Field, TreeNode>();

  constructor(options: { database: Database<Buffer, Buffer> }) {
    this.#database = options.database;
  }

  get(hash: Field): TreeNode | undefined {
    const pending = this.#pending.get(hash);
    if (pending !== undefined) return pending;
    const bytes = this.#database.get(nodeKey(hash));
    return bytes === undefined ? undefined : decodeNode(bytes);
  }

  put(hash: Field, node: TreeNode): void {
    this.#pending.set(hash, node);
  }

  /** Writes what is pending into the current transaction. */
  flush(): void {
    for (const [hash, node] of this.#pending)
      this.#database.putSync(nodeKey(hash), Buffer.from(encodeNode(node)));
    this.#pending.clear();
  }

  /** Forgets what is pending. */
  discard(): void {
    this.#pending.clear();
  }
}

function nodeKey(hash: Field): Buffer {
  return Buffer.from(fieldToBytes(hash));
}
