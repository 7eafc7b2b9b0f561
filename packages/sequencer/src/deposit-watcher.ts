import { type Logger, loop, type Service } from '@polyproof/base';
import type { QueuedDeposit } from '@polyproof/svm';
import type { DepositSource, InboxPort } from './ports.js';

export interface DepositWatcherOptions {
  /** Blocks of the base chain that have to be on top of a deposit before it counts. Default 2. */
  depositConfirmations?: number;
  /** How often the inbox is looked at. Default 1,000 ms. */
  depositIntervalMs?: number;
}

/** Deposits looked at in one go: more than a batch takes. */
const LIMIT = 16;

/** Knows the deposits that wait in the base chain's inbox. */
export class DepositWatcher implements Service, DepositSource {
  readonly #options: { confirmations: number; intervalMs: number };
  readonly #inbox: InboxPort;
  readonly #bank: { readonly nextDeposit: bigint };
  readonly #logger: Logger;
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** Those of the inbox from an index on, as it was looked at last. */
  #seen: { from: bigint; deposits: readonly QueuedDeposit[] } = { from: 0n, deposits: [] };

  constructor(
    options: DepositWatcherOptions,
    modules: { inbox: InboxPort; bank: { readonly nextDeposit: bigint }; logger: Logger },
  ) {
    const { depositConfirmations: confirmations = 2, depositIntervalMs: intervalMs = 1_000 } = options;
    this.#options = { confirmations, intervalMs };
    this.#inbox = modules.inbox;
    this.#bank = modules.bank;
    this.#logger = modules.logger;
  }

  /** Looks by itself from now on, until {@link close}. */
  start(): void {
    this.#running = loop({
      step: () => this.look(),
      intervalMs: this.#options.intervalMs,
      signal: this.#abort.signal,
      onError: (error) => this.#logger.warn('reading the inbox failed, trying again', {}, error),
    });
  }

  /** Looks at the inbox now. */
  async look(): Promise<void> {
    const from = this.#bank.nextDeposit;
    const { confirmations } = this.#options;
    this.#seen = { from, deposits: await this.#inbox.getDeposits(from, { limit: LIMIT, confirmations }) };
  }

  waiting(next: bigint): readonly QueuedDeposit[] {
    // After rolling back, what was seen begins too late.
    if (next < this.#seen.from) return [];
    return this.#seen.deposits.filter(({ index }) => index >= next);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }
}
