import { fromHex, isAbort, type Logger, type Service, serializeError, sleep, toHex } from '@polyproof/base';
import type { CircuitInputs, ProgramName, ProofSystem, ProvingResult } from '@polyproof/proofs';
import { createProverClient, protocolErrorOf, type Task } from '@polyproof/protocol';
import { ProverError } from './errors.js';
import type { ProverWorkerOptions } from './options.js';
import { peakMemoryBytes } from './peak-memory.js';
import { Session } from './session.js';

/** Failures that every other prover would meet as well. */
const FINAL_CODES = new Set(['INPUTS_REFUSED', 'BAD_INPUTS', 'BAD_PROOF_SHAPE', 'KEY_NOT_IN_SET']);

type Outcome = { result: ProvingResult } | { error: unknown };

/**
 * Proves for one aggregator, one task at a time: leases a task, keeps the lease alive while proving, delivers
 * the proof or the reason why there is none. It outlives every outage of the aggregator.
 */
export class ProverWorker implements Service {
  readonly #options: ProverWorkerOptions;
  readonly #proofSystem: Pick<ProofSystem, 'prove'>;
  readonly #logger: Logger;
  readonly #session: Session;
  /** no new task */
  readonly #stopping = new AbortController();
  /** no more time for the task at hand */
  readonly #abandon = new AbortController();
  readonly #running: Promise<void>;
  #closing: Promise<void> | undefined;

  private constructor(options: ProverWorkerOptions, modules: ProverModules) {
    this.#options = options;
    this.#proofSystem = modules.proofSystem;
    this.#logger = modules.logger;
    const client = createProverClient(options.aggregatorUrl);
    this.#session = new Session(options, { client, logger: modules.logger });
    this.#running = this.#run();
  }

  /** Starts to work at once; the proof system stays the caller's to close. */
  static start(options: ProverWorkerOptions, modules: ProverModules): ProverWorker {
    return new ProverWorker(options, modules);
  }

  /** The id under which the aggregator knows this worker; `undefined` before it registered. */
  get proverId(): string | undefined {
    return this.#session.proverId;
  }

