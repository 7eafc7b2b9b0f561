import {
  type EventHub,
  equalBytes,
  InvariantError,
  type Logger,
  loop,
  Mutex,
  PolyproofError,
  type Service,
} from '@polyproof/base';
import {
  type BankError,
  type Batch,
  decodeTransaction,
  type RuntimeTransaction,
  type StoredBlock,
} from '@polyproof/svm';
import type { SequencerEvents } from '../events.js';
import { Pace } from './pace.js';
import type { CandidateSource, DepositSource, ForcedBatch, ForcedSource, ProducerBank } from './ports.js';
import { type Selection, takeFitting } from './take-fitting.js';

export interface BlockProducerOptions {
  /** Time between blocks. Default 400 ms, Solana's slot time. */
  blockTimeMs?: number;
  /** Most transactions that one block is offered. Default 4,096. */
  maxBlockTransactions?: number;
  /** After this time a block starts no more transactions. Default: the block time, at least 200 ms. */
  executionTimeMs?: number;
  /** Longest time that a batch stays open after its first transaction or deposit. Default 10,000 ms. */
  batchTimeoutMs?: number;
}

/** A transaction that fails a block by itself so many times is given up, if a block without it succeeds. */
const MAX_ATTEMPTS = 3;
/** Blocks are overdue after this many block times, and not before this time. */
const STALL_BLOCKS = 25;
const MIN_STALL_MS = 10_000;
const MIN_EXECUTION_MS = 200;

/**
 * Turns waiting transactions into blocks and blocks into batches.
 *
 * The mempool says what comes next. `zk`: a batch is filled to the last transaction that fits and closed, in as many blocks
 * as that takes, because batches are small and each is proved. `any`: a slot is one block, and a block that does not fit in
 * the open batch begins the next one. A slot without transactions is an empty block: time passes for clients, and no batch
 * data arises.
 */
export class BlockProducer implements Service {
  readonly #blockTimeMs: number;
  readonly #maxBlockTransactions: number;
  readonly #executionTimeMs: number;
  readonly #batchTimeoutMs: number;
  readonly #bank: ProducerBank;
  readonly #mempool: CandidateSource;
  readonly #deposits: DepositSource | undefined;
  readonly #forced: ForcedSource | undefined;
  /** A forced batch that was tried in vain, and behind which batch. */
  #unpaid: { index: bigint; behind: bigint } | undefined;
  /** A deposit that was tried in vain. */
  #hopeless: bigint | undefined;
  readonly #events: EventHub<SequencerEvents>;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #mutex = new Mutex();
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** When the open batch got its first transaction or deposit. */
  #opened: { batch: bigint; at: number } | undefined;
  /** Less after a failure, to find the transaction that causes it. */
  #limit: number;
  /** Failures of blocks with one transaction, one after the other. */
  #failures = 0;
  /** Kept only while blocks come by themselves. */
  #lastBlockAt: number | undefined;

  constructor(
    options: BlockProducerOptions,
    modules: {
      bank: ProducerBank;
      mempool: CandidateSource;
      /** Default: there are none. */
      deposits?: DepositSource;
      /** Default: there are none. */
      forced?: ForcedSource;
      events: EventHub<SequencerEvents>;
      logger: Logger;
      now?: () => number;
    },
  ) {
    this.#blockTimeMs = options.blockTimeMs ?? 400;
    this.#maxBlockTransactions = options.maxBlockTransactions ?? 4_096;
    this.#executionTimeMs = options.executionTimeMs ?? Math.max(this.#blockTimeMs, MIN_EXECUTION_MS);
    this.#batchTimeoutMs = options.batchTimeoutMs ?? 10_000;
    this.#limit = this.#maxBlockTransactions;
    this.#bank = modules.bank;
    this.#mempool = modules.mempool;
    this.#deposits = modules.deposits;
    this.#forced = modules.forced;
    this.#events = modules.events;
    this.#logger = modules.logger;
    this.#now = modules.now ?? Date.now;
  }

