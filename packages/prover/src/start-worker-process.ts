import { once } from 'node:events';
import {
  forkEntry,
  fromSerializedError,
  type Logger,
  type SerializedError,
  type Service,
  stopChild,
} from '@polyproof/base';
import { ProverError } from './errors.js';
import type { WorkerProcessOptions } from './options.js';

export interface WorkerHandle extends Service {
  /** Asks the process to end, as a signal does: once to finish its task first, twice to end at once. */
  stop(): void;
  readonly pid: number;
  /** Resolves with exit code or signal when the process has ended, for whatever reason. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/**
 * Starts a prover in its own process and resolves when its proof system is open.
 * @throws the error for which the process could not start, such as missing artifacts
 */
export async function startWorkerProcess(
  options: WorkerProcessOptions,
  modules: { logger: Logger },
): Promise<WorkerHandle> {
  // In a session of its own: Ctrl-C in a terminal would end its bb, and with it the proof at hand, before we ask.
  const child = forkEntry(import.meta.url, './worker-process.js', [JSON.stringify(options)], {
    detached: true,
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  const early = exited.then(({ code, signal }) => {
    throw new ProverError(
      'WORKER_NOT_STARTED',
      `prover "${options.name}" ended before it was ready (${signal ?? `code ${code}`}): see its log.`,
    );
  });
  const [message] = (await Promise.race([once(child, 'message'), early])) as [{ error?: SerializedError }];
  early.catch(() => undefined);
  if (message.error !== undefined) {
    await exited;
    throw fromSerializedError(message.error);
  }
  const pid = child.pid!;
  modules.logger.info('prover process started', { name: options.name, pid });
  const { graceMs = 10_000 } = options;
  const close = async () => {
    if (graceMs !== 'drain') return stopChild(child, graceMs + 5_000);
    child.kill('SIGTERM');
    await exited;
  };
  return { pid, exited, stop: () => void child.kill('SIGTERM'), close };
}
