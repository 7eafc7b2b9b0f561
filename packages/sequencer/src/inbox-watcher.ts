import { type Logger, loop, type Service } from '@polyproof/base';

export interface InboxWatcherOptions {
  /** Blocks of the base chain that have to be on top of an entry before it counts. Default 2. */
  depositConfirmations?: number;
  /** How often an inbox is looked at. Default 1,000 ms. */
  depositIntervalMs?: number;
}

/** Looks at an inbox of the base chain again and again. */
export abstract class InboxWatcher implements Service {
  protected readonly confirmations: number;
  readonly #intervalMs: number;
  readonly #logger: Logger;
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: InboxWatcherOptions, logger: Logger) {
    this.confirmations = options.depositConfirmations ?? 2;
    this.#intervalMs = options.depositIntervalMs ?? 1_000;
    this.#logger = logger;
  }

  /** Named in the log. */
  protected abstract readonly inboxName: string;

  /** Looks at the inbox now. */
  abstract look(): Promise<void>;

  /** Looks by itself from now on, until {@link close}. */
  start(): void {
    this.#running = loop({
      step: () => this.look(),
      intervalMs: this.#intervalMs,
      signal: this.#abort.signal,
      onError: (error) => this.#logger.warn(`reading the ${this.inboxName} failed, trying again`, {}, error),
    });
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }
}
