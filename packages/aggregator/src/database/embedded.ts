import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { type Service, takeLock } from '@polyproof/base';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { type Engine, type Hold, MIGRATIONS, type Orm } from './engine.js';
import * as schema from './schema.js';
import { copyTemplate } from './template.js';

/** PostgreSQL in this process (PGlite), in a directory or in memory. Nobody else can open it. */
export class EmbeddedEngine implements Engine {
  readonly orm: Orm;
  readonly exclusive = true;
  readonly #client: PGlite;
  readonly #unlock: () => void;
  readonly #held = new Set<string>();

  private constructor(client: PGlite, orm: Orm, unlock: () => void) {
    this.#client = client;
    this.orm = orm;
    this.#unlock = unlock;
  }

  /** @throws {LockError} `DIRECTORY_IN_USE` */
  static async open(options: {
    directory?: string | undefined;
    templates?: string | undefined;
  }): Promise<EmbeddedEngine> {
    const { directory, templates } = options;
    if (directory === undefined) return EmbeddedEngine.#migrated(await PGlite.create(), () => {});
    mkdirSync(directory, { recursive: true });
    const unlock = takeLock(join(directory, 'lock'));
    try {
      const files = join(directory, 'postgres');
      const complete = join(directory, 'complete');
      // One whose maker was killed half-way cannot be opened.
      if (!existsSync(complete)) rmSync(files, { recursive: true, force: true });
      if (!existsSync(files) && templates !== undefined) await copyTemplate(templates, files);
      const engine = await EmbeddedEngine.#migrated(await PGlite.create(files), unlock);
      writeFileSync(complete, '');
      return engine;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  static async #migrated(client: PGlite, unlock: () => void): Promise<EmbeddedEngine> {
    const orm = drizzle(client, { schema });
    await migrate(orm, MIGRATIONS);
    return new EmbeddedEngine(client, orm, unlock);
  }

  async tryHold(name: string): Promise<Hold | undefined> {
    if (this.#held.has(name)) return undefined;
    this.#held.add(name);
    return { lost: new AbortController().signal, release: async () => void this.#held.delete(name) };
  }

  async listen(channel: string, onMessage: (payload: string) => void): Promise<Service> {
    const unlisten = await this.#client.listen(channel, onMessage);
    return {
      close: async () => {
        if (!this.#client.closed) await unlisten();
      },
    };
  }

  async close(): Promise<void> {
    if (!this.#client.closed) await this.#client.close();
    this.#unlock();
  }
}
