import { sleep } from '@polyproof/base';

const PATIENCE_MS = 60_000;

/** Waits for a condition that nobody announces; fails with its name when it does not come true. */
export async function until<T>(
  what: string,
  condition: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(20)) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new RangeError(`still waiting for ${what} after ${PATIENCE_MS} ms`);
  }
}
