import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EventHub, type Logger, Mutex, type Service, takeLock } from '@polyproof/base';
import { initHashing } from '@polyproof/state';
import { BankError } from '../errors.js';
import { checkProvable } from '../provable.js';
import { checkRollupConfig, type RollupConfig } from '../rollup-config.js';
import { resolveTransaction } from '../runtime/resolve/resolve-transaction.js';
import type {
  AccountSource,
  BlockRuntime,
  ExecutedBlock,
  RuntimeContext,
  RuntimeTransaction,
} from '../runtime/types.js';
import type { Transaction } from '../transaction.js';
import type { Batch } from '../types.js';
import { appendBlock, notIncluded } from './append-block.js';
import { BankView } from './bank-view.js';
import { publicBlock } from './block-record.js';
import { checkDeposits } from './check-deposits.js';
import { closeBatch } from './close-batch.js';
import { committedBlock } from './committed-block.js';
import { Ledger } from './ledger.js';
import {
  checkLedgerOptions,
  DEFAULT_ACCOUNT_CACHE_BYTES,
  DEFAULT_HISTORY_SLOTS,
  DEFAULT_KEEP_BATCHES,
  DEFAULT_MAX_BATCH_BYTES,
  type LedgerOptions,
} from './ledger-options.js';
import { rollBack } from './roll-back.js';
import { sift, withoutUnprovable } from './sift.js';
import { feeForMessage, simulate } from './simulate.js';
import { messageName } from './status-cache.js';
import type {
  BankEvents,
  BankReader,
  ProducedBlock,
  QueuedDeposit,
  SimulateOptions,
  Simulation,
} from './types.js';

const NOTHING_EXECUTED: ExecutedBlock = { executed: [], deferred: [], poisonous: [], accounts: [], cost: 0 };

export interface BankOptions {
  /** holds the bank's database; created where it does not exist */
  directory: string;
  config: RollupConfig;
  /** Slots whose transactions are kept. Default 216,000: a day of blocks of 400 ms. At least 512. */
  historySlots?: number;
  /** Closed batches that can be rolled back, and under whose roots accounts can be proved. Default 256. */
  keepBatches?: number;
  /** Most bytes of batch data in a batch, with execution `any`; the circuit sets the limit with `zk`. Default 750,000. */
  maxBatchBytes?: number;
  /** Bound of the accounts kept in memory. Default 128 MiB. */
  accountCacheBytes?: number;
  /** Threads that hash the state tree. Default: the cores of the machine. */
  hashThreads?: number;
  /** Bound of the pages of the state tree kept in memory. Default 128 MiB. */
  treeCacheBytes?: number;
}

export interface BankModules {
  /** Makes what executes blocks, on the accounts of this bank; it is closed with the bank. */
  runtime: (accounts: AccountSource) => BlockRuntime;
  logger: Logger;
  /** milliseconds since 1970; default `Date.now` */
  now?: () => number;
}

/**
 * The state of the rollup and its history: has blocks executed, keeps accounts and their tree, and cuts blocks into
 * batches. Every block and every batch is one database transaction, on disk before anybody is told of it.
 */
export class Bank extends BankView implements BankReader, Service {
  readonly #ledger: Ledger;
  readonly #runtime: BlockRuntime;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #unlock: () => void;
  readonly #mutex = new Mutex();
  readonly #events: EventHub<BankEvents>;
  #closed = false;

  /**
   * @throws {RollupConfigError} when the configuration is not valid
   * @throws {BankError} `CONFIG_MISMATCH` when the directory belongs to another rollup, `BAD_DATABASE`, `BAD_OPTIONS`
   * @throws {LockError} `DIRECTORY_IN_USE` when another bank has it open
   */
  static async open(options: BankOptions, modules: BankModules): Promise<Bank> {
    await initHashing();
    checkRollupConfig(options.config);
    const now = modules.now ?? Date.now;
    const ledgerOptions: LedgerOptions = {
      directory: options.directory,
      config: options.config,
      execution: options.config.execution ?? 'zk',
      historySlots: options.historySlots ?? DEFAULT_HISTORY_SLOTS,
      keepBatches: options.keepBatches ?? DEFAULT_KEEP_BATCHES,
      maxBatchBytes: options.maxBatchBytes ?? DEFAULT_MAX_BATCH_BYTES,
      accountCacheBytes: options.accountCacheBytes ?? DEFAULT_ACCOUNT_CACHE_BYTES,
      hashThreads: options.hashThreads,
      treeCacheBytes: options.treeCacheBytes,
      genesisTimestamp: seconds(now()),
    };
    checkLedgerOptions(ledgerOptions);
    mkdirSync(options.directory, { recursive: true });
    const unlock = takeLock(join(options.directory, 'bank.lock'));
    try {
      const ledger = await Ledger.open(ledgerOptions, { logger: modules.logger });
      try {
        return new Bank(ledger, unlock, modules);
      } catch (error) {
        await ledger.close();
        throw error;
      }
    } catch (error) {
      unlock();
      throw error;
    }
  }

