import { toHex } from '@polyproof/base';
import type { CircuitInputs, ProgramName, ProofSystem, ProvingResult } from '@polyproof/proofs';
import { type BlobClient, readPayload, type Task } from '@polyproof/protocol';
import { ProverError } from './errors.js';
import type { HeldPrograms } from './options.js';

/** Of a circuit's inputs; a batch's have a few MB. */
const MOST_INPUT_BYTES = 256 * 1024 * 1024;

export type Outcome = { result: ProvingResult } | { error: unknown };

export interface AttemptOptions {
  programs: HeldPrograms;
  /** the proof is not wanted any more */
  cancelled: AbortSignal;
  /** the worker has no more time */
  abandoned: AbortSignal;
}

export interface AttemptModules {
  proofSystem: Pick<ProofSystem, 'prove'>;
  blobs: Pick<BlobClient, 'get'>;
}

/** The proof of a task, or why there is none. Never rejects. */
export async function attempt(
  task: Task,
  options: AttemptOptions,
  modules: AttemptModules,
): Promise<Outcome> {
  const { cancelled, abandoned } = options;
  const ending = task.limitMs > 0 ? [abandoned, AbortSignal.timeout(task.limitMs)] : [abandoned];
  const end = AbortSignal.any(ending);
  const proving = prove(task, options.programs, AbortSignal.any([cancelled, end]), modules);
  const over = new Promise<void>((resolve) => {
    if (end.aborted) resolve();
    else end.addEventListener('abort', () => resolve(), { once: true });
  });
  const outcome = await Promise.race([proving, over]);
  if (outcome !== undefined && ('result' in outcome || !end.aborted)) return outcome;
  return {
    error: abandoned.aborted
      ? new ProverError('SHUTTING_DOWN', 'the prover was stopped before the proof was ready.')
      : new ProverError('TIMEOUT', `the proof took longer than the ${task.limitMs} ms that the task allows.`),
  };
}

async function prove(
  task: Task,
  programs: HeldPrograms,
  signal: AbortSignal,
  { proofSystem, blobs }: AttemptModules,
): Promise<Outcome> {
  try {
    const held = programs[task.program as ProgramName]?.hash;
    if (held !== task.programHash)
      throw new ProverError(
        'PROGRAM_MISMATCH',
        `the task wants circuit ${task.program} ${task.programHash}, this prover holds ${held ?? 'none'}: ` +
          'give it the artifacts of the aggregator.',
      );
    const inputs = await readPayload(task.inputs, (hash) =>
      blobs.get(hash, { mostBytes: MOST_INPUT_BYTES, signal }),
    );
    return { result: await proofSystem.prove(task.program as ProgramName, parseInputs(inputs), { signal }) };
  } catch (error) {
    return { error };
  }
}

function parseInputs(bytes: Uint8Array): CircuitInputs {
  let inputs: unknown;
  try {
    inputs = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ProverError(
      'BAD_INPUTS',
      `the inputs of the task are not JSON: ${toHex(bytes.subarray(0, 16))}...`,
      {},
      { cause },
    );
  }
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs))
    throw new ProverError('BAD_INPUTS', 'the inputs of the task are JSON, but not an object.');
  return inputs as CircuitInputs;
}
