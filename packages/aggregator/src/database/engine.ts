import { fileURLToPath } from 'node:url';
import type { Service } from '@polyproof/base';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type * as schema from './schema.js';

/** The tables' history, for every engine the same. */
export const MIGRATIONS = { migrationsFolder: fileURLToPath(new URL('../../drizzle', import.meta.url)) };

export type Orm = PgDatabase<PgQueryResultHKT, typeof schema>;

/** Held for as long as `lost` has not aborted. */
export interface Hold {
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** Where the tables lie: PostgreSQL in this process, or a server. */
export interface Engine extends Service {
  readonly orm: Orm;
  /** Whether no other process can have it open. */
  readonly exclusive: boolean;
  /** Takes the lock `name` where nobody has it. It is freed when this process dies, hangs, or loses the database. */
  tryHold(name: string): Promise<Hold | undefined>;
  /** Calls `onMessage` for every message in a channel, and once after messages may have been missed. */
  listen(channel: string, onMessage: (payload: string) => void): Promise<Service>;
}