  private constructor(ledger: Ledger, unlock: () => void, modules: BankModules) {
    super(ledger);
    this.#ledger = ledger;
    this.#unlock = unlock;
    this.#logger = modules.logger;
    this.#now = modules.now ?? Date.now;
    this.#events = new EventHub(modules.logger);
    this.#runtime = modules.runtime({ get: (address) => ledger.accounts.get(address) });
  }

  /**
   * What execution has to know of a transaction, on the state after the last block.
   * @throws {TransactionRejectedError} where no block could contain it
   * @throws {NotProvableError} where the rollup has to prove it and cannot
   */
  resolve(transaction: Transaction): RuntimeTransaction {
    if (this.execution === 'zk') checkProvable(transaction.message);
    return resolveTransaction(transaction, {
      accounts: this.#ledger.accounts,
      slot: this.slot + 1n,
      slotHashes: this.#ledger.recent.slotHashes,
      isBlockhashRecent: (hash) => this.isBlockhashRecent(hash),
    });
  }

  /** Whether one of the last 150 blocks contains the same message. */
  hasProcessed(transaction: Transaction): boolean {
    return this.#ledger.statuses.has(messageName(transaction));
  }

  /** Whether the transaction killed the engine once. */
  isPoisonous(transaction: Transaction): boolean {
    return this.#ledger.poison.size > 0 && this.#ledger.poison.has(messageName(transaction));
  }

  /** Whether `transaction` fits in the open batch, after `pending`, the ones chosen for the same block. */
  fits(transaction: Transaction, pending: readonly Transaction[] = []): boolean {
    return this.#ledger.batch.fits([...pending, transaction]);
  }

  /** How many of these, from the first on, fit in the open batch together. */
  fitting(transactions: readonly Transaction[]): number {
    return this.#ledger.batch.fitting(transactions);
  }

