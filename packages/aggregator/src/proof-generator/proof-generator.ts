import { type EventHub, errorMessage, type Logger, loop, type Service } from '@polyproof/base';
import type { ProgramName, Proof } from '@polyproof/proofs';
import { ProtocolError } from '@polyproof/protocol';
import type { SQL } from 'drizzle-orm';
import type { Connection, Database } from '../database/database.js';
import { AggregatorError } from '../errors.js';
import type { AggregatorEvents, TaskEvent } from '../events.js';
import type { BatchInputs, BatchSource, InputComposer, ProofVerifier } from '../ports.js';
import { Changes } from './changes.js';
import { type Fault, faultOf } from './check-delivery.js';
import type { TaskRow } from './check-statement.js';
import { Dispatcher } from './dispatcher.js';
import { Leases } from './leases.js';
import { type ProofGeneratorOptions, type Settings, withDefaults } from './options.js';
import { taskLabel } from './plan-tasks.js';
import { type Prover, ProverRegistry } from './prover-registry.js';
import { type KnownProver, ProverStore } from './prover-store.js';
import { TaskInputs } from './task-inputs.js';
import { TaskReader } from './task-reader.js';
import { type Delivery, type FailedAttempt, TaskStore } from './task-store.js';

export interface ProofGeneratorModules {
  database: Database;
  batchSource: BatchSource;
  composer: InputComposer;
  verifier: ProofVerifier;
  events: EventHub<AggregatorEvents>;
  logger: Logger;
  /** of this process (ms) */
  now: () => number;
  /** what is taken for the time in the database, which all replicas share; default: the database's clock */
  time?: () => SQL<Date>;
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
  readonly #options: Settings;
  readonly #modules: ProofGeneratorModules;
  readonly #logger: Logger;
  readonly #reader: TaskReader;
  readonly #store: TaskStore;
  readonly #inputs: TaskInputs;
  readonly #known: ProverStore;
  readonly #registry: ProverRegistry;
  readonly #dispatcher: Dispatcher;
  readonly #changes: Changes;
  /** provers, by name, that say of a task that nobody can prove it */
  readonly #claims = new Map<string, Set<string>>();
  readonly #abort = new AbortController();
  readonly #inFlight = new Set<Promise<unknown>>();
  #checking: Promise<void> = Promise.resolve();