  /** Produces by itself from now on, until {@link close}. */
  start(): void {
    this.#lastBlockAt = this.#now();
    const pace = new Pace({ intervalMs: this.#blockTimeMs }, { now: this.#now });
    this.#running = loop({
      step: () => {
        pace.begin();
        return this.produce();
      },
      // Read before every wait: what remains of the block time once the work is done.
      get intervalMs() {
        return pace.waitMs;
      },
      signal: this.#abort.signal,
      onError: (error) => this.#logger.error('producing a block failed, trying again', {}, error),
    });
  }

  /** Whether blocks are overdue although they should come by themselves. */
  get isStalled(): boolean {
    if (this.#lastBlockAt === undefined) return false;
    return this.#now() - this.#lastBlockAt > Math.max(STALL_BLOCKS * this.#blockTimeMs, MIN_STALL_MS);
  }

  /** One slot. With `zk` it includes everything that waits. */
  produce(): Promise<void> {
    return this.#mutex.run(async () => {
      let waiting = this.#mempool.pool.size; // later arrivals go to the next slot
      do waiting -= (await this.#produceBlock(waiting)).tried;
      while (this.#bank.execution === 'zk' && waiting > 0 && this.#mayGoOn);
    });
  }

  /** As many blocks as it takes for everything that waits now; what every block defers stays. */
  drain(): Promise<void> {
    return this.#mutex.run(async () => {
      let waiting = this.#mempool.pool.size;
      let isMoving = true;
      do {
        const { done } = await this.#produceBlock(waiting);
        waiting -= done;
        isMoving = done > 0;
      } while (waiting > 0 && isMoving && this.#mayGoOn);
    });
  }

  /** Closes the open batch now; `undefined` when it holds nothing. */
  closeBatch(): Promise<Batch | undefined> {
    return this.#mutex.run(() => this.#closeBatch());
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    await this.#mutex.run(async () => undefined);
  }

