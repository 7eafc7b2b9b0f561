import { type Logger, type Service, silentLogger } from '@polyproof/base';
import { type SQL, sql } from 'drizzle-orm';
import { EmbeddedEngine } from './embedded.js';
import type { Engine, Hold, Orm } from './engine.js';
import { ServerEngine } from './server.js';

/** A transaction, or the database itself where a single statement is enough. */
export type Connection = Pick<Orm, 'select' | 'insert' | 'update' | 'delete' | 'execute'>;

export type DatabaseOptions =
  | {
      /** default: in memory, gone at the end */
      directory?: string | undefined;
      /** where an empty database is kept, so that a new one need not be made from nothing */
      templates?: string | undefined;
    }
  | {
      /** of a PostgreSQL server, 14 or newer: `postgresql://user:password@host:port/database` */
      url: string;
      /** connections at once; default 10 */
      connections?: number;
    };

/** The operator's database: PostgreSQL in this process, or a server that any number of replicas share. */
export class Database implements Service {
  readonly #engine: Engine;

  private constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * @throws {LockError} `DIRECTORY_IN_USE` when another process has the directory open
   * @throws {AggregatorError} `DATABASE_UNREACHABLE`
   */
  static async open(options: DatabaseOptions = {}, modules: { logger?: Logger } = {}): Promise<Database> {
    const { logger = silentLogger } = modules;
    const engine =
      'url' in options ? await ServerEngine.open(options, { logger }) : await EmbeddedEngine.open(options);
    return new Database(engine);
  }

  /** For single statements. Inside {@link transaction} use the transaction, or wait forever. */
  get connection(): Connection {
    return this.#engine.orm;
  }

  /** Whether this process is the only one that can have it open. */
  get exclusive(): boolean {
    return this.#engine.exclusive;
  }

  /**
   * All or nothing. Embedded, transactions run one after the other; on a server several run at once, each seeing what was
   * committed before each of its statements (READ COMMITTED). Keep slow work outside.
   */
  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T> {
    return this.#engine.orm.transaction(work);
  }

  /**
   * Takes the lock `name` for this process, where no other replica has it. A replica loses it when it dies, hangs, or is cut
   * off from the database.
   */
  tryHold(name: string): Promise<Hold | undefined> {
    return this.#engine.tryHold(name);
  }

  /** Sends a message to all replicas that listen, this one included. */
  async notify(channel: string, payload = ''): Promise<void> {
    await this.connection.execute(sql`select pg_notify(${channel}, ${payload})`);
  }

  /** Calls `onMessage` for every message in a channel, and once after messages may have been missed. */
  listen(channel: string, onMessage: (payload: string) => void): Promise<Service> {
    return this.#engine.listen(channel, onMessage);
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }
}

/** What the database takes for the time: one clock for all replicas. */
export const databaseNow: SQL<Date> = sql<Date>`statement_timestamp()`;
