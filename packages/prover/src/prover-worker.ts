import { fromHex, isAbort, type Logger, type Service, serializeError, sleep } from '@polyproof/base';
import type { ProofSystem, ProvingResult } from '@polyproof/proofs';
import { createProverClient, protocolErrorOf, type Task, toPayload } from '@polyproof/protocol';
import { attempt } from './attempt.js';
import type { AttemptOutcome, ProverMetrics } from './metrics.js';
import type { ProverWorkerOptions } from './options.js';
import { peakMemoryBytes } from './peak-memory.js';
import { Session } from './session.js';

/** Failures that every other prover would meet as well. */
const FINAL_CODES = new Set(['INPUTS_REFUSED', 'BAD_INPUTS', 'BAD_PROOF_SHAPE', 'KEY_NOT_IN_SET']);

/**
 * Proves for one aggregator, one task at a time: leases a task, keeps the lease alive while proving, delivers
 * the proof or the reason why there is none. It outlives every outage of the aggregator.
 */
export class ProverWorker implements Service {
  readonly #options: ProverWorkerOptions;
  readonly #proofSystem: Pick<ProofSystem, 'prove'>;
  readonly #logger: Logger;
  readonly #session: Session;
  readonly #metrics: ProverMetrics | undefined;
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
    this.#metrics = modules.metrics;
    const { aggregatorUrl, privateKey, ca } = options;
    const client = createProverClient(aggregatorUrl, {
      ...(privateKey === undefined ? {} : { privateKey }),
      ...(ca === undefined ? {} : { ca }),
    });
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

  /** Takes no more tasks and finishes the one at hand, or hands it back when `graceMs` or {@link abandon} ends its time. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Hands the task at hand back unfinished. */
  abandon(): void {
    this.#abandon.abort();
  }

  async #close(): Promise<void> {
    this.#stopping.abort();
    const { graceMs = 10_000 } = this.#options;
    const timer = Number.isFinite(graceMs) ? setTimeout(() => this.abandon(), graceMs) : undefined;
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
    const context = { ...contextOf(task), kind: task.program };
    this.#logger.info('proving', context);
    const delivered = new AbortController();
    const cancelled = new AbortController();
    const state = { stage: 'proving' };
    const heart = this.#beat(task, state, delivered.signal, cancelled);
    let ended: AttemptOutcome = 'failed';
    this.#metrics?.begun();
    try {
      const outcome = await attempt(
        task,
        { programs: this.#options.programs, cancelled: cancelled.signal, abandoned: this.#abandon.signal },
        { proofSystem: this.#proofSystem, blobs: this.#session.client.blobs },
      );
      if (cancelled.signal.aborted) {
        ended = 'cancelled';
        return;
      }
      state.stage = 'sending';
      if ('result' in outcome) {
        ended = 'refused';
        await this.#complete(task, outcome.result);
        ended = 'delivered';
      } else await this.#fail(task, outcome.error);
    } catch (error) {
      const refusal = protocolErrorOf(error);
      if (refusal === undefined) throw error;
      this.#logger.error('the aggregator refused the result', { ...context, code: refusal.code }, error);
    } finally {
      delivered.abort();
      this.#metrics?.ended(ended);
      await heart;
    }
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
        return this.#logger.info('the proof is not wanted any more', contextOf(task));
      await sleep(intervalMs, done).catch(() => undefined);
    }
  }

  async #complete(task: Task, result: ProvingResult): Promise<void> {
    const { program, witnessSeconds, proveSeconds, gates } = result;
    this.#metrics?.proved(program, { witness: witnessSeconds, prove: proveSeconds }, gates);
    const { accepted } = await this.#deliver(async (proverId) =>
      this.#session.client.complete({
        proverId,
        taskId: task.id,
        proof: await toPayload(result.proof, (content) => this.#session.client.blobs.put(content)),
        publicInputs: result.publicInputs.map((input) => fromHex(input)),
        gates: BigInt(gates),
        witnessSeconds,
        proveSeconds,
        peakMemoryBytes: BigInt(peakMemoryBytes()),
      }),
    );
    this.#logger.info('proved', { ...contextOf(task), accepted, witnessSeconds, proveSeconds });
  }

  async #fail(task: Task, error: unknown): Promise<void> {
    const { code, message } = serializeError(error);
    const context = contextOf(task);
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

/** What every line about a task says; `trace` is the same in all processes that work for its sequence. */
function contextOf(task: Task): Record<string, unknown> {
  return { task: task.id, label: task.label, trace: task.trace };
}

export interface ProverModules {
  metrics?: ProverMetrics;
  proofSystem: Pick<ProofSystem, 'prove'>;
  logger: Logger;
}