  /**
   * Has candidates executed as the next block, in this order. On disk when it resolves; where it throws, nothing has
   * changed, and the same call may be made again.
   * @param options - `isForced`: the base chain says what is in the block, and prescribes what stands for blockhashes in it
   * @throws {NotProvableError} when the rollup has to prove one of them and cannot
   * @throws {BankError} `BATCH_FULL` when they do not fit in the open batch
   */
  produceBlock(
    candidates: readonly RuntimeTransaction[],
    options: { deadlineMs?: number; isForced?: boolean } = {},
  ): Promise<ProducedBlock> {
    return this.#mutex.run(async () => {
      this.#assertOpen();
      const ledger = this.#ledger;
      if (this.execution === 'zk')
        for (const { transaction } of candidates) checkProvable(transaction.message);
      const sifted = sift(candidates, {
        hasProcessed: (transaction) => this.hasProcessed(transaction),
        isPoisonous: (transaction) => this.isPoisonous(transaction),
        isBlockhashRecent: (hash) => options.isForced === true || this.isBlockhashRecent(hash),
        resolve: (transaction) => this.resolve(transaction),
      });
      const { accepted, refused } = withoutUnprovable(sifted, ledger.batch);
      const limit = ledger.batch.exceeded(accepted.map(({ transaction }) => transaction));
      if (limit !== undefined)
        throw new BankError(
          'BATCH_FULL',
          `${accepted.length} transactions do not fit in batch ${this.openBatch.number}, which has no room for so many ${limit}: close it first.`,
          { ...this.openBatch, limit },
        );
      const context = this.#nextContext();
      const executed =
        accepted.length === 0 ? NOTHING_EXECUTED : await this.#runtime.execute(context, accepted, options);
      const appended = await appendBlock(ledger, context, executed).catch((error: unknown) => {
        ledger.accounts.abandon();
        this.#runtime.discard();
        throw error;
      });
      this.#events.emit('blockCommitted', committedBlock(appended));
      return {
        block: publicBlock(appended.block),
        included: appended.included.map(({ transaction }) => transaction),
        rejected: [...refused, ...notIncluded(executed)],
        deferred: executed.deferred,
      };
    });
  }

  /**
   * Gives deposits to accounts, in a block without transactions with which the open batch begins: as many of them, from
   * the first on, as fit. On disk when it resolves; where it throws, nothing has changed.
   * @param deposits - in the order of the inbox, none of them credited before
   * @returns those that were credited
   * @throws {BankError} `BAD_DEPOSIT`, `BATCH_NOT_EMPTY`
   */
  creditDeposits(deposits: readonly QueuedDeposit[]): Promise<readonly QueuedDeposit[]> {
    return this.#mutex.run(async () => {
      this.#assertOpen();
      const ledger = this.#ledger;
      checkDeposits(deposits, this);
      const fitting = deposits.slice(0, ledger.batch.fittingDeposits(deposits));
      if (fitting.length === 0) return [];
      const appended = await appendBlock(ledger, this.#nextContext(), NOTHING_EXECUTED, fitting).catch(
        (error: unknown) => {
          ledger.accounts.abandon();
          throw error;
        },
      );
      this.#events.emit('blockCommitted', committedBlock(appended));
      this.#logger.info('deposits credited', { deposits: fitting.length, next: this.nextDeposit });
      return fitting;
    });
  }

  /** Ends the open batch; undefined when it holds nothing. */
  closeBatch(): Promise<Batch | undefined> {
    return this.#mutex.run(async () => {
      this.#assertOpen();
      if (this.#ledger.batch.isEmpty) return undefined;
      const batch = await closeBatch(this.#ledger);
      this.#logger.info('batch closed', { batch: batch.number, transactions: batch.transactions });
      this.#events.emit('batchClosed', { batch });
      return batch;
    });
  }

  /**
   * Goes back to the state at the end of a kept batch (0: genesis), as if nothing after it had happened.
   * @throws {BankError} `UNKNOWN_BATCH`
   */
  rollBack(batch: bigint): Promise<void> {
    return this.#mutex.run(async () => {
      this.#assertOpen();
      await rollBack(this.#ledger, batch);
      this.#runtime.discard();
      this.#logger.warn('rolled back', { batch, slot: this.slot });
      this.#events.emit('rolledBack', { batch, slot: this.slot });
    });
  }

  /**
   * Nothing takes back this batch and those before it any more: they are removed once they are beyond the ones to keep.
   * Noted on disk with the next block; to be told again after a restart does no harm.
   */
  markFinal(batch: bigint): void {
    const ledger = this.#ledger;
    if (batch > ledger.finalBatch && batch <= ledger.head.lastBatch) ledger.finalBatch = batch;
  }

  simulate(bytes: Uint8Array, options: SimulateOptions = {}): Promise<Simulation> {
    return simulate(bytes, options, {
      bank: this,
      runtime: this.#runtime,
      accounts: this.#ledger.accounts,
      context: this.#nextContext(),
    });
  }

  feeForMessage(messageBytes: Uint8Array): bigint | undefined {
    return feeForMessage(this, messageBytes);
  }

  on<Name extends keyof BankEvents>(name: Name, listener: (payload: BankEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /** Waits for a running block, then closes the runtime too. */
  close(): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.#closed) return;
      this.#closed = true;
      try {
        await this.#runtime.close();
      } finally {
        await this.#ledger.close();
        this.#unlock();
      }
    });
  }

  #assertOpen(): void {
    if (this.#closed) throw new BankError('CLOSED', 'the bank is closed.');
  }

  /** Of the block to come. */
  #nextContext(): RuntimeContext {
    const { recent } = this.#ledger;
    const now = seconds(this.#now());
    return {
      slot: this.slot + 1n,
      // time never runs backwards
      unixTimestamp: now > this.unixTimestamp ? now : this.unixTimestamp,
      blockhashes: recent.blockhashes,
      slotHashes: recent.slotHashes,
    };
  }
}

function seconds(ms: number): bigint {
  return BigInt(Math.floor(ms / 1000));
}
