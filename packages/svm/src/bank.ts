import { type Field, InvariantError, type Logger, Mutex, type Service } from '@polyproof/base';
import {
  type Account,
  accountKey,
  initHashing,
  MissingNodeError,
  StateTree,
  type TreeProof,
} from '@polyproof/state';
import { applyBlock } from './apply-block.js';
import { BankStore, type Head } from './bank-store.js';
import { BatchBudget } from './batch-budget.js';
import { decodeBatchData } from './batch-data.js';
import { genesisBlockhash, RECENT_BLOCKHASHES } from './blockhash.js';
import { BankError } from './errors.js';
import type { BlockResult, Executor } from './executor.js';
import { openHead } from './open-head.js';
import { checkProvable } from './provable.js';
import { checkRollupConfig, type RollupConfig } from './rollup-config.js';
import { sealBatch } from './seal-batch.js';
import { sift } from './sift.js';
import type { Transaction } from './transaction.js';
import type { Batch, Block, TransactionRecord } from './types.js';
import type { BatchWitness, BlockContext } from './witness.js';

export interface BankOptions {
  /** holds the bank's database; created where it does not exist */
  directory: string;
  config: RollupConfig;
}

export interface BankModules {
  /** for this bank alone; stays open when the bank closes */
  executor: Executor;
  logger: Logger;
  /** milliseconds since 1970; default `Date.now` */
  now?: () => number;
}

/**
 * The state of the rollup and its history: executes blocks, keeps the tree of accounts, and cuts blocks into
 * batches with their witnesses. Every block and every batch is one database transaction.
 */
export class Bank implements Service {
  readonly genesisBlockhash: Uint8Array;
  readonly #config: RollupConfig;
  readonly #store: BankStore;
  readonly #executor: Executor;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #mutex = new Mutex();
  #head: Head;
  #budget: BatchBudget;
  /** whether the executor's state may differ from the database's */
  #executorStale = true;
  #closed = false;

