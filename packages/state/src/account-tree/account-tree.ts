import { type Field, InvariantError, type Service } from '@polyproof/base';
import type { TreeMultiProof } from '../tree-multi-proof.js';
import type { TreeNode } from '../tree-node.js';
import type { TreeProof } from '../tree-proof.js';
import type {
  AccountTreeModules,
  AccountTreeOptions,
  PreparedUpdate,
  TableWriter,
  TreeChange,
} from './types.js';

/**
 * The tree of accounts on disk, with the versions (ends of batches) before the open one. Every change has three
 * steps, so that it commits together with the caller's own records: prepare it, write it inside the caller's
 * transaction, adopt it after the commit. One change at a time.
 */
export class AccountTree implements Service {
  /** Opens the tree in its tables; an empty tree of version 1 where they are empty. */
  static open(_options: AccountTreeOptions, _modules: AccountTreeModules): Promise<AccountTree> {
    throw new InvariantError('the account tree is not there yet');
  }

  /** Root of the newest state. */
  get root(): Field {
    return this.#missing();
  }

  /** The open version, to which changes belong; the first is 1, and version 0 is the empty tree before it. */
  get version(): bigint {
    return this.#missing();
  }

  /** Oldest version that can be read. */
  get oldestVersion(): bigint {
    return this.#missing();
  }

  /**
   * Computes the tree after these changes; of two changes to an address the later counts. The tree itself stays
   * as it is until {@link adopt}.
   */
  prepare(_changes: readonly TreeChange[]): Promise<PreparedUpdate> {
    return this.#missing();
  }

  /** The end of the open version: its root stays readable under its number, and versions too old are pruned. */
  seal(): PreparedUpdate {
    return this.#missing();
  }

  /** The state at the end of a kept version, which becomes the newest; the version after it is open again. */
  rollBack(_version: bigint): PreparedUpdate {
    return this.#missing();
  }

  /** Puts an update into the tables. Call it inside a transaction. */
  write(_update: PreparedUpdate, _writer?: TableWriter): void {
    this.#missing();
  }

  /** Moves the tree to the update's root. Call it after the commit. */
  adopt(_update: PreparedUpdate): void {
    this.#missing();
  }

  /** Root at the end of a version, the open one included; undefined where it is pruned or not there yet. */
  rootOf(_version: bigint): Field | undefined {
    return this.#missing();
  }

  /** Proof of an account or of its absence; by default at the newest state. */
  prove(_address: Uint8Array, _version?: bigint): TreeProof {
    return this.#missing();
  }

  /** One proof of many accounts, present or absent. */
  proveMany(_addresses: readonly Uint8Array[], _version?: bigint): TreeMultiProof {
    return this.#missing();
  }

  /**
   * All nodes on the paths to these accounts and beside those paths: what a `MemoryNodeStore` needs so that a
   * `StateTree` at that root can prove, locate, change, insert and delete any of them.
   */
  nodesFor(_addresses: readonly Uint8Array[], _version?: bigint): TreeNode[] {
    return this.#missing();
  }

  /** Depth at which a leaf for the key sits or would sit, as `StateTree.depthBound`. */
  depthBound(_key: Field, _version?: bigint): number {
    return this.#missing();
  }

  /** Key of an address, from memory where it was asked for lately. */
  keyOf(_address: Uint8Array): Field {
    return this.#missing();
  }

  close(): Promise<void> {
    return this.#missing();
  }

  #missing(): never {
    throw new InvariantError('the account tree is not there yet');
  }
}