  get #mayGoOn(): boolean {
    return this.#mempool.pool.size > 0 && !this.#abort.signal.aborted;
  }

  /** @returns how many transactions it tried, and how many of them do not wait any more */
  async #produceBlock(waiting: number): Promise<{ tried: number; done: number }> {
    this.#mempool.dropExpired();
    while (await this.#takeForced());
    await this.#takeDeposits();
    const transactions = await this.#select(Math.min(waiting, this.#limit));
    const deferred = await this.#execute(transactions);
    await this.#closeIfOld();
    return { tried: transactions.length, done: transactions.length - deferred };
  }

  /**
   * Makes the next batch that the base chain prescribes. It stands alone, so what is open is closed before. One that nobody
   * can pay for is tried again behind the next batch, until it is voided.
   * @returns whether there was one
   */
  async #takeForced(): Promise<boolean> {
    if (this.#forced === undefined || this.#isUnpaid(this.#forced.next())) return false;
    await this.#closeBatch();
    // What was open may have been it: a block is on disk before its batch is closed.
    const forced = this.#forced.next();
    if (forced === undefined || this.#isUnpaid(forced)) return false;
    const transaction = this.#bank.resolve(decodeTransaction(forced.wire));
    const { block, rejected } = await this.#bank.produceBlock([transaction], { isForced: true });
    this.#announce(block);
    const batch = await this.#closeBatch();
    if (batch === undefined) {
      this.#unpaid = { index: forced.index, behind: this.#bank.lastBatch };
      const reason = rejected[0]?.error;
      this.#logger.warn('a forced withdrawal cannot be included: it may be voided', {
        index: forced.index,
        reason,
      });
      return false;
    }
    if (!equalBytes(batch.data, forced.data))
      throw new InvariantError('the batch of a forced withdrawal is not the prescribed one', {
        index: forced.index,
      });
    this.#logger.info('forced withdrawal included', { index: forced.index, batch: batch.number });
    return true;
  }

  #isUnpaid(forced: ForcedBatch | undefined): boolean {
    if (forced === undefined) return true;
    return this.#unpaid?.index === forced.index && this.#unpaid.behind === this.#bank.lastBatch;
  }

  /** A batch begins with the deposits that wait. One that no batch can take must not keep transactions waiting. */
  async #takeDeposits(): Promise<void> {
    if (this.#deposits === undefined || !this.#isEmpty) return;
    const waiting = this.#deposits.waiting(this.#bank.nextDeposit);
    const next = waiting[0];
    if (next === undefined || next.index === this.#hopeless) return;
    let reason = 'it does not fit in a batch';
    try {
      if ((await this.#bank.creditDeposits(waiting)).length > 0) return;
    } catch (error) {
      const code: BankError['code'] = 'BAD_DEPOSIT';
      if (!(error instanceof PolyproofError) || error.code !== code) throw error;
      reason = error.message;
    }
    this.#hopeless = next.index;
    this.#logger.error('a deposit cannot be credited: send it back', { index: next.index, reason });
  }

  get #isEmpty(): boolean {
    const { transactions, deposits } = this.#bank.openBatch;
    return transactions === 0 && deposits === 0;
  }

  /** Takes the transactions of the next block; closes the open batch where that makes room. */
  async #select(limit: number): Promise<RuntimeTransaction[]> {
    const { pool } = this.#mempool;
    for (;;) {
      const { transactions, isCut }: Selection = takeFitting(limit, { bank: this.#bank, pool });
      if (!isCut) return transactions;
      if (!this.#isEmpty && (transactions.length === 0 || this.#bank.execution === 'any')) {
        pool.putBack(transactions);
        await this.#closeBatch();
      } else if (transactions.length > 0) return transactions;
      else this.#mempool.drop(pool.take(1), 'ExceedsBatchLimits');
    }
  }

  /** @returns how many were deferred */
  async #execute(transactions: readonly RuntimeTransaction[]): Promise<number> {
    const { pool } = this.#mempool;
    try {
      const outcome = await this.#bank.produceBlock(transactions, { deadlineMs: this.#executionTimeMs });
      this.#limit = Math.min(this.#maxBlockTransactions, 2 * this.#limit);
      if (transactions.length > 0) this.#failures = 0;
      pool.settle(outcome.included);
      this.#mempool.reject(outcome.rejected);
      pool.putBack(outcome.deferred);
      this.#announce(outcome.block);
      return outcome.deferred.length;
    } catch (error) {
      pool.putBack(transactions);
      await this.#afterFailure(transactions);
      throw error;
    }
  }

  /** Halves blocks down to the transaction that fails them, and gives it up if it is the one to blame. */
  async #afterFailure(transactions: readonly RuntimeTransaction[]): Promise<void> {
    if (transactions.length > 0) this.#limit = Math.max(1, transactions.length >> 1);
    if (transactions.length !== 1 || ++this.#failures < MAX_ATTEMPTS) return;
    this.#failures = 0;
    // Were the disk full or the engines gone, an empty block would fail too, and no transaction were at fault.
    const { block } = await this.#bank.produceBlock([]);
    this.#mempool.drop(transactions, 'ExecutionFailed');
    this.#announce(block);
  }

  #announce(block: StoredBlock): void {
    if (this.#lastBlockAt !== undefined) this.#lastBlockAt = this.#now();
    const { slot, transactions } = block;
    if (transactions > 0) this.#logger.debug('block produced', { slot, transactions });
    this.#events.emit('blockProduced', { block });
  }

  async #closeIfOld(): Promise<void> {
    const { number } = this.#bank.openBatch;
    if (this.#isEmpty) return;
    if (this.#opened?.batch !== number) this.#opened = { batch: number, at: this.#now() };
    if (this.#now() - this.#opened.at >= this.#batchTimeoutMs) await this.#closeBatch();
  }

  async #closeBatch(): Promise<Batch | undefined> {
    const batch = await this.#bank.closeBatch();
    if (batch === undefined) return undefined;
    this.#events.emit('batchClosed', { batch });
    return batch;
  }
}
