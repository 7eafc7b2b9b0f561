import { errorMessage, type Logger, type Service } from '@polyproof/base';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { AggregatorError } from '../errors.js';
import { type Engine, type Hold, MIGRATIONS, type Orm } from './engine.js';
import * as schema from './schema.js';
import { holdOn } from './server-hold.js';
import { ServerListener } from './server-listener.js';

export interface ServerEngineOptions {
  url: string;
  /** connections at once; default 10 */
  connections?: number;
}

/** Longest time to connect (ms). */
const CONNECT_MS = 5_000;
/** A replica that hangs in the middle of a transaction keeps its locks no longer than this (ms). */
const HANGING_TRANSACTION_MS = 10_000;
/** Longest time for one statement (ms). */
const STATEMENT_MS = 30_000;

/** A PostgreSQL server that other replicas use too. A connection that breaks is replaced by the next statement. */
export class ServerEngine implements Engine {
  readonly orm: Orm;
  readonly exclusive = false;
  readonly #pool: pg.Pool;
  readonly #connection: pg.ClientConfig;
  readonly #logger: Logger;
  #closing: Promise<void> | undefined;

  private constructor(connection: pg.ClientConfig, modules: { pool: pg.Pool; orm: Orm; logger: Logger }) {
    this.#connection = connection;
    this.#pool = modules.pool;
    this.orm = modules.orm;
    this.#logger = modules.logger;
  }

  /** @throws {AggregatorError} `DATABASE_UNREACHABLE` */
  static async open(options: ServerEngineOptions, modules: { logger: Logger }): Promise<ServerEngine> {
    const { logger } = modules;
    const connection: pg.ClientConfig = {
      connectionString: options.url,
      application_name: 'polyproof',
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      statement_timeout: STATEMENT_MS,
      query_timeout: STATEMENT_MS + CONNECT_MS,
      idle_in_transaction_session_timeout: HANGING_TRANSACTION_MS,
    };
    const pool = new pg.Pool({ ...connection, max: options.connections ?? 10 });
    const broken = (error: Error) => logger.warn('a connection to the database broke', {}, error);
    pool.on('error', broken);
    // In a transaction, between two statements, nobody else would hear of it, and the process would end.
    pool.on('connect', (client) => client.on('error', broken));
    const orm = drizzle(pool, { schema });
    try {
      await migrateAlone(connection);
    } catch (error) {
      await pool.end();
      throw error;
    }
    return new ServerEngine(connection, { pool, orm, logger });
  }

  tryHold(name: string): Promise<Hold | undefined> {
    return holdOn(new pg.Client(this.#connection), name);
  }

  async listen(channel: string, onMessage: (payload: string) => void): Promise<Service> {
    const connect = () => new pg.Client(this.#connection);
    return ServerListener.open({ channel, onMessage }, { connect, logger: this.#logger });
  }

  close(): Promise<void> {
    this.#closing ??= this.#pool.end();
    return this.#closing;
  }
}

/** Replicas that start together migrate one after the other. */
async function migrateAlone(connection: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...connection, statement_timeout: 0, query_timeout: 0 });
  const { host, port, database } = client;
  try {
    await client.connect();
  } catch (error) {
    throw new AggregatorError(
      'DATABASE_UNREACHABLE',
      `the database "${database}" at ${host}:${port} cannot be opened: ${errorMessage(error)}.`,
      { host, port, database },
    );
  }
  try {
    await client.query("select pg_advisory_lock(hashtextextended('polyproof migrations', 0))");
    await migrate(drizzle(client, { schema }), MIGRATIONS);
  } finally {
    await client.end();
  }
}
