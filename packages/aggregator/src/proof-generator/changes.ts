import { randomUUID } from 'node:crypto';
import type { Logger, Service } from '@polyproof/base';
import type { Database } from '../database/database.js';
import { Notifier } from './notifier.js';

const CHANNEL = 'polyproof_tasks';

/** Wakes whoever waits for a task, at this replica and at all others. */
export class Changes implements Service {
  readonly #id = randomUUID();
  readonly #notifier = new Notifier();
  readonly #database: Database;
  readonly #logger: Logger;
  #listening: Service | undefined;
  #sending: Promise<void> | undefined;
  #again = false;

  private constructor(modules: { database: Database; logger: Logger }) {
    this.#database = modules.database;
    this.#logger = modules.logger;
  }

  static async open(modules: { database: Database; logger: Logger }): Promise<Changes> {
    const changes = new Changes(modules);
    if (!modules.database.exclusive)
      changes.#listening = await modules.database.listen(CHANNEL, (from) => {
        if (from !== changes.#id) changes.#notifier.notify();
      });
    return changes;
  }

  get version(): number {
    return this.#notifier.version;
  }

  /** Resolves on the first change after `seen`, after `ms`, or when `signal` aborts. */
  wait(seen: number, ms: number, signal?: AbortSignal): Promise<void> {
    return this.#notifier.wait(seen, ms, signal);
  }

  /** Tells this replica at once, and the others soon: what they miss they find when they look by themselves. */
  notify(): void {
    this.#notifier.notify();
    if (this.#listening === undefined) return;
    this.#again = true;
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined;
    });
  }

  async close(): Promise<void> {
    this.#notifier.notify();
    const listening = this.#listening;
    this.#listening = undefined;
    await this.#sending;
    await listening?.close();
  }

  /** One message for all changes that happen while the last one is on its way. */
  async #send(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await this.#database.notify(CHANNEL, this.#id);
      } catch (error) {
        this.#logger.warn('other replicas were not told of new tasks', {}, error);
      }
    }
  }
}
