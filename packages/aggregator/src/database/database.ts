import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { type Service, takeLock } from '@polyproof/base';
import { drizzle, type PgliteDatabase } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import * as schema from './schema.js';
import { copyTemplate } from './template.js';

type Drizzle = PgliteDatabase<typeof schema>;
/** A transaction, or the database itself where a single statement is enough. */
export type Connection = Pick<Drizzle, 'select' | 'insert' | 'update' | 'delete' | 'execute'>;

const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url));

/** The operator's database: PostgreSQL in this process, in a directory or (without one) in memory. */
export class Database implements Service {
  readonly #client: PGlite;
  readonly #orm: Drizzle;
  readonly #unlock: () => void;

  private constructor(client: PGlite, unlock: () => void) {
    this.#client = client;
    this.#orm = drizzle(client, { schema });
    this.#unlock = unlock;
  }

  /**
   * @param options.templates - where an empty database is kept, so that a new one need not be made from nothing
   * @throws {LockError} `DIRECTORY_IN_USE` when another process has it open
   */
  static async open(options: { directory?: string; templates?: string } = {}): Promise<Database> {
    const { directory, templates } = options;
    if (directory === undefined) return Database.#migrated(await PGlite.create(), () => {});
    mkdirSync(directory, { recursive: true });
    const unlock = takeLock(join(directory, 'lock'));
    try {
      const files = join(directory, 'postgres');
      const complete = join(directory, 'complete');
      // One whose maker was killed half-way cannot be opened.
      if (!existsSync(complete)) rmSync(files, { recursive: true, force: true });
      if (!existsSync(files) && templates !== undefined) await copyTemplate(templates, files);
      const client = await PGlite.create(files);
      const database = await Database.#migrated(client, unlock);
      writeFileSync(complete, '');
      return database;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  static async #migrated(client: PGlite, unlock: () => void): Promise<Database> {
    const database = new Database(client, unlock);
    await migrate(database.#orm, { migrationsFolder: MIGRATIONS });
    return database;
  }

  /** For single statements. Inside {@link transaction} use the transaction, or wait forever. */
  get connection(): Connection {
    return this.#orm;
  }

  /** All or nothing. Transactions run one after the other: keep slow work outside. */
  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T> {
    return this.#orm.transaction(work);
  }

  async close(): Promise<void> {
    if (!this.#client.closed) await this.#client.close();
    this.#unlock();
  }
}
