import { bytesToBigInt, type Field, fieldToBytes, type Service } from '@polyproof/base';
import { accountKey } from '../account.js';
import { AccountTreeError } from '../errors.js';
import type { HashStatistics } from '../hash-pool/hash-job.js';
import { HashPool } from '../hash-pool/hash-pool.js';
import { initHashing } from '../hashing.js';
import type { TreeMultiProof } from '../tree-multi-proof.js';
import type { TreeNode } from '../tree-node.js';
import type { TreeProof } from '../tree-proof.js';
import type { DistantPart } from './compute-update.js';
import { checkAddress, type KeyedChange, valuesOf, withKeys } from './hash-accounts.js';
import { KeyCache } from './key-cache.js';
import { decodeChangedPart, encodePartJob, pagesOnPaths } from './part-codec.js';
import { syncWriter } from './sync-writer.js';
import type {
  AccountTreeModules,
  AccountTreeOptions,
  PreparedUpdate,
  TableWriter,
  TreeChange,
} from './types.js';
import { VersionedTree } from './versioned-tree.js';

const DEFAULT_CACHE_BYTES = 32 * 2 ** 20;
const DEFAULT_CACHED_KEYS = 500_000;

/**
 * The tree of accounts on disk, with the versions (ends of batches) before the open one. Every change has three
 * steps, so that it commits together with the caller's own records: prepare it, write it inside the caller's
 * transaction, adopt it after the commit. Of several prepared updates only one can be adopted.
 *
 * The tree is stored by place: a page holds a few levels below one node. When a version changes a page for the
 * first time, the page as it was goes to the history, where older versions find it.
 */
export class AccountTree implements Service {
  readonly #tree: VersionedTree;
  readonly #pool: HashPool;
  readonly #keys: KeyCache;

