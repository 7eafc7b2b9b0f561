import { equalBytes, type Logger, loop, type Service } from '@polyproof/base';
import { encodeTransaction, forcedBatchData, forcedMessage } from '@polyproof/svm';
import type { BatchSource, ForcedPort, SettlementPort } from './ports.js';
import type { ForcedBatch, ForcedSource } from './producer/ports.js';

export interface ForcedWatcherOptions {
  /** Blocks of the base chain that have to be on top of a forced withdrawal before it counts. Default 2. */
  depositConfirmations?: number;
  /** How often the queue is looked at. Default 1,000 ms. */
  depositIntervalMs?: number;
}

/** Entries looked at in one go. */
const LIMIT = 16;

/** Knows the withdrawals that are forced through the base chain and are in no batch yet. */
export class ForcedWatcher implements Service, ForcedSource {
  readonly #options: { confirmations: number; intervalMs: number };
  readonly #inbox: ForcedPort;
  readonly #settlement: Pick<SettlementPort, 'getState'>;
  readonly #bank: BatchSource;
  readonly #logger: Logger;
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** In order; `submitted` is the last batch that the chain had before it said so. */
  #seen: { submitted: bigint; batches: readonly ForcedBatch[] } = { submitted: 0n, batches: [] };

  constructor(
    options: ForcedWatcherOptions,
    modules: {
      inbox: ForcedPort;
      settlement: Pick<SettlementPort, 'getState'>;
      bank: BatchSource;
      logger: Logger;
    },
  ) {
    const { depositConfirmations: confirmations = 2, depositIntervalMs: intervalMs = 1_000 } = options;
    this.#options = { confirmations, intervalMs };
    this.#inbox = modules.inbox;
    this.#settlement = modules.settlement;
    this.#bank = modules.bank;
    this.#logger = modules.logger;
  }

  /** Looks by itself from now on, until {@link close}. */
  start(): void {
    this.#running = loop({
      step: () => this.look(),
      intervalMs: this.#options.intervalMs,
      signal: this.#abort.signal,
      onError: (error) => this.#logger.warn('reading the forced inbox failed, trying again', {}, error),
    });
  }

  /** Looks at the queue now. */
  async look(): Promise<void> {
    // In this order: a batch that is submitted in between is searched for its entry, and the entry may be gone.
    const { lastBatch: submitted } = await this.#settlement.getState();
    const { confirmations } = this.#options;
    const entries = await this.#inbox.getForced({ limit: LIMIT, confirmations });
    const batches = entries.map((entry) => {
      const message = forcedMessage(entry);
      const wire = encodeTransaction([entry.signature], message);
      return { index: entry.index, wire, data: forcedBatchData(message) };
    });
    this.#seen = { submitted, batches };
  }

  next(): ForcedBatch | undefined {
    const { submitted, batches } = this.#seen;
    return batches.find(({ data }) => !this.#isClosed(data, submitted));
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /** Whether a batch behind those that the chain had is this one. */
  #isClosed(data: Uint8Array, submitted: bigint): boolean {
    for (let number = this.#bank.lastBatch; number > submitted; number--) {
      const batch = this.#bank.getBatch(number);
      if (batch !== undefined && equalBytes(batch.data, data)) return true;
    }
    return false;
  }
}
