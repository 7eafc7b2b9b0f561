import { type EventHub, errorMessage, type Field, type Logger, loop, type Service } from '@polyproof/base';
import { type ProgramName, type Proof, statementFromPublicInputs } from '@polyproof/proofs';
import { ProtocolError } from '@polyproof/protocol';
import type { Connection, Database } from '../database/database.js';
import { AggregatorError } from '../errors.js';
import type { AggregatorEvents, TaskEvent } from '../events.js';
import type { BatchInputs, BatchSource, InputComposer, ProgramSet, ProofVerifier } from '../ports.js';
import type { TaskRow } from './check-statement.js';
import { Dispatcher } from './dispatcher.js';
import { Notifier } from './notifier.js';
import { taskLabel } from './plan-tasks.js';
import { type Prover, ProverRegistry } from './prover-registry.js';
import { TaskInputs } from './task-inputs.js';
import { type Delivery, type FailedAttempt, TaskStore } from './task-store.js';

export interface ProofGeneratorOptions {
  programs: ProgramSet;
  /** hash of the rollup's configuration */
  configHash: Field;
  /** account, as a number, that final proofs are bound to; default nobody */
  prover?: Field;
  /** default 30,000 */
  leaseMs?: number;
  /** default 5 */
  maxAttempts?: number;
  /** wait before the second attempt, doubling with each further one; default 1,000 */
  retryDelayMs?: number;
  /** how often leases are checked, and longest time between looks for a task; default 1,000 */
  checkMs?: number;
  /** how long a prover gets no task after it sent a bad proof, doubling with each one; default 60,000 */
  suspensionMs?: number;
  /** provers that may work at one task at once, where one is late or others have nothing to do; default 2 */
  mostCopies?: number;
  /** how long a prover is remembered that sends nothing; default 120,000 */
  forgetMs?: number;
}

export interface ProofGeneratorModules {
  database: Database;
  batchSource: BatchSource;
  composer: InputComposer;
  verifier: ProofVerifier;
  events: EventHub<AggregatorEvents>;
  logger: Logger;
  now: () => number;
  /** stores what the proof sender needs, in the transaction that stores a final proof */
  onFinalProof: (tx: Connection, task: TaskRow, proof: Proof) => Promise<void>;
}

export interface LeasedTask {
  task: TaskRow;
  label: string;
  programHash: string;
  inputs: Record<string, unknown>;
  leaseMs: number;
}

const SHUTTING_DOWN = 'SHUTTING_DOWN';
/** An upper bound for one wait of a prover, whatever it asks for. */
const MAX_WAIT_MS = 60_000;

/**
 * Hands the tasks of all sequences to provers and takes their proofs. A proof is stored only after it was
 * verified and says what the sequence on the base chain demands.
 */
export class ProofGenerator implements Service {
  readonly #options: Required<ProofGeneratorOptions>;
  readonly #modules: ProofGeneratorModules;
  readonly #logger: Logger;
  readonly #store: TaskStore;
  readonly #inputs: TaskInputs;
  readonly #registry: ProverRegistry;
  readonly #dispatcher: Dispatcher;
  readonly #changes = new Notifier();
  readonly #abort = new AbortController();
  readonly #inFlight = new Set<Promise<unknown>>();
  #checking: Promise<void> = Promise.resolve();

