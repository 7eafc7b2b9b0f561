import { readFileSync } from 'node:fs';
import { forkEntry } from '@polyproof/base';
import { ProofError, type ProofErrorCode } from '../errors.js';
import { aborted } from '../guard.js';
import type { CircuitInputs } from '../types.js';
import type { NoirProgram } from './noir-program.js';
import type { SolveJob, SolveResult } from './solve-process.js';

const MEMORY_CHECK_MS = 100;

/**
 * Solves the witness of a stranger's program in a process of its own: one that never ends, or eats all memory, ends with that
 * process.
 * @throws {ProofError} `INPUTS_REFUSED` with the constraint that does not hold; `OUT_OF_MEMORY`; `ABORTED`; `PROVING_FAILED`
 */
export async function solveApart(
  program: NoirProgram,
  inputs: CircuitInputs,
  options: { memoryBytes?: number | undefined; signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const { memoryBytes: limit, signal } = options;
  const { id, circuit } = program;
  if (signal?.aborted) throw aborted(id);
  const child = forkEntry(import.meta.url, './solve-process.js', [], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let watch: NodeJS.Timeout | undefined;
  let abort = () => {};
  try {
    const result = await new Promise<SolveResult>((resolve, reject) => {
      abort = () => reject(aborted(id));
      signal?.addEventListener('abort', abort, { once: true });
      watch = setInterval(() => {
        const used = limit === undefined ? undefined : residentBytes(child.pid);
        if (used !== undefined && used > limit!)
          reject(
            new ProofError(
              'OUT_OF_MEMORY',
              `the witness of ${id} took ${used} bytes of memory, and may take ${limit}: give the prover more.`,
            ),
          );
      }, MEMORY_CHECK_MS);
      child.once('error', reject);
      child.once('message', (message) => resolve(message as SolveResult));
      child.once('exit', (code, killed) =>
        reject(
          new ProofError(
            'PROVING_FAILED',
            `the process that solved the witness of ${id} ended (${killed ?? `code ${code}`}).`,
          ),
        ),
      );
      child.send({ id, circuit, inputs } satisfies SolveJob, (error) => {
        if (error) reject(error);
      });
    });
    if ('witness' in result) return result.witness;
    const { code, message, details } = result.error;
    throw new ProofError(
      code === 'UNEXPECTED' ? 'PROVING_FAILED' : (code as ProofErrorCode),
      message,
      details,
    );
  } finally {
    clearInterval(watch);
    signal?.removeEventListener('abort', abort);
    child.kill('SIGKILL');
  }
}

/** `undefined` where the system does not tell. */
function residentBytes(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
