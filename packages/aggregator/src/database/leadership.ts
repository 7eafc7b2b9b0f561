import { type Logger, type Service, sleep } from '@polyproof/base';
import type { Database } from './database.js';
import type { Hold } from './engine.js';

export interface LeadershipOptions {
  /** of what one replica at a time does */
  name: string;
  /** how often a replica asks whether it is its turn (ms) */
  intervalMs: number;
}

export interface LeadershipModules {
  database: Database;
  /** begins the work; it is closed when another replica may do it */
  start: () => Service;
  logger: Logger;
}

/** Has one replica at a time do some work; another one takes over when it dies, hangs, or loses the database. */
export class Leadership implements Service {
  readonly #options: LeadershipOptions;
  readonly #modules: LeadershipModules;
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #leads = false;

  constructor(options: LeadershipOptions, modules: LeadershipModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /** Whether it is this replica that does the work. */
  get leads(): boolean {
    return this.#leads;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Ends the work, if it is here, and leaves it to another replica. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { name, intervalMs } = this.#options;
    const { database, logger } = this.#modules;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        const hold = await database.tryHold(name);
        if (hold !== undefined) await this.#lead(hold);
      } catch (error) {
        if (!signal.aborted) logger.warn('leading failed', { name }, error);
      }
      await sleep(intervalMs, signal).catch(() => undefined);
    }
  }

  async #lead(hold: Hold): Promise<void> {
    const { name } = this.#options;
    const { start, logger } = this.#modules;
    const ended = AbortSignal.any([hold.lost, this.#abort.signal]);
    logger.info('this replica leads', { name });
    let work: Service | undefined;
    try {
      work = start();
      this.#leads = true;
      await new Promise<void>((resolve) => {
        if (ended.aborted) resolve();
        else ended.addEventListener('abort', () => resolve(), { once: true });
      });
    } finally {
      this.#leads = false;
      await work?.close();
      await hold.release();
    }
  }
}
