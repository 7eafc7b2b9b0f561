import { type EventHub, type Logger, loop, Mutex, type Service } from '@polyproof/base';
import type { Batch, Transaction } from '@polyproof/svm';
import type { DropReason, SequencerEvents } from './events.js';
import type { BankPort } from './ports.js';
import type { TransactionQueue } from './transaction-queue.js';

export interface BlockProducerOptions {
  /** Time between blocks. Default 400 ms, Solana's slot time. */
  blockTimeMs?: number;
  /** Longest time that a batch stays open after its first transaction. Default 10,000 ms. */
  batchTimeoutMs?: number;
}

/** After this many failures of a block that holds one transaction, that transaction is given up. */
const MAX_ATTEMPTS = 3;
/** Blocks are overdue after this many block times, and not before this time. */
const STALL_BLOCKS = 25;
const MIN_STALL_MS = 10_000;

/**
 * Turns waiting transactions into blocks and blocks into batches.
 *
 * Transactions go in strictly in the order of arrival: the first one that no longer fits in the open batch
 * closes it. A slot without transactions is an empty block: time passes for clients, and no batch data arises.
 */
export class BlockProducer implements Service {
  readonly #blockTimeMs: number;
  readonly #batchTimeoutMs: number;
  readonly #bank: BankPort;
  readonly #queue: TransactionQueue;
  readonly #events: EventHub<SequencerEvents>;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #mutex = new Mutex();
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** When the open batch got its first transaction. */
  #opened: { batch: bigint; at: number } | undefined;
  #failures = 0;
  /** Kept only while blocks come by themselves. */
  #lastBlockAt: number | undefined;

  constructor(
    options: BlockProducerOptions,
    modules: {
      bank: BankPort;
      queue: TransactionQueue;
      events: EventHub<SequencerEvents>;
      logger: Logger;
      now?: () => number;
    },
  ) {
    this.#blockTimeMs = options.blockTimeMs ?? 400;
    this.#batchTimeoutMs = options.batchTimeoutMs ?? 10_000;
    this.#bank = modules.bank;
    this.#queue = modules.queue;
    this.#events = modules.events;
    this.#logger = modules.logger;
    this.#now = modules.now ?? Date.now;
  }

  /** Produces by itself from now on, until {@link close}. */
  start(): void {
    this.#lastBlockAt = this.#now();
    let next = this.#now();
    const wait = () => Math.max(0, next - this.#now());
    this.#running = loop({
      step: async () => {
        // A late block does not make the following ones early.
        next = Math.max(next, this.#now()) + this.#blockTimeMs;
        await this.produce();
      },
      // Read before every wait: what remains of the block time once the work is done.
      get intervalMs() {
        return wait();
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

  /** One slot: includes what waits, in as many blocks and batches as that takes. */
  produce(): Promise<void> {
    return this.#mutex.run(async () => {
      let waiting = this.#queue.size; // later arrivals go to the next slot
      do {
        const transactions = await this.#select(waiting);
        waiting -= transactions.length;
        await this.#execute(transactions);
        await this.#closeIfOld();
      } while (waiting > 0 && this.#queue.size > 0 && !this.#abort.signal.aborted);
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

  /** Takes the transactions of the next block, up to `limit`; closes the open batch when it is full. */
  async #select(limit: number): Promise<Transaction[]> {
    const max = this.#failures > 0 ? 1 : limit; // after a failure: find the transaction that causes it
    const chosen: Transaction[] = [];
    while (chosen.length < max) {
      const transaction = this.#queue.peek();
      if (transaction === undefined) break;
      if (!this.#bank.isBlockhashRecent(transaction.message.recentBlockhash)) this.#drop('BlockhashExpired');
      else if (this.#bank.fits(transaction, chosen)) {
        this.#queue.take();
        chosen.push(transaction);
      } else if (chosen.length > 0) break;
      else if (this.#bank.openBatch.transactions > 0) await this.#closeBatch();
      else this.#drop('ExceedsBatchLimits');
    }
    return chosen;
  }

  async #execute(transactions: Transaction[]): Promise<void> {
    try {
      const block = await this.#bank.produceBlock(transactions);
      this.#failures = 0;
      if (this.#lastBlockAt !== undefined) this.#lastBlockAt = this.#now();
      this.#queue.settle(transactions);
      const included = block.signatures.length;
      if (included > 0) this.#logger.debug('block produced', { slot: block.slot, transactions: included });
      this.#events.emit('blockProduced', { block });
    } catch (error) {
      this.#queue.putBack(transactions);
      this.#failures++;
      if (transactions.length === 1 && this.#failures > MAX_ATTEMPTS) {
        this.#drop('ExecutionFailed');
        this.#failures = 0;
      }
      throw error;
    }
  }

  async #closeIfOld(): Promise<void> {
    const { number, transactions } = this.#bank.openBatch;
    if (transactions === 0) return;
    if (this.#opened?.batch !== number) this.#opened = { batch: number, at: this.#now() };
    if (this.#now() - this.#opened.at >= this.#batchTimeoutMs) await this.#closeBatch();
  }

  async #closeBatch(): Promise<Batch | undefined> {
    const batch = await this.#bank.closeBatch();
    if (batch === undefined) return undefined;
    this.#events.emit('batchClosed', { batch });
    return batch;
  }

  #drop(reason: DropReason): void {
    const transaction = this.#queue.take();
    if (transaction === undefined) return;
    this.#queue.settle([transaction]);
    this.#logger.warn('transaction dropped', { reason });
    this.#events.emit('transactionDropped', { transaction, reason });
  }
}
