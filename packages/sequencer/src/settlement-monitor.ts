import { EventHub, type Logger, loop, type Service } from '@polyproof/base';
import type { SequenceTransactions, SettlementState } from '@polyproof/chain';
import type { SettlementPort } from './ports.js';

export interface SettlementMonitorOptions {
  /** How often the base chain is asked. Default 1,000 ms. */
  intervalMs?: number;
}

type SettlementReader = Pick<SettlementPort, 'getState' | 'getSequence' | 'getSequenceTransactions'>;

/**
 * Follows the settlement contract, so that "is it verified?" is answered without a call to the base chain.
 * The view is at most one interval old, and the older one while the chain does not answer.
 */
export class SettlementMonitor implements Service {
  readonly #settlement: SettlementReader;
  readonly #abort = new AbortController();
  readonly #lastBatches = new Map<bigint, bigint>();
  readonly #events: EventHub<{ verified: bigint }>;
  #view: SettlementState;
  #running: Promise<void> = Promise.resolve();

  private constructor(settlement: SettlementReader, view: SettlementState, logger: Logger) {
    this.#settlement = settlement;
    this.#view = view;
    this.#events = new EventHub(logger);
  }

  /** Reads the chain once, and again at every interval. */
  static async open(
    options: SettlementMonitorOptions,
    modules: { settlement: SettlementReader; logger: Logger },
  ): Promise<SettlementMonitor> {
    const monitor = new SettlementMonitor(
      modules.settlement,
      await modules.settlement.getState(),
      modules.logger,
    );
    monitor.#running = loop({
      step: () => monitor.refresh(),
      intervalMs: options.intervalMs ?? 1_000,
      signal: monitor.#abort.signal,
      onError: (error) => modules.logger.warn('the base chain does not answer', {}, error),
    });
    return monitor;
  }

  get view(): SettlementState {
    return this.#view;
  }

  /** Last batch that is verified on the base chain; 0n when none is. */
  verifiedBatch(): bigint {
    return this.#view.verifiedBatch;
  }

  async refresh(): Promise<void> {
    const before = this.#view.verifiedBatch;
    this.#view = await this.#settlement.getState();
    const { verifiedBatch } = this.#view;
    if (verifiedBatch > before) this.#events.emit('verified', verifiedBatch);
  }

  /** Calls the listener with every batch number that {@link verifiedBatch} comes to; the returned function ends it. */
  onVerified(listener: (batch: bigint) => void): () => void {
    return this.#events.on('verified', listener);
  }

  /** The sequence that carries a batch; `undefined` when it is not on the base chain yet. */
  async sequenceOfBatch(batch: bigint): Promise<bigint | undefined> {
    const { lastBatch, lastSequence } = this.#view;
    if (batch < 1n || batch > lastBatch) return undefined;
    let [low, high] = [1n, lastSequence];
    while (low < high) {
      const middle = (low + high) / 2n;
      if ((await this.#lastBatchOf(middle)) >= batch) high = middle;
      else low = middle + 1n;
    }
    return low;
  }

  /** Hashes of the base chain's transactions that a sequence has caused so far. */
  sequenceTransactions(sequence: bigint): Promise<SequenceTransactions> {
    return this.#settlement.getSequenceTransactions(sequence);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /** The batches of a sequence never change, so each is asked for once. */
  async #lastBatchOf(sequence: bigint): Promise<bigint> {
    const known = this.#lastBatches.get(sequence);
    if (known !== undefined) return known;
    const { lastBatch } = await this.#settlement.getSequence(sequence);
    this.#lastBatches.set(sequence, lastBatch);
    return lastBatch;
  }
}