  /**
   * @throws {RollupConfigError} when the configuration is not valid
   * @throws {BankError} `CONFIG_MISMATCH` when the directory belongs to another rollup
   */
  static async open(options: BankOptions, modules: BankModules): Promise<Bank> {
    await initHashing();
    checkRollupConfig(options.config);
    const store = new BankStore({ directory: options.directory });
    try {
      const seconds = BigInt(Math.floor((modules.now ?? Date.now)() / 1000));
      return new Bank(options.config, store, openHead(store, options.config, seconds), modules);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  private constructor(config: RollupConfig, store: BankStore, head: Head, modules: BankModules) {
    this.#config = config;
    this.#store = store;
    this.#head = head;
    this.#executor = modules.executor;
    this.#logger = modules.logger;
    this.#now = modules.now ?? Date.now;
    this.genesisBlockhash = genesisBlockhash(head.configHash, head.genesisStateRoot);
    this.#budget = this.#newBudget();
  }

  /** Slot of the newest block; 0 before the first. Every slot has a block, so it is the block height too. */
  get slot(): bigint {
    return this.#head.slot;
  }

  get stateRoot(): Field {
    return this.#head.stateRoot;
  }

  get latestBlockhash(): Uint8Array {
    return this.#head.blockhashes.at(-1)!;
  }

  /** Last block that may hold a transaction with the latest blockhash. */
  get lastValidBlockHeight(): bigint {
    return this.#head.slot + BigInt(RECENT_BLOCKHASHES);
  }

  /** Transactions in blocks so far. */
  get transactionCount(): bigint {
    return this.#head.transactionCount;
  }

  /** `blocks` counts those that have transactions. */
  get openBatch(): { number: bigint; transactions: number; blocks: number } {
    const { transactions, blocks } = this.#head.open;
    return { number: this.#head.lastBatch + 1n, transactions, blocks: blocks.length };
  }

  /** Number of the newest closed batch; 0n when there is none. */
  get lastBatch(): bigint {
    return this.#head.lastBatch;
  }

  /** Whether the next block may hold a transaction with this blockhash. */
  isBlockhashRecent(hash: Uint8Array): boolean {
    return this.#head.blockhashes.some((recent) => Buffer.compare(recent, hash) === 0);
  }

  getAccount(address: Uint8Array): Account | undefined {
    return this.#store.getAccount(address);
  }

  getTransactionStatus(signature: Uint8Array): TransactionRecord | undefined {
    return this.#store.getTransaction(signature);
  }

  getBlock(slot: bigint): Block | undefined {
    return this.#store.getBlock(slot);
  }

  getBatch(number: bigint): Batch | undefined {
    return this.#store.getBatch(number);
  }

  getWitness(number: bigint): BatchWitness | undefined {
    return this.#store.getWitness(number);
  }

  /**
   * The account under a state root (the newest by default) with its proof; a proof of absence without account.
   * @throws {BankError} `UNKNOWN_ROOT` when the tree never had that root
   */
  proveAccount(
    address: Uint8Array,
    root: Field = this.stateRoot,
  ): { account?: Account; proof: TreeProof; root: Field } {
    const key = accountKey(address);
    try {
      const proof = new StateTree(this.#store.nodes, root).prove(key);
      if (proof.terminal.kind === 'empty' || proof.terminal.key !== key) return { proof, root };
      const account = this.#store.accountByValue(proof.terminal.value);
      if (account === undefined)
        throw new InvariantError('an account of the state tree is not stored', { key });
      return { account, proof, root };
    } catch (error) {
      if (!(error instanceof MissingNodeError)) throw error;
      throw new BankError('UNKNOWN_ROOT', `the state never had the root ${root}.`, { root });
    }
  }

  /** Whether `transaction` fits in the open batch, after `pending`, the ones chosen for the same block. */
  fits(transaction: Transaction, pending: readonly Transaction[] = []): boolean {
    return this.#budget.fits([...pending, transaction]);
  }

  /**
   * Executes transactions as the next block. Those that cannot be included (fee payer without funds, blockhash
   * too old, already processed, wrong signature) are left out and get a record; a block without any is empty and
   * in no batch.
   *
   * Where this throws, nothing has changed, and the same call may be made again.
   * @throws {NotProvableError} when one of them is not provable
   * @throws {BankError} `BATCH_FULL` when they do not fit in the open batch
   * @throws {ExecutorCrashedError} when the engine failed
   */
  produceBlock(transactions: readonly Transaction[]): Promise<Block> {
    return this.#mutex.run(async () => {
      this.#assertOpen();
      for (const { message } of transactions) checkProvable(message);
      const { accepted, refused } = sift(transactions, {
        hasMessage: (hash) => this.#store.hasMessage(hash),
        isBlockhashRecent: (hash) => this.isBlockhashRecent(hash),
      });
      if (!this.#budget.fits(accepted))
        throw new BankError(
          'BATCH_FULL',
          `${accepted.length} transactions do not fit in batch ${this.openBatch.number}: close it first.`,
          { ...this.openBatch },
        );
      const slot = this.#head.slot + 1n;
      const unixTimestamp = laterOf(this.#seconds(), this.#head.unixTimestamp);
      const result = await this.#execute({ slot, unixTimestamp }, accepted);
      const executed = { slot, unixTimestamp, accepted, refused, result };
      const { head, block, included } = applyBlock(this.#store, this.#head, this.#config.collector, executed);
      this.#head = head;
      this.#budget.add(included);
      if (accepted.length > 0) this.#executorStale = false;
      return block;
    });
  }

  /** Ends the open batch and keeps its witness; undefined when it holds nothing. */
  closeBatch(): Promise<Batch | undefined> {
    return this.#mutex.run(async () => {
      this.#assertOpen();
      if (this.#head.open.transactions === 0) return undefined;
      const { head, batch } = sealBatch(this.#store, this.#head, this.#config);
      this.#head = head;
      this.#budget = this.#newBudget();
      this.#logger.info('batch closed', { batch: batch.number, transactions: batch.transactions });
      return batch;
    });
  }

  /** Waits for a running block; the executor stays open. */
  close(): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.#closed) return;
      this.#closed = true;
      await this.#store.close();
    });
  }

  async #execute(context: BlockContext, transactions: readonly Transaction[]): Promise<BlockResult> {
    if (transactions.length === 0) return { outcomes: [], accounts: [] };
    if (this.#executorStale || this.#executor.needsReset) {
      await this.#executor.reset(this.#store.allAccounts());
      this.#logger.info('executor loaded', { slot: this.#head.slot });
    }
    this.#executorStale = true; // until the block is in the database
    return this.#executor.executeBlock({
      ...context,
      transactions: transactions.map(({ bytes }) => bytes),
      verifySignatures: true,
      collector: this.#config.collector,
    });
  }

  #newBudget(): BatchBudget {
    const { open } = this.#head;
    const tree = new StateTree(this.#store.nodes, open.prevStateRoot);
    const budget = new BatchBudget({ collector: this.#config.collector }, { tree });
    if (open.transactions > 0) budget.add(decodeBatchData(open.data));
    return budget;
  }

  #seconds(): bigint {
    return BigInt(Math.floor(this.#now() / 1000));
  }

  #assertOpen(): void {
    if (this.#closed) throw new BankError('CLOSED', 'the bank is closed.');
  }
}

function laterOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
