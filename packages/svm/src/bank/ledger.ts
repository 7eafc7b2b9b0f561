import type { Field, Logger } from '@polyproof/base';
import { AccountTree, type AccountTreeOptions } from '@polyproof/state';
import { RECENT_BLOCKHASHES } from '../blockhash.js';
import { AccountStore } from './account-store.js';
import { BlockHistory, messageBytesOf } from './block-history.js';
import type { BlockRecord } from './block-record.js';
import { genesisLedger } from './genesis-ledger.js';
import { type Head, readHead, writeHead } from './head.js';
import { byteString, bytesOf } from './keys.js';
import type { LedgerOptions } from './ledger-options.js';
import { OpenBatch } from './open-batch.js';
import { PrioritizationFees } from './prioritization-fees.js';
import { RecentBlocks, SLOT_HASHES } from './recent-blocks.js';
import { keysWithPrefix } from './scan.js';
import { nameOfMessage, StatusCache } from './status-cache.js';
import { BankTables } from './tables.js';
import { WriteSet } from './write-set.js';

function treeOptions({ keepBatches, hashThreads, treeCacheBytes }: LedgerOptions): AccountTreeOptions {
  return {
    keepVersions: keepBatches + 1, // to the end of the batch before the oldest
    ...(hashThreads === undefined ? {} : { threads: hashThreads }),
    ...(treeCacheBytes === undefined ? {} : { cacheBytes: treeCacheBytes }),
  };
}

/** Version of the state tree that a batch made: version 1 is the genesis state, which counts as batch 0. */
export function treeVersion(batch: bigint): bigint {
  return batch + 1n;
}

/** Everything that a bank keeps, on disk and of it in memory. Changes are committed as one, then adopted. */
export class Ledger {
  readonly options: LedgerOptions;
  readonly tables: BankTables;
  readonly accounts: AccountStore;
  readonly history: BlockHistory;
  readonly tree: AccountTree;
  /** names of messages that killed the engine */
  readonly poison = new Set<string>();
  head: Head;
  /** newest batch that nothing takes back any more; may be ahead of what the head on disk says */
  finalBatch: bigint;
  newest!: BlockRecord;
  batch!: OpenBatch;
  recent!: RecentBlocks;
  statuses!: StatusCache;
  fees!: PrioritizationFees;
  /** roots that proofs can be given for, with the batch at whose end they were */
  #roots = new Map<Field, bigint>();

  /**
   * Opens the tables of a directory; new ones get the genesis state first.
   * @throws {BankError} `CONFIG_MISMATCH` or `BAD_DATABASE`
   */
  static async open(options: LedgerOptions, modules: { logger: Logger }): Promise<Ledger> {
    const tables = new BankTables({ directory: options.directory });
    const closing = [() => tables.close()];
    try {
      const tree = await AccountTree.open(treeOptions(options), { tables: tables.tree });
      closing.push(() => tree.close());
      const accounts = new AccountStore({ cacheBytes: options.accountCacheBytes }, { tables });
      const history = new BlockHistory({ tables });
      const parts = { tables, tree, accounts, history };
      const head = await genesisLedger(readHead(tables), options, parts);
      const ledger = new Ledger(options, parts, head);
      modules.logger.info('bank opened', { slot: head.slot, batches: head.lastBatch });
      return ledger;
    } catch (error) {
      for (const close of closing.reverse()) await close();
      throw error;
    }
  }

  private constructor(options: LedgerOptions, parts: LedgerParts, head: Head) {
    this.options = options;
    this.tables = parts.tables;
    this.tree = parts.tree;
    this.accounts = parts.accounts;
    this.history = parts.history;
    this.head = head;
    this.finalBatch = head.finalBatch;
    for (const key of keysWithPrefix(this.tables.poison, new Uint8Array())) this.poison.add(byteString(key));
    this.rewind(head);
    this.reload();
  }

  /** Takes a head that is on disk; the rest waits for {@link reload}. */
  rewind(head: Head): void {
    this.head = head;
    if (this.finalBatch > head.lastBatch) this.finalBatch = head.lastBatch;
    this.newest = this.history.getBlock(head.slot)!;
    this.accounts.reload(head.lastBatch + 1n);
  }

  /** Reads all that is kept in memory anew. */
  reload(): void {
    const { head } = this;
    this.recent = new RecentBlocks();
    this.statuses = new StatusCache();
    this.fees = new PrioritizationFees();
    const first = head.slot - BigInt(SLOT_HASHES - 1);
    for (let slot = first < 0n ? 0n : first; slot <= head.slot; slot++) {
      const block = this.history.getBlock(slot);
      if (block === undefined) continue;
      this.recent.add(slot, block.blockhash);
      if (slot <= head.slot - BigInt(RECENT_BLOCKHASHES)) continue;
      const rows = this.history.getTransactions(slot);
      this.statuses.addBlock(rows.map(({ bytes }) => nameOfMessage(messageBytesOf(bytes))));
    }
    this.startBatch();
    this.#roots = new Map();
    for (let batch = head.firstBatch - 1n; batch <= head.lastBatch; batch++) {
      const root = this.tree.rootOf(treeVersion(batch));
      if (root !== undefined) this.#roots.set(root, batch);
    }
  }

  /** After a batch was closed. */
  startBatch(): void {
    const { head, tree } = this;
    const number = head.lastBatch + 1n;
    const version = treeVersion(head.lastBatch);
    const prevStateRoot = tree.rootOf(version) ?? head.stateRoot;
    this.#roots.set(prevStateRoot, head.lastBatch);
    const { config, execution, maxBatchBytes } = this.options;
    const { signatures = 'sequencer' } = config;
    this.batch = new OpenBatch(
      { number, prevStateRoot, config, execution, signatures, maxBytes: maxBatchBytes },
      {
        tables: this.tables,
        tree: { depthBound: (key) => tree.depthBound(key, version) },
        getBlock: (slot) => this.history.getBlock(slot),
        accounts: this.accounts,
        accountsBefore: { get: (address) => this.accounts.at(address, number - 1n, number) },
      },
    );
  }

  /** Batch at whose end the state had a root that is kept; the open one for the newest root. */
  batchOfRoot(root: Field): bigint | undefined {
    if (root === this.head.stateRoot) return this.batch.number;
    const batch = this.#roots.get(root);
    if (batch === undefined) return undefined;
    if (batch >= this.head.firstBatch - 1n && this.tree.rootOf(treeVersion(batch)) === root) return batch;
    this.#roots.delete(root); // pruned since
    return undefined;
  }

  writeHead(writes: WriteSet, head: Head): void {
    writeHead(this.tables, writes, { ...head, finalBatch: this.finalBatch });
  }

  markPoison(writes: WriteSet, name: string): void {
    writes.mark(this.tables.poison, bytesOf(name));
  }

  newWrites(): WriteSet {
    return new WriteSet();
  }

  async close(): Promise<void> {
    await this.tree.close();
    await this.tables.close();
  }
}

export interface LedgerParts {
  tables: BankTables;
  tree: AccountTree;
  accounts: AccountStore;
  history: BlockHistory;
}
