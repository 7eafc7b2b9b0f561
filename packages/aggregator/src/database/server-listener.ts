import { type Logger, type Service, sleep } from '@polyproof/base';
import pg from 'pg';

/** Wait before the next try to connect (ms). */
const RECONNECT_MS = 500;

/** Listens to a channel on a connection of its own, and connects again when that breaks. */
export class ServerListener implements Service {
  readonly #options: { channel: string; onMessage: (payload: string) => void };
  readonly #modules: { connect: () => pg.Client; logger: Logger };
  readonly #abort = new AbortController();
  #client: pg.Client | undefined;
  #reconnecting: Promise<void> = Promise.resolve();

  private constructor(
    options: { channel: string; onMessage: (payload: string) => void },
    modules: { connect: () => pg.Client; logger: Logger },
  ) {
    this.#options = options;
    this.#modules = modules;
  }

  static async open(
    options: { channel: string; onMessage: (payload: string) => void },
    modules: { connect: () => pg.Client; logger: Logger },
  ): Promise<ServerListener> {
    const listener = new ServerListener(options, modules);
    await listener.#connect();
    return listener;
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#reconnecting;
    await this.#client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const { channel, onMessage } = this.#options;
    const client = this.#modules.connect();
    // An error is followed by the end.
    client.on('error', (error) => this.#modules.logger.warn('listening to the database failed', {}, error));
    await client.connect();
    client.on('notification', ({ payload }) => onMessage(payload ?? ''));
    try {
      await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.#client = client;
    client.once('end', () => {
      if (!this.#abort.signal.aborted) this.#reconnecting = this.#reconnect();
    });
  }

  async #reconnect(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      try {
        await sleep(RECONNECT_MS, this.#abort.signal);
        await this.#connect();
        this.#options.onMessage('');
        return;
      } catch (error) {
        if (!this.#abort.signal.aborted)
          this.#modules.logger.warn('the database cannot be listened to', {}, error);
      }
    }
  }
}
