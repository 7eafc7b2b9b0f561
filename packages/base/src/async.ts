import { setTimeout as timeout } from 'node:timers/promises';
import { PolyproofError } from './errors.js';

export class TimeoutError extends PolyproofError<'TIMEOUT'> {}

/** Waits; rejects with an AbortError as soon as `signal` aborts. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await timeout(ms, undefined, signal === undefined ? {} : { signal });
}

/** Rejects with a {@link TimeoutError} naming `what` when `promise` takes longer than `ms`. */
export async function withTimeout<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new TimeoutError('TIMEOUT', `${what} took longer than ${ms} ms.`, { ms })),
      ms,
    );
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Runs one asynchronous section at a time, in the order of arrival. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(section: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(section, section);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}

/**
 * Repeats `step` until the signal aborts, waiting `intervalMs` between runs. An error of one run goes to
 * `onError` and does not end the loop.
 */
export async function loop(options: {
  step: () => Promise<void>;
  intervalMs: number;
  signal: AbortSignal;
  onError: (error: unknown) => void;
}): Promise<void> {
  while (!options.signal.aborted) {
    try {
      await options.step();
    } catch (error) {
      if (!options.signal.aborted) options.onError(error);
    }
    try {
      await sleep(options.intervalMs, options.signal);
    } catch {
      return;
    }
  }
}