  private constructor(options: ProofGeneratorOptions, modules: ProofGeneratorModules) {
    this.#options = {
      leaseMs: 30_000,
      maxAttempts: 5,
      retryDelayMs: 1_000,
      checkMs: 1_000,
      suspensionMs: 60_000,
      forgetMs: 120_000,
      mostCopies: 2,
      prover: 0n,
      ...options,
    };
    this.#modules = modules;
    this.#logger = modules.logger;
    this.#store = new TaskStore(this.#options, modules);
    this.#inputs = new TaskInputs(
      {
        configHash: options.configHash,
        keySetRoot: options.programs.keySetRoot,
        prover: this.#options.prover,
      },
      { ...modules, store: this.#store },
    );
    this.#registry = new ProverRegistry({ ...this.#options, hashes: options.programs.hashes }, modules);
    this.#dispatcher = new Dispatcher(this.#options, {
      registry: this.#registry,
      store: this.#store,
      now: modules.now,
    });
  }

  static async open(options: ProofGeneratorOptions, modules: ProofGeneratorModules): Promise<ProofGenerator> {
    const generator = new ProofGenerator(options, modules);
    const returned = await generator.#store.giveBackAll();
    if (returned > 0) modules.logger.info('tasks of an earlier run are ready again', { tasks: returned });
    generator.#checking = loop({
      step: () => generator.checkLeases(),
      intervalMs: generator.#options.checkMs,
      signal: generator.#abort.signal,
      onError: (error) => modules.logger.error('checking leases failed', {}, error),
    });
    return generator;
  }

  /** Tells waiting provers that there may be something to do. */
  notify(): void {
    this.#changes.notify();
  }

  get provers(): Prover[] {
    return this.#registry.list();
  }

  register(request: Parameters<ProverRegistry['register']>[0]): string {
    const { id, name, cores, programs } = this.#registry.register(request);
    this.#logger.info('prover registered', { prover: name, proverId: id, cores, programs });
    return id;
  }

  /** The next task for a prover; waits up to `waitMs` for one. `signal` aborts when nobody waits any more. */
  lease(proverId: string, waitMs: number, signal?: AbortSignal): Promise<LeasedTask | undefined> {
    return this.#track(async () => {
      const prover = this.#registry.get(proverId);
      const deadline = performance.now() + Math.min(waitMs, MAX_WAIT_MS);
      const abort = AbortSignal.any([this.#abort.signal, ...(signal === undefined ? [] : [signal])]);
      prover.waiting++;
      try {
        for (;;) {
          const seen = this.#changes.version;
          if (abort.aborted) return undefined;
          const leased = this.#registry.isSuspended(prover) ? undefined : await this.#leaseNext(prover, seen);
          if (leased !== undefined && abort.aborted) {
            await this.#store.giveBack(prover.id, leased.task.id);
            this.#release(prover, leased.task.id);
            return undefined;
          }
          const remainingMs = deadline - performance.now();
          if (leased !== undefined || remainingMs <= 0) return leased;
          await this.#changes.wait(seen, Math.min(remainingMs, this.#options.checkMs), abort);
          this.#registry.get(proverId); // it is there as long as it waits
        }
      } finally {
        prover.waiting--;
      }
    });
  }

  /** @returns whether the prover may go on */
  heartbeat(proverId: string, taskId: string, stage: string): Promise<boolean> {
    return this.#track(async () => {
      const prover = this.#registry.get(proverId);
      if (prover.ended.has(taskId) || this.#registry.isSuspended(prover)) return false;
      const task = (await this.#store.renew(prover, taskId)) ?? (await this.#copied(prover, taskId));
      if (task === undefined) {
        if ((await this.#store.get(taskId)) === undefined) throw unknownTask(taskId);
        return false;
      }
      prover.taskId = taskId;
      this.#modules.events.emit('taskProgress', { ...this.#describe(task, prover.name), stage });
      return true;
    });
  }

  /**
   * Takes a proof, whoever made it: a late proof is as good as one in time.
   * @returns whether it is this proof that is stored
   * @throws {ProtocolError} `INVALID_PROOF`, `WRONG_STATEMENT`, `UNKNOWN_TASK`
   */
  complete(proverId: string, taskId: string, delivery: Omit<Delivery, 'program'>): Promise<boolean> {
    return this.#track(async () => {
      const prover = this.#registry.get(proverId);
      const task = await this.#store.get(taskId);
      if (task === undefined || task.status === 'waiting') throw unknownTask(taskId);
      const proof = { ...delivery, program: task.program as ProgramName };
      if (task.status === 'ready' || task.status === 'leased') {
        const fault = await this.#faultOf(task, proof);
        if (fault !== undefined) throw await this.#refuse(prover, task, fault);
      }
      if (prover.taskId === taskId && prover.work !== undefined) {
        const { program, startedAt } = prover.work;
        const gates = this.#options.programs.gates[program as ProgramName];
        prover.record.succeeded(program, gates, this.#modules.now() - startedAt);
      }
      const { stored } = await this.#store.complete(taskId, prover.name, proof, (tx, final) =>
        this.#modules.onFinalProof(tx, final, proof),
      );
      this.#release(prover, taskId);
      if (!stored) return false;
      this.#registry.absolve(prover);
      prover.proofs++;
      const { gates, witnessSeconds, proveSeconds } = delivery;
      const event = { ...this.#describe(task, prover.name), gates, witnessSeconds, proveSeconds };
      this.#logger.info('proof stored', { ...event });
      this.#modules.events.emit('taskDone', event);
      if (task.kind === 'final') this.#modules.events.emit('sequenceProved', { sequence: task.sequence });
      this.notify();
      return true;
    });
  }

  fail(
    proverId: string,
    taskId: string,
    reason: { code: string; message: string; retryable: boolean },
  ): Promise<void> {
    return this.#track(async () => {
      const prover = this.#registry.get(proverId);
      this.#release(prover, taskId);
      if (reason.code === SHUTTING_DOWN) return this.giveBack(proverId, taskId);
      prover.record.failed();
      const failed = await this.#store.fail(proverId, taskId, reason);
      if (failed !== undefined) this.#attemptFailed(failed, reason.code, reason.message);
    });
  }

  /** Puts a task back that a prover did not begin, or did not try to the end. */
  async giveBack(proverId: string, taskId: string): Promise<void> {
    this.#release(this.#registry.get(proverId), taskId);
    await this.#store.giveBack(proverId, taskId);
    this.notify();
  }

  /** Ends the leases of provers that fell silent. Runs by itself at every interval. */
  async checkLeases(): Promise<void> {
    this.#registry.forgetSilent();
    for (const failed of await this.#store.expireLeases()) {
      const prover = this.#registry.find(failed.task.proverId ?? '');
      prover?.record.failed();
      if (prover?.taskId === failed.task.id) prover.work = undefined;
      this.#attemptFailed(failed, 'LEASE_EXPIRED', `no sign of life for ${this.#options.leaseMs} ms`);
    }
  }

  /** Answers all waiting provers and lets proofs that are being verified reach the database. */
  async close(): Promise<void> {
    this.#abort.abort();
    this.notify();
    await this.#checking;
    await Promise.allSettled(this.#inFlight);
  }

  async #leaseNext(prover: Prover, version: number): Promise<LeasedTask | undefined> {
    for (;;) {
      const assignment = await this.#dispatcher.assignment(prover, version);
      if (assignment === undefined) return undefined;
      const { copy } = assignment;
      const task = copy
        ? await this.#store.leased(assignment.task)
        : await this.#store.lease(prover, assignment.task);
      if (task === undefined) continue;
      const prepared = await this.#prepare(task);
      if (prepared === undefined) continue;
      const { program, inputs } = prepared;
      if (!prover.programs.includes(program)) {
        await this.#store.giveBack(prover.id, task.id);
        this.notify(); // one who has the circuit
        continue;
      }
      prover.taskId = task.id;
      prover.work = { program, startedAt: this.#modules.now(), copy };
      prover.ended.delete(task.id);
      const event = this.#describe(task, prover.name);
      this.#logger.info(copy ? 'task leased once more' : 'task leased', { ...event });
      this.#modules.events.emit('taskLeased', event);
      const programHash = this.#options.programs.hashes[program];
      return {
        task: { ...task, program },
        label: event.label,
        programHash,
        inputs,
        leaseMs: this.#options.leaseMs,
      };
    }
  }

  async #prepare(task: TaskRow): Promise<BatchInputs | undefined> {
    try {
      const { program, inputs, publicInputs, problem } = await this.#inputs.prepare(task);
      if (problem !== undefined) {
        const message = `${taskLabel(task)} cannot be proved: ${problem}.`;
        const error = new AggregatorError('WRONG_STATEMENT', message, { task: task.id });
        await this.#store.failSequence(task.sequence, task.id, message);
        this.#sequenceFailed(task.sequence, error.message);
        return undefined;
      }
      await this.#store.expect(task.id, program, publicInputs);
      return { program, inputs };
    } catch (error) {
      this.#logger.warn('the inputs of a task are not there yet', { task: taskLabel(task) }, error);
      // At least a moment, or the same task would come up again at once.
      await this.#store.postpone(task.id, errorMessage(error), Math.max(1, this.#options.retryDelayMs));
      return undefined;
    }
  }

  /** The task that the prover was given a copy of, as long as another prover has its lease. */
  async #copied(prover: Prover, taskId: string): Promise<TaskRow | undefined> {
    return prover.taskId === taskId && prover.work?.copy ? this.#store.leased(taskId) : undefined;
  }

  /** What is wrong with a delivered proof; `undefined` when it is the one asked for. */
  async #faultOf(
    task: TaskRow,
    proof: Proof,
  ): Promise<{ code: 'INVALID_PROOF' | 'WRONG_STATEMENT'; message: string } | undefined> {
    const label = taskLabel(task);
    const { expected } = task;
    const differs =
      proof.publicInputs.length !== expected?.length || proof.publicInputs.some((v, i) => v !== expected[i]);
    if (expected !== null && differs) {
      const i = expected.findIndex((value, index) => value !== proof.publicInputs[index]);
      const message = `${label}: public input ${i} is ${proof.publicInputs[i] ?? 'missing'}, expected ${expected[i]}.`;
      return { code: 'WRONG_STATEMENT', message };
    }
    try {
      const problem = await this.#inputs.contradiction(task, statementFromPublicInputs(proof.publicInputs));
      if (problem !== undefined) return { code: 'WRONG_STATEMENT', message: `${label}: ${problem}.` };
    } catch (error) {
      return { code: 'WRONG_STATEMENT', message: `${label}: ${errorMessage(error)}` };
    }
    if (await this.#modules.verifier.verify(proof)) return undefined;
    return { code: 'INVALID_PROOF', message: `${label}: the proof is not valid.` };
  }

  async #refuse(
    prover: Prover,
    task: TaskRow,
    fault: { code: 'INVALID_PROOF' | 'WRONG_STATEMENT'; message: string },
  ): Promise<ProtocolError> {
    this.#release(prover, task.id);
    prover.record.failed();
    const until = this.#registry.suspend(prover);
    this.#logger.error('a proof was refused', {
      ...fault,
      prover: prover.name,
      suspendedUntil: new Date(until).toISOString(),
    });
    const failed = await this.#store.refuse(prover, task.id, fault);
    if (failed !== undefined) this.#attemptFailed(failed, fault.code, fault.message);
    return new ProtocolError(fault.code, fault.message);
  }

  #attemptFailed({ task, sequenceFailed }: FailedAttempt, code: string, message: string): void {
    const event = { ...this.#describe(task, task.proverName ?? ''), code, message, retry: !sequenceFailed };
    this.#logger.warn('an attempt failed', { ...event });
    this.#modules.events.emit('taskFailed', event);
    if (sequenceFailed) this.#sequenceFailed(task.sequence, message);
    this.notify();
  }

  #sequenceFailed(sequence: bigint, reason: string): void {
    this.#logger.error('a sequence cannot be proved', { sequence, reason });
    this.#modules.events.emit('sequenceFailed', { sequence, reason });
  }

  #release(prover: Prover, taskId: string): void {
    prover.ended.add(taskId);
    if (prover.taskId !== taskId) return;
    prover.taskId = undefined;
    prover.work = undefined;
  }

  #describe(task: TaskRow, prover: string): TaskEvent {
    const { id: taskId, sequence, kind, leasedAt } = task;
    const elapsedSeconds = leasedAt === null ? 0 : (this.#modules.now() - leasedAt.getTime()) / 1e3;
    return { taskId, sequence, kind, label: taskLabel(task), prover, elapsedSeconds };
  }

  /** Work that `close` waits for. */
  async #track<T>(work: () => Promise<T>): Promise<T> {
    if (this.#abort.signal.aborted) throw new ProtocolError('CLOSING', 'the aggregator is closing.');
    const running = work();
    this.#inFlight.add(running);
    try {
      return await running;
    } finally {
      this.#inFlight.delete(running);
    }
  }
}

function unknownTask(taskId: string): ProtocolError {
  return new ProtocolError('UNKNOWN_TASK', `there is no task ${JSON.stringify(taskId)} to prove.`);
}