  private constructor(options: Settings, modules: ProofGeneratorModules, changes: Changes) {
    this.#options = options;
    this.#modules = modules;
    this.#logger = modules.logger;
    this.#changes = changes;
    const leases = new Leases(options, modules);
    this.#reader = new TaskReader({ ...modules, leases });
    this.#store = new TaskStore(options, { ...modules, leases });
    this.#inputs = new TaskInputs(
      {
        configHash: options.configHash,
        programs: options.programs,
        prover: options.prover,
      },
      { ...modules, reader: this.#reader },
    );
    this.#known = new ProverStore(options, modules);
    this.#registry = new ProverRegistry({ ...options, hashes: options.programs.hashes }, modules);
    this.#dispatcher = new Dispatcher(options, {
      registry: this.#registry,
      reader: this.#reader,
      now: modules.now,
    });
  }

  static async open(options: ProofGeneratorOptions, modules: ProofGeneratorModules): Promise<ProofGenerator> {
    const generator = new ProofGenerator(withDefaults(options), modules, await Changes.open(modules));
    try {
      const returned = modules.database.exclusive ? await generator.#store.giveBackAll() : 0;
      if (returned > 0) modules.logger.info('tasks of an earlier run are ready again', { tasks: returned });
      generator.#registry.learn(await generator.#known.list());
    } catch (error) {
      await generator.close();
      throw error;
    }
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

  /** The provers of this replica. */
  get provers(): Prover[] {
    return this.#registry.list();
  }

  /** All provers that ever proved something, or failed to. */
  knownProvers(): Promise<KnownProver[]> {
    return this.#known.list();
  }

  /**
   * Gives a prover that is suspended or quarantined tasks again.
   * @returns whether it is known
   */
  async releaseProver(name: string): Promise<boolean> {
    const released = await this.#known.release(name);
    this.#registry.learn(await this.#known.list());
    this.notify();
    return released;
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
      const expectedMs = (program: string) => this.#expectedMs(prover, program);
      const lease = await this.#store.renew(prover, taskId, expectedMs);
      if (lease === undefined) {
        if ((await this.#reader.get(taskId)) === undefined) throw unknownTask(taskId);
        return false;
      }
      const { task, elapsedMs } = lease;
      // After a restart, and at a replica that did not give it the task, this is how the prover's work becomes known.
      if (prover.taskId !== taskId)
        prover.work = { program: task.program, startedAt: this.#modules.now() - elapsedMs };
      prover.taskId = taskId;
      this.#modules.events.emit('taskProgress', { ...describe(task, prover.name, elapsedMs), stage });
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
      const task = await this.#reader.get(taskId);
      if (task === undefined || task.status === 'waiting') throw unknownTask(taskId);
      const proof = { ...delivery, program: task.program as ProgramName };
      if (task.status === 'ready' || task.status === 'leased') {
        const { verifier } = this.#modules;
        const fault = await faultOf(task, proof, { inputs: this.#inputs, verifier });
        if (fault !== undefined) throw await this.#refuse(prover, task, fault);
      }
      this.#measure(prover, taskId);
      const { stored, elapsedMs } = await this.#store.complete(taskId, prover, proof, (tx, final) =>
        this.#modules.onFinalProof(tx, final, proof),
      );
      this.#release(prover, taskId);
      this.#claims.delete(taskId);
      await this.#remember(prover, { proof: stored });
      if (!stored) return false;
      prover.proofs++;
      const { gates, witnessSeconds, proveSeconds } = delivery;
      const event = { ...describe(task, prover.name, elapsedMs), gates, witnessSeconds, proveSeconds };
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
      await this.#remember(prover, { proof: false });
      const retryable = reason.retryable || this.#isDoubted(prover, taskId);
      const failed = await this.#store.fail(proverId, taskId, { ...reason, retryable });
      if (failed !== undefined) this.#attemptFailed(failed, reason.code, reason.message);
    });
  }

  /**
   * Whether more is needed than the word of this prover that nobody can prove a task: another prover, while there is one.
   * Until that one has tried, this one is asked no more.
   */
  #isDoubted(prover: Prover, taskId: string): boolean {
    const names = this.#claims.get(taskId) ?? new Set();
    names.add(prover.name);
    const all = this.#registry.list();
    if (names.size > 1 || all.every(({ name }) => name === prover.name)) {
      this.#claims.delete(taskId);
      for (const one of all) if (names.has(one.name)) this.#registry.believe(one);
      return false;
    }
    this.#claims.set(taskId, names);
    this.#registry.doubt(prover, this.#options.suspensionMs);
    return true;
  }

  /** Puts a task back that a prover did not begin, or did not try to the end. */
  async giveBack(proverId: string, taskId: string): Promise<void> {
    this.#release(this.#registry.get(proverId), taskId);
    await this.#store.giveBack(proverId, taskId);
    this.notify();
  }

  /** Ends the leases of provers that fell silent, of any replica. Runs by itself at every interval. */
  async checkLeases(): Promise<void> {
    this.#registry.forgetSilent();
    for (const failed of await this.#store.expireLeases()) {
      const prover = this.#registry.find(failed.prover.id);
      if (prover !== undefined) {
        prover.record.failed();
        await this.#remember(prover, { proof: false });
        if (prover.taskId === failed.task.id) prover.work = undefined;
      }
      this.#attemptFailed(failed, failed.code, failed.message);
    }
    this.#registry.learn(await this.#known.list());
  }

  /** Answers all waiting provers and lets proofs that are being verified reach the database. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#checking;
    await Promise.allSettled(this.#inFlight);
    await this.#changes.close();
  }

  async #leaseNext(prover: Prover, version: number): Promise<LeasedTask | undefined> {
    for (;;) {
      const assignment = await this.#dispatcher.assignment(prover, version);
      if (assignment === undefined) return undefined;
      const { copy } = assignment;
      const expectedMs = (program: string) => this.#expectedMs(prover, program);
      const task = await this.#store.lease(prover, assignment.task, { copy, expectedMs });
      if (task === undefined) continue; // another replica was faster
      const prepared = await this.#prepare(prover, task);
      if (prepared === undefined) continue;
      const { program, inputs } = prepared;
      if (!prover.programs.includes(program)) {
        await this.#store.giveBack(prover.id, task.id);
        this.notify(); // one who has the circuit
        continue;
      }
      prover.taskId = task.id;
      prover.work = { program, startedAt: this.#modules.now() };
      prover.ended.delete(task.id);
      const event = describe(task, prover.name, 0);
      this.#logger.info(copy ? 'task leased once more' : 'task leased', { ...event });
      this.#modules.events.emit('taskLeased', event);
      const programHash = this.#options.programs.hashes[program]!;
      return {
        task: { ...task, program },
        label: event.label,
        programHash,
        inputs,
        leaseMs: this.#options.leaseMs,
      };
    }
  }

  async #prepare(prover: Prover, task: TaskRow): Promise<BatchInputs | undefined> {
    try {
      const { program, inputs, publicInputs, problem } = await this.#inputs.prepare(task);
      if (problem !== undefined) {
        const message = `${taskLabel(task)} cannot be proved: ${problem}.`;
        const error = new AggregatorError('WRONG_STATEMENT', message, { task: task.id });
        await this.#store.failSequence(task, message);
        this.#sequenceFailed(task.sequence, error.message);
        return undefined;
      }
      const expectedMs = this.#expectedMs(prover, program);
      await this.#store.expect(prover, task.id, { program, publicInputs, expectedMs });
      return { program, inputs };
    } catch (error) {
      this.#logger.warn('the inputs of a task are not there yet', { task: taskLabel(task) }, error);
      // At least a moment, or the same task would come up again at once.
      const delayMs = Math.max(1, this.#options.retryDelayMs);
      await this.#store.postpone(prover, task.id, errorMessage(error), delayMs);
      return undefined;
    }
  }

  async #refuse(prover: Prover, task: TaskRow, fault: Fault): Promise<ProtocolError> {
    this.#release(prover, task.id);
    prover.record.failed();
    this.#logger.error('a proof was refused', { ...fault, prover: prover.name });
    const failed = await this.#store.refuse(prover, task.id, fault, (tx) =>
      this.#known.punish(tx, prover.name, fault.message),
    );
    await this.#remember(prover, { proof: false });
    this.#registry.learn(await this.#known.list());
    if (failed !== undefined) this.#attemptFailed(failed, fault.code, fault.message);
    return new ProtocolError(fault.code, fault.message);
  }

  #measure(prover: Prover, taskId: string): void {
    if (prover.taskId !== taskId || prover.work === undefined) return;
    const { program, startedAt } = prover.work;
    const gates = this.#options.programs.gates[program as ProgramName]!;
    prover.record.succeeded(program, gates, this.#modules.now() - startedAt);
  }

  /** Keeps what was measured, for the next run and for other replicas. */
  #remember(prover: Prover, what: { proof: boolean }): Promise<void> {
    return this.#known.measured(prover.name, prover.record.measurements, what);
  }

  #expectedMs(prover: Prover, program: string): number {
    return prover.record.attemptMs(program, this.#options.programs.gates[program as ProgramName]!);
  }

  #attemptFailed(failed: FailedAttempt, code: string, message: string): void {
    const { task, prover, elapsedMs, sequenceFailed } = failed;
    const event = { ...describe(task, prover.name, elapsedMs), code, message, retry: !sequenceFailed };
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

function describe(task: TaskRow, prover: string, elapsedMs: number): TaskEvent {
  const { id: taskId, sequence, kind } = task;
  return { taskId, sequence, kind, label: taskLabel(task), prover, elapsedSeconds: elapsedMs / 1e3 };
}

function unknownTask(taskId: string): ProtocolError {
  return new ProtocolError('UNKNOWN_TASK', `there is no task ${JSON.stringify(taskId)} to prove.`);
}
