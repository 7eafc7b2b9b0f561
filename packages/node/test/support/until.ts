import { sleep } from '@polyproof/base';

const PATIENCE_MS = 60_000;

/** Waits for a condition that nobody announces; fails with its name when it does not come true. */
export async function until<T>(
  what: string,
  condition: () => T | undefined | Promise<T | undefined>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  for (const end = Date.now() + patienceMs; ; await sleep(20)) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new RangeError(`still waiting for ${what} after ${patienceMs} ms`);
  }
}
