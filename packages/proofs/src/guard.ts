import { ProofError } from './errors.js';

const MEMORY_CHECK_MS = 100;

export interface GuardOptions {
  /** of which program, for messages */
  program: string;
  /** what is made of it, for messages */
  what: 'a proof' | 'the witness';
  /** what the process that works has now; `undefined` where that is not known */
  memory: () => number | undefined;
  /** what it may have. Default: no limit */
  memoryBytes?: number | undefined;
  /** gives the work up */
  signal?: AbortSignal | undefined;
}

/**
 * Waits for what a process does, until it is not wanted any more or takes more memory than it may: then the caller has to end
 * the process, because it goes on.
 * @throws {ProofError} `ABORTED`, `OUT_OF_MEMORY`
 */
export async function guarded<T>(working: Promise<T>, options: GuardOptions): Promise<T> {
  const { program, what, memory, memoryBytes: limit, signal } = options;
  if (signal?.aborted) {
    working.catch(() => undefined);
    throw aborted(program);
  }
  let end = (_error: ProofError) => {};
  const ended = new Promise<never>((_resolve, reject) => {
    end = reject;
  });
  const abort = () => end(aborted(program));
  signal?.addEventListener('abort', abort, { once: true });
  const watch = setInterval(() => {
    const used = limit === undefined ? undefined : memory();
    if (used !== undefined && used > limit!)
      end(
        new ProofError(
          'OUT_OF_MEMORY',
          `${what} of ${program} took ${used} bytes of memory, and may take ${limit}: give the prover more.`,
          { program, used, limit },
        ),
      );
  }, MEMORY_CHECK_MS);
  try {
    return await Promise.race([working, ended]);
  } catch (error) {
    working.catch(() => undefined);
    throw error;
  } finally {
    clearInterval(watch);
    signal?.removeEventListener('abort', abort);
  }
}

export function aborted(program: string): ProofError {
  return new ProofError('ABORTED', `the proof of ${program} was given up.`, { program });
}