  /**
   * Opens the tree in its tables; an empty tree of version 1 where they are empty.
   * @throws {AccountTreeError} `BAD_OPTIONS`
   * @throws {TreePageError} when the tables hold something else
   */
  static async open(options: AccountTreeOptions, modules: AccountTreeModules): Promise<AccountTree> {
    const { keepVersions, threads } = options;
    if (!Number.isSafeInteger(keepVersions) || keepVersions < 1)
      throw new AccountTreeError('BAD_OPTIONS', `keepVersions is ${keepVersions}: give 1 or more.`);
    if (threads !== undefined && (!Number.isSafeInteger(threads) || threads < 1))
      throw new AccountTreeError('BAD_OPTIONS', `threads is ${threads}: give 1 or more.`);
    await initHashing();
    const pool = new HashPool(threads === undefined ? {} : { threads });
    try {
      return new AccountTree(options, modules, pool);
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  private constructor(options: AccountTreeOptions, modules: AccountTreeModules, pool: HashPool) {
    const { keepVersions, cacheBytes = DEFAULT_CACHE_BYTES, cachedKeys = DEFAULT_CACHED_KEYS } = options;
    this.#pool = pool;
    this.#keys = new KeyCache(cachedKeys);
    this.#tree = new VersionedTree({ keepVersions, cacheBytes }, { tables: modules.tables, hasher: pool });
  }

  /** Root of the newest state. */
  get root(): Field {
    return this.#tree.root;
  }

  /** The open version, to which changes belong; the first is 1, and version 0 is the empty tree before it. */
  get version(): bigint {
    return this.#tree.version;
  }

  /** Oldest version that can be read. */
  get oldestVersion(): bigint {
    return this.#tree.oldestVersion;
  }

  /** Threads that hash: the caller's where there is one. */
  get hashThreads(): number {
    return this.#pool.threads;
  }

  /** What these threads did so far. */
  get hashing(): Readonly<HashStatistics> {
    return this.#pool.statistics;
  }

  /**
   * Computes the tree after these changes; of two changes to an address the later counts. The tree itself stays
   * as it is until {@link adopt}.
   * @param options.after - an update that is not adopted yet, on which this one builds: so that it can be computed
   * while that one is being committed. It must be adopted before this one is written.
   * @throws {AccountError} on an address of another length, or bytes that do not encode an account
   * @throws {AccountTreeError} `OUTDATED_UPDATE` where `after` does not belong to the tree as it is now
   * @throws {HashingError} `HASHING_CLOSED` when the tree was closed
   */
  async prepare(
    changes: readonly TreeChange[],
    options: { after?: PreparedUpdate } = {},
  ): Promise<PreparedUpdate> {
    const keyed = await withKeys(changes, { hasher: this.#pool, keys: this.#keys });
    return this.#tree.prepare(keyed, {
      valuesOf: (part) => valuesOf(part, this.#pool),
      changeElsewhere: this.#pool.threads === 1 ? undefined : this.#changeElsewhere,
      after: options.after,
    });
  }

  readonly #changeElsewhere = async (
    part: DistantPart<KeyedChange>,
    readPage: (name: string) => Uint8Array,
  ) => {
    const pages = pagesOnPaths(
      part.changes.map(({ key }) => key),
      part.top.bytes,
      readPage,
    );
    return decodeChangedPart(await this.#pool.changePart(encodePartJob(part, pages)), pages);
  };

  /**
   * The end of the open version: its root stays readable under its number, and versions too old are pruned.
   * @param last - an update that is not written, with which the version ends: this one takes its place
   * @throws {AccountTreeError} `OUTDATED_UPDATE` where `last` does not belong to the tree as it is now
   */
  seal(last?: PreparedUpdate): PreparedUpdate {
    return this.#tree.seal(last);
  }

  /**
   * The state at the end of a kept version, which becomes the newest; the version after it is open again.
   * @throws {AccountTreeError} `VERSION_NOT_KEPT`
   */
  rollBack(version: bigint): PreparedUpdate {
    return this.#tree.rollBack(version);
  }

  /**
   * Puts an update into the tables. Call it inside a transaction, or with a writer that collects what is written in
   * one. Until the update is adopted, reads see the state before it.
   * @throws {AccountTreeError} `OUTDATED_UPDATE` when the tree moved on since the update was prepared
   */
  write(update: PreparedUpdate, writer: TableWriter = syncWriter): void {
    this.#tree.write(update, writer);
  }

  /**
   * Moves the tree to the update's root. Call it after the commit.
   * @throws {AccountTreeError} `OUTDATED_UPDATE` when the tree moved on since the update was prepared
   */
  adopt(update: PreparedUpdate): void {
    this.#tree.adopt(update);
  }

  /** Root at the end of a version, the open one included; undefined where it is pruned or not there yet. */
  rootOf(version: bigint): Field | undefined {
    return this.#tree.rootOf(version);
  }

  /**
   * Proof of an account or of its absence; by default at the newest state.
   * @throws {AccountTreeError} `VERSION_NOT_KEPT`
   */
  prove(address: Uint8Array, version?: bigint): TreeProof {
    return this.#tree.at(version).prove(this.keyOf(address));
  }

  /**
   * One proof of many accounts, present or absent.
   * @throws {AccountTreeError} `VERSION_NOT_KEPT`
   */
  proveMany(addresses: readonly Uint8Array[], version?: bigint): TreeMultiProof {
    return this.#tree.at(version).proveMany(addresses.map((address) => this.keyOf(address)));
  }

  /**
   * All nodes on the paths to these accounts, and those beside them that may be left alone: what a `MemoryNodeStore` needs so that a
   * `StateTree` at that root can prove, locate, change, insert and delete any of them.
   * @throws {AccountTreeError} `VERSION_NOT_KEPT`
   */
  nodesFor(addresses: readonly Uint8Array[], version?: bigint): TreeNode[] {
    return this.#tree.at(version).nodesFor(addresses.map((address) => this.keyOf(address)));
  }

  /**
   * Depth at which a leaf for the key sits or would sit, as `StateTree.depthBound`.
   * @throws {AccountTreeError} `VERSION_NOT_KEPT`
   */
  depthBound(key: Field, version?: bigint): number {
    return this.#tree.at(version).depthBound(key);
  }

  /** Key of an address, from memory where it was asked for lately. */
  keyOf(address: Uint8Array): Field {
    checkAddress(address);
    const known = this.#keys.get(address);
    if (known !== undefined) return bytesToBigInt(known);
    const key = accountKey(address);
    this.#keys.set(address, fieldToBytes(key));
    return key;
  }

  /** Ends the hashing threads. The tables stay open: they are the caller's. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}
