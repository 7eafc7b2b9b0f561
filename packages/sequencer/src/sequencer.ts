import { EventHub, type Logger, type Service } from '@polyproof/base';
import type { Batch, SignatureVerifier } from '@polyproof/svm';
import { DepositWatcher } from './deposit-watcher.js';
import type { Dropped, SequencerEvents, SubmittedSequence } from './events.js';
import { ForcedWatcher } from './forced-watcher.js';
import type { InboxWatcherOptions } from './inbox-watcher.js';
import { Mempool, type MempoolOptions, type SignatureChecks } from './mempool/mempool.js';
import type { BankPort, ForcedPort, InboxPort, SettlementPort } from './ports.js';
import { BlockProducer, type BlockProducerOptions } from './producer/block-producer.js';
import { SequenceSubmitter, type SequenceSubmitterOptions } from './sequence-submitter.js';

export interface SequencerOptions
  extends MempoolOptions,
    BlockProducerOptions,
    SequenceSubmitterOptions,
    InboxWatcherOptions {
  /** False: blocks, batches and sequences arise on demand only. Default true. */
  automatic?: boolean;
}

export interface SequencerModules {
  bank: BankPort;
  /** stays open when the sequencer closes */
  signatures: Pick<SignatureVerifier, 'verify'>;
  /** Default: none, batches stay here. */
  settlement?: SettlementPort;
  /** Default: none, nothing is deposited. */
  inbox?: InboxPort;
  /** Default: none, nothing is forced. Takes a settlement. */
  forced?: ForcedPort;
  logger: Logger;
  now?: () => number;
}

export interface SequencerStatus {
  slot: bigint;
  /** Transactions that wait for a block. */
  waitingTransactions: number;
  /** Since the start. */
  signatureChecks: SignatureChecks;
  openBatch: { number: bigint; transactions: number; blocks: number; deposits: number };
  /** Newest closed batch; 0n when there is none. */
  lastBatch: bigint;
  /** Newest batch known to be on the base chain; `undefined` before the chain has answered, and without one. */
  lastSubmittedBatch: bigint | undefined;
}

/** The rollup's sequencer: orders transactions, closes batches, submits sequences. */
export class Sequencer implements Service {
  readonly #bank: BankPort;
  readonly #mempool: Mempool;
  readonly #producer: BlockProducer;
  readonly #submitter: SequenceSubmitter | undefined;
  readonly #deposits: DepositWatcher | undefined;
  readonly #forced: ForcedWatcher | undefined;
  readonly #events: EventHub<SequencerEvents>;
  #closing: Promise<void> | undefined;

  private constructor(options: SequencerOptions, modules: SequencerModules) {
    const { forced, ...others } = modules;
    const { bank, settlement, logger } = others;
    const events = new EventHub<SequencerEvents>(logger);
    this.#bank = bank;
    this.#events = events;
    this.#mempool = new Mempool(options, {
      ...modules,
      onDropped: (transaction, dropped) => events.emit('transactionDropped', { transaction, ...dropped }),
    });
    if (modules.inbox !== undefined)
      this.#deposits = new DepositWatcher(options, { bank, inbox: modules.inbox, logger });
    if (forced !== undefined && settlement !== undefined)
      this.#forced = new ForcedWatcher(options, { bank, inbox: forced, settlement, logger });
    this.#producer = new BlockProducer(options, {
      ...others,
      mempool: this.#mempool,
      ...(this.#deposits === undefined ? {} : { deposits: this.#deposits }),
      ...(this.#forced === undefined ? {} : { forced: this.#forced }),
      events,
    });
    this.#submitter =
      settlement === undefined
        ? undefined
        : new SequenceSubmitter(options, { ...modules, settlement, events });
  }

  static async open(options: SequencerOptions, modules: SequencerModules): Promise<Sequencer> {
    const sequencer = new Sequencer(options, modules);
    if (options.automatic ?? true) {
      sequencer.#deposits?.start();
      sequencer.#forced?.start();
      sequencer.#producer.start();
      sequencer.#submitter?.start();
    }
    return sequencer;
  }

  /**
   * Admits a wire transaction for one of the next blocks.
   * @returns its first signature, 64 bytes
   * @throws {TransactionDecodeError} {@link NotProvableError} or an {@link AdmissionError} saying why not
   */
  submitTransaction(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#mempool.add(bytes);
  }

  /** Why a transaction that was admitted is in no block and will not be; of the last ones that were dropped. */
  droppedReason(signature: Uint8Array): Dropped | undefined {
    return this.#mempool.droppedReason(signature);
  }

  /** Calls `listener` on every event of that name; the returned function ends it. */
  on<Name extends keyof SequencerEvents>(
    name: Name,
    listener: (payload: SequencerEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /** Looks at the inbox now: the next batch that begins takes what waits there. */
  async lookForDeposits(): Promise<void> {
    await this.#deposits?.look();
  }

  /** Looks at the queue of forced withdrawals now: the next block begins with what waits there. */
  async lookForForced(): Promise<void> {
    await this.#forced?.look();
  }

  /** Produces one slot now. With execution `zk` everything that waits is included. */
  produceBlock(): Promise<void> {
    return this.#producer.produce();
  }

  /** Closes the open batch now; `undefined` when it holds nothing. */
  closeBatch(): Promise<Batch | undefined> {
    return this.#producer.closeBatch();
  }

  /** Submits the next closed batches now as one sequence; `undefined` when none waits, and without a base chain. */
  async submitSequence(): Promise<SubmittedSequence | undefined> {
    return this.#submitter?.submit();
  }

  /** Brings everything admitted so far to the base chain: blocks, batch, sequences. */
  async flush(): Promise<SubmittedSequence[]> {
    await this.#producer.drain();
    await this.#producer.closeBatch();
    const sequences: SubmittedSequence[] = [];
    for (;;) {
      const sequence = await this.submitSequence();
      if (sequence === undefined) return sequences;
      sequences.push(sequence);
    }
  }

  status(): SequencerStatus {
    const { slot, openBatch, lastBatch } = this.#bank;
    return {
      slot,
      waitingTransactions: this.#mempool.pool.size,
      signatureChecks: this.#mempool.signatureChecks,
      openBatch: { ...openBatch },
      lastBatch,
      lastSubmittedBatch: this.#submitter?.submittedThrough,
    };
  }

  /** Why the sequencer cannot take transactions now; `undefined` when it can. */
  get unhealthyReason(): string | undefined {
    if (this.#mempool.isFull) return 'the mempool is full';
    return this.#producer.isStalled ? 'blocks are overdue' : undefined;
  }

  /** Finishes what is under way. Closed batches that wait are submitted after the next start. */
  close(): Promise<void> {
    this.#closing ??= this.#producer
      .close()
      .then(() => this.#deposits?.close())
      .then(() => this.#forced?.close())
      .then(() => this.#submitter?.close());
    return this.#closing;
  }
}
