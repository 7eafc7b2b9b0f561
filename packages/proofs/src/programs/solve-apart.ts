import type { ChildProcess } from 'node:child_process';
import { forkEntry } from '@polyproof/base';
import { residentBytes } from '../bb.js';
import { ProofError, type ProofErrorCode } from '../errors.js';
import { aborted, guarded } from '../guard.js';
import type { CircuitInputs } from '../types.js';
import type { NoirProgram } from './noir-program.js';
import type { SolveJob, SolveResult } from './solve-process.js';

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
  const { id, circuit } = program;
  if (options.signal?.aborted) throw aborted(id);
  const child = forkEntry(import.meta.url, './solve-process.js', [], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const memory = () => residentBytes(child);
  try {
    const result = await guarded(answerOf(child, { id, circuit, inputs }), {
      program: id,
      what: 'the witness',
      memory,
      ...options,
    });
    if ('witness' in result) return result.witness;
    const { code, message, details } = result.error;
    throw new ProofError(
      code === 'UNEXPECTED' ? 'PROVING_FAILED' : (code as ProofErrorCode),
      message,
      details,
    );
  } finally {
    child.kill('SIGKILL');
  }
}

/** @throws {ProofError} `PROVING_FAILED` when the process ends without an answer */
function answerOf(child: ChildProcess, job: SolveJob): Promise<SolveResult> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('message', (message) => resolve(message as SolveResult));
    child.once('exit', (code, killed) =>
      reject(
        new ProofError(
          'PROVING_FAILED',
          `the process that solved the witness of ${job.id} ended (${killed ?? `code ${code}`}).`,
        ),
      ),
    );
    child.send(job, (error) => {
      if (error) reject(error);
    });
  });
}
