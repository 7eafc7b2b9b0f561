import { withTimeout } from '@polyproof/base';
import type pg from 'pg';
import type { Hold } from './engine.js';

/** The server frees the lock of a connection that is silent for this long (ms): its process hangs or is cut off. */
const SILENCE_MS = 15_000;
const SIGN_OF_LIFE_MS = 3_000;

/**
 * Takes an advisory lock on a connection of its own, which gives it back whatever happens to this process.
 * @returns `undefined` when another connection has it
 */
export async function holdOn(client: pg.Client, name: string): Promise<Hold | undefined> {
  const lost = new AbortController();
  const lose = () => lost.abort();
  client.on('error', lose);
  client.on('end', lose);
  await client.connect();
  try {
    await client.query(`set idle_session_timeout = ${SILENCE_MS}`);
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as taken',
      [name],
    );
    if (rows[0]?.taken !== true) {
      await client.end();
      return undefined;
    }
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  const timer = setInterval(() => {
    withTimeout(client.query('select 1'), SILENCE_MS - SIGN_OF_LIFE_MS, 'a sign of life').catch(lose);
  }, SIGN_OF_LIFE_MS);
  lost.signal.addEventListener('abort', () => clearInterval(timer));
  return {
    lost: lost.signal,
    release: async () => {
      lose();
      await client.end().catch(() => undefined);
    },
  };
}
