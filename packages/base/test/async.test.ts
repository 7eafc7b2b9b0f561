import './fixed-seed.js';
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isAbort, loop, Mutex, sleep, TimeoutError, withTimeout } from '../src/index.js';

const LONG = 3_600_000;

/** Something that a test lets end. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('sleep', () => {
  it('waits', async () => {
    await sleep(1);
    await sleep(0, new AbortController().signal);
  });

  it('does not begin when aborted before', async () => {
    const error = await sleep(LONG, AbortSignal.abort()).catch((e: unknown) => e);
    expect(isAbort(error)).toBe(true);
  });

  it('ends at once when aborted during', async () => {
    const abort = new AbortController();
    const outcome = sleep(LONG, abort.signal).catch((e: unknown) => e);
    abort.abort();
    expect(isAbort(await outcome)).toBe(true);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  it('leaves no listener behind, so an abort after it does nothing', async () => {
    const abort = new AbortController();
    await sleep(1, abort.signal);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    abort.abort();
  });
});

describe('isAbort', () => {
  it('knows only aborts', () => {
    for (const other of [new Error('AbortError'), 'AbortError', undefined, { name: 'AbortError' }])
      expect(isAbort(other)).toBe(false);
  });
});

describe('withTimeout', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('gives what the promise gives, and leaves no timer', async () => {
    vi.useFakeTimers();
    const failure = new Error('own');
    expect(await withTimeout(Promise.resolve(7), 10, 'it')).toBe(7);
    await expect(withTimeout(Promise.reject(failure), 10, 'it')).rejects.toBe(failure);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects when it takes longer, and not before', async () => {
    vi.useFakeTimers();
    const settled = vi.fn();
    const { open, opened } = gate();
    const outcome = withTimeout(opened, 10, 'the answer').catch((error: unknown) => error);
    void outcome.then(settled);
    await vi.advanceTimersByTimeAsync(9);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toBeInstanceOf(TimeoutError);
    expect(await outcome).toMatchObject({
      code: 'TIMEOUT',
      message: 'the answer took longer than 10 ms.',
      details: { ms: 10 },
    });
    open();
  });

  it('swallows an error that comes too late', async () => {
    vi.useFakeTimers();
    const { open, opened } = gate();
    const late = opened.then(() => Promise.reject(new Error('late')));
    const outcome = withTimeout(late, 10, 'it').catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10);
    expect(await outcome).toBeInstanceOf(TimeoutError);
    open();
    await vi.advanceTimersByTimeAsync(0);
  });
});

describe('loop', () => {
  const never = (error: unknown) => expect.unreachable(String(error));

  it('does nothing when aborted before', async () => {
    const step = vi.fn(async () => undefined);
    await loop({ step, intervalMs: 0, signal: AbortSignal.abort(), onError: never });
    expect(step).not.toHaveBeenCalled();
  });

  it('repeats one step at a time until it is aborted', async () => {
    const abort = new AbortController();
    let [running, runs] = [0, 0];
    const step = async () => {
      expect(++running).toBe(1);
      await sleep(0);
      running--;
      if (++runs === 5) abort.abort();
    };
    await loop({ step, intervalMs: 0, signal: abort.signal, onError: never });
    expect(runs).toBe(5);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  it('ends at once when aborted while it waits', async () => {
    const abort = new AbortController();
    const { open, opened } = gate();
    const ended = loop({
      step: async () => open(),
      intervalMs: LONG,
      signal: abort.signal,
      onError: never,
    });
    await opened;
    await sleep(1); // the step has ended, the wait has begun
    abort.abort();
    await ended;
  });

  it('lets the step that is under way end when aborted during it', async () => {
    const abort = new AbortController();
    const { open, opened } = gate();
    let done = false;
    const step = async () => {
      await opened;
      done = true;
    };
    const ended = loop({ step, intervalMs: LONG, signal: abort.signal, onError: never });
    abort.abort();
    open();
    await ended;
    expect(done).toBe(true);
  });

  it('goes on after an error, and says nothing of one that the abort caused', async () => {
    const abort = new AbortController();
    const onError = vi.fn();
    let runs = 0;
    const step = async () => {
      if (++runs === 3) abort.abort();
      throw new Error(`run ${runs}`);
    };
    await loop({ step, intervalMs: 0, signal: abort.signal, onError });
    expect(onError.mock.calls.map(([error]) => (error as Error).message)).toEqual(['run 1', 'run 2']);
  });
});

describe('Mutex', () => {
  it('runs one section at a time in the order of arrival, whatever they end with', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ ticks: fc.nat(3), fails: fc.boolean() })), async (sections) => {
        const mutex = new Mutex();
        const order: number[] = [];
        let inside = 0;
        const outcomes = await Promise.allSettled(
          sections.map(({ ticks, fails }, i) =>
            mutex.run(async () => {
              expect(++inside).toBe(1);
              for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
              order.push(i);
              inside--;
              if (fails) throw new Error(String(i));
              return i;
            }),
          ),
        );
        expect(order).toEqual(sections.map((_, i) => i));
        outcomes.forEach((outcome, i) => {
          if (outcome.status === 'fulfilled') expect(outcome.value).toBe(i);
          else expect(outcome.reason).toMatchObject({ message: String(i) });
          expect(outcome.status === 'rejected').toBe(sections[i]!.fails);
        });
      }),
      { numRuns: 50 },
    );
  });
});