  /** Takes no more tasks, gives the one at hand `graceMs` to end, then hands it back unfinished. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopping.abort();
    const timer = setTimeout(() => this.#abandon.abort(), this.#options.graceMs ?? 10_000);
    await this.#running;
    clearTimeout(timer);
    await this.#session.client.close();
  }

  async #run(): Promise<void> {
    const { minBackoffMs = 250, maxBackoffMs = 10_000 } = this.#options;
    const signal = this.#stopping.signal;
    let backoffMs = minBackoffMs;
    while (!signal.aborted) {
      try {
        const task = await this.#lease();
        backoffMs = minBackoffMs;
        if (task !== undefined) await this.#work(task);
      } catch (error) {
        if (signal.aborted) return;
        this.#logger.warn('the aggregator gives no tasks', { retryInMs: backoffMs }, error);
        await sleep(backoffMs, signal).catch(() => undefined);
        backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
      }
    }
  }

  async #lease(): Promise<Task | undefined> {
    const { leaseWaitMs = 20_000 } = this.#options;
    const { task } = await this.#session.call((proverId) =>
      this.#session.client.lease(
        { proverId, waitMs: leaseWaitMs },
        { signal: this.#stopping.signal, timeoutMs: leaseWaitMs + 30_000 },
      ),
    );
    return task;
  }

  async #work(task: Task): Promise<void> {
    const context = { task: task.id, label: task.label, kind: task.program };
    this.#logger.info('proving', context);
    const delivered = new AbortController();
    const cancelled = new AbortController();
    const state = { stage: 'proving' };
    const heart = this.#beat(task, state, delivered.signal, cancelled);
    try {
      const proving = this.#prove(task);
      const outcome = await Promise.race([proving, this.#abandoned(delivered.signal)]);
      if (cancelled.signal.aborted) return;
      state.stage = 'sending';
      if ('result' in outcome) await this.#complete(task, outcome.result);
      else await this.#fail(task, outcome.error);
    } catch (error) {
      const refusal = protocolErrorOf(error);
      if (refusal === undefined) throw error;
      this.#logger.error('the aggregator refused the result', { ...context, code: refusal.code }, error);
    } finally {
      delivered.abort();
      await heart;
    }
  }

  async #prove(task: Task): Promise<Outcome> {
    try {
      const expected = (this.#options.programHashes as Record<string, string | undefined>)[task.program];
      if (expected !== task.programHash)
        throw new ProverError(
          'PROGRAM_MISMATCH',
          `the task wants circuit ${task.program} ${task.programHash}, this prover holds ${expected ?? 'none'}: ` +
            'give it the artifacts of the aggregator.',
        );
      const result = await this.#proofSystem.prove(task.program as ProgramName, parseInputs(task.inputs));
      return { result };
    } catch (error) {
      return { error };
    }
  }

  /** Resolves with an error when the time for the task at hand is over. */
  #abandoned(done: AbortSignal): Promise<Outcome> {
    const signal = this.#abandon.signal;
    const error = new ProverError('SHUTTING_DOWN', 'the prover was stopped before the proof was ready.');
    if (signal.aborted) return Promise.resolve({ error });
    return new Promise((resolve) => {
      const listener = () => resolve({ error });
      signal.addEventListener('abort', listener, { once: true });
      done.addEventListener('abort', () => signal.removeEventListener('abort', listener), { once: true });
    });
  }

  async #beat(
    task: Task,
    state: { stage: string },
    done: AbortSignal,
    cancelled: AbortController,
  ): Promise<void> {
    const intervalMs = this.#options.heartbeatMs ?? Math.min(5_000, Math.ceil(task.leaseMs / 4));
    while (!done.aborted) {
      try {
        const answer = await this.#session.call((proverId) =>
          this.#session.client.heartbeat(
            { proverId, taskId: task.id, stage: state.stage },
            { signal: done, timeoutMs: Math.max(intervalMs, 1_000) },
          ),
        );
        if (answer.cancelled) cancelled.abort();
      } catch (error) {
        if (done.aborted) return;
        if (protocolErrorOf(error)?.code === 'UNKNOWN_TASK') cancelled.abort();
        else this.#logger.debug('a heartbeat was lost', { task: task.id }, error);
      }
      if (cancelled.signal.aborted)
        return this.#logger.info('the proof is not wanted any more', { task: task.id, label: task.label });
      await sleep(intervalMs, done).catch(() => undefined);
    }
  }

  async #complete(task: Task, result: ProvingResult): Promise<void> {
    const { witnessSeconds, proveSeconds, gates } = result;
    const { accepted } = await this.#deliver((proverId) =>
      this.#session.client.complete({
        proverId,
        taskId: task.id,
        proof: result.proof,
        publicInputs: result.publicInputs.map((input) => fromHex(input)),
        gates: BigInt(gates),
        witnessSeconds,
        proveSeconds,
        peakMemoryBytes: BigInt(peakMemoryBytes()),
      }),
    );
    this.#logger.info('proved', { task: task.id, label: task.label, accepted, witnessSeconds, proveSeconds });
  }

  async #fail(task: Task, error: unknown): Promise<void> {
    const { code, message } = serializeError(error);
    const context = { task: task.id, label: task.label };
    if (code === 'SHUTTING_DOWN') this.#logger.info('task given back', context);
    else this.#logger.warn('a task failed', { ...context, code }, error);
    const request = { taskId: task.id, code, message, retryable: !FINAL_CODES.has(code) };
    await this.#deliver((proverId) => this.#session.client.fail({ ...request, proverId }));
  }

  /** A result is worth minutes of work: it is sent again until the aggregator answers, one way or the other. */
  async #deliver<T>(send: (proverId: string) => Promise<T>): Promise<T> {
    const { minBackoffMs = 250, maxBackoffMs = 10_000 } = this.#options;
    for (let backoffMs = minBackoffMs; ; backoffMs = Math.min(backoffMs * 2, maxBackoffMs)) {
      try {
        return await this.#session.call(send);
      } catch (error) {
        if (protocolErrorOf(error) !== undefined || isAbort(error) || this.#abandon.signal.aborted)
          throw error;
        this.#logger.warn('the result could not be delivered', { retryInMs: backoffMs }, error);
        await sleep(backoffMs, this.#abandon.signal).catch(() => undefined);
      }
    }
  }
}

export interface ProverModules {
  proofSystem: Pick<ProofSystem, 'prove'>;
  logger: Logger;
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
