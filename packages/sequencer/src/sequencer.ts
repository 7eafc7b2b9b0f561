import { EventHub, type Logger, type Service } from '@polyproof/base';
import type { Batch } from '@polyproof/svm';
import { BlockProducer, type BlockProducerOptions } from './block-producer.js';
import type { SequencerEvents, SubmittedSequence } from './events.js';
import { Mempool, type MempoolOptions } from './mempool.js';
import type { BankPort, SettlementPort } from './ports.js';
import { SequenceSubmitter, type SequenceSubmitterOptions } from './sequence-submitter.js';

export interface SequencerOptions extends MempoolOptions, BlockProducerOptions, SequenceSubmitterOptions {
  /** False: blocks, batches and sequences arise on demand only. Default true. */
  automatic?: boolean;
}

export interface SequencerStatus {
  slot: bigint;
  /** Transactions that wait for a block. */
  waitingTransactions: number;
  openBatch: { number: bigint; transactions: number; blocks: number };
  /** Newest closed batch; 0n when there is none. */
  lastBatch: bigint;
  /** Newest batch known to be on the base chain; `undefined` before the chain has answered. */
  lastSubmittedBatch: bigint | undefined;
}

/** The rollup's sequencer: orders transactions, closes batches, submits sequences. */
export class Sequencer implements Service {
  readonly #bank: BankPort;
  readonly #mempool: Mempool;
  readonly #producer: BlockProducer;
  readonly #submitter: SequenceSubmitter;
  readonly #events: EventHub<SequencerEvents>;
  #closing: Promise<void> | undefined;

  private constructor(
    bank: BankPort,
    parts: {
      mempool: Mempool;
      producer: BlockProducer;
      submitter: SequenceSubmitter;
      events: EventHub<SequencerEvents>;
    },
  ) {
    this.#bank = bank;
    this.#mempool = parts.mempool;
    this.#producer = parts.producer;
    this.#submitter = parts.submitter;
    this.#events = parts.events;
  }

  static async open(
    options: SequencerOptions,
    modules: { bank: BankPort; settlement: SettlementPort; logger: Logger; now?: () => number },
  ): Promise<Sequencer> {
    const events = new EventHub<SequencerEvents>(modules.logger);
    const mempool = new Mempool(options, modules);
    const producer = new BlockProducer(options, { ...modules, queue: mempool.queue, events });
    const submitter = new SequenceSubmitter(options, { ...modules, events });
    if (options.automatic ?? true) {
      producer.start();
      submitter.start();
    }
    return new Sequencer(modules.bank, { mempool, producer, submitter, events });
  }

  /**
   * Admits a wire transaction for one of the next blocks.
   * @returns its first signature, 64 bytes
   * @throws {TransactionDecodeError} {@link NotProvableError} or an {@link AdmissionError} saying why not
   */
  submitTransaction(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#mempool.add(bytes);
  }

  /** Calls `listener` on every event of that name; the returned function ends it. */
  on<Name extends keyof SequencerEvents>(
    name: Name,
    listener: (payload: SequencerEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /** Produces one slot now: everything that waits is included. */
  produceBlock(): Promise<void> {
    return this.#producer.produce();
  }

  /** Closes the open batch now; `undefined` when it holds nothing. */
  closeBatch(): Promise<Batch | undefined> {
    return this.#producer.closeBatch();
  }

  /** Submits the next closed batches now as one sequence; `undefined` when none waits. */
  submitSequence(): Promise<SubmittedSequence | undefined> {
    return this.#submitter.submit();
  }

  /** Brings everything admitted so far to the base chain: blocks, batch, sequences. */
  async flush(): Promise<SubmittedSequence[]> {
    await this.#producer.produce();
    await this.#producer.closeBatch();
    const sequences: SubmittedSequence[] = [];
    for (;;) {
      const sequence = await this.#submitter.submit();
      if (sequence === undefined) return sequences;
      sequences.push(sequence);
    }
  }

  status(): SequencerStatus {
    const { slot, openBatch, lastBatch } = this.#bank;
    return {
      slot,
      waitingTransactions: this.#mempool.queue.size,
      openBatch: { ...openBatch },
      lastBatch,
      lastSubmittedBatch: this.#submitter.submittedThrough,
    };
  }

  /** Why the sequencer cannot take transactions now; `undefined` when it can. */
  get unhealthyReason(): string | undefined {
    if (this.#mempool.queue.isFull) return 'the mempool is full';
    return this.#producer.isStalled ? 'blocks are overdue' : undefined;
  }

  /** Finishes what is under way. Closed batches that wait are submitted after the next start. */
  close(): Promise<void> {
    this.#closing ??= this.#producer.close().then(() => this.#submitter.close());
    return this.#closing;
  }
}
