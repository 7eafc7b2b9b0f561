import {
  type Assignment,
  expectedEnd,
  isLate,
  ProverRecord,
  type ProverView,
  type RunningTask,
  type Snapshot,
} from '@polyproof/aggregator';
import type { Random } from './random.js';
import { ReadyTasks } from './ready-tasks.js';

export type Policy = (snapshot: Snapshot, random: Random) => Assignment[];

/** A simulated prover: what it is, not what the policy knows of it. */
export interface SimulatedProver {
  id: string;
  cores: number;
  gatesPerSecond: number;
  /** part of its attempts that fail, at a random point of their time */
  failureRate: number;
  /** from then on it does nothing, which is noticed when its lease ends */
  diesAt: number;
}

export interface SimulatedTask {
  id: string;
  sequence: number;
  program: string;
  gates: number;
  parts: string[];
}

export interface Outcome {
  makespanMs: number;
  /** longest time that a task which could start waited while one behind it had been started: what starves grows without end */
  longestBehindMs: number;
  /** of a proof's work that was done again or for nothing, against all work that was needed */
  wasted: number;
}

const LEASE_MS = 30_000;
/** An attempt takes this many times as long, now and then. */
const STRAGGLER = { rate: 0.02, factor: 5 };
const NOISE = 0.1;
/** Ready tasks that a policy is shown: an aggregator does not read more of its database either. */
const SEEN = 2_000;

interface Attempt {
  prover: SimulatedProver;
  task: SimulatedTask;
  startedAt: number;
  /** as it is expected from what the prover did before (in ms) */
  attemptMs: number;
  ends: number;
  outcome: 'proved' | 'failed' | 'lost';
}

/** A task that one prover or more are working at, as the policy sees it at any time. */
class RunningCopies implements RunningTask {
  readonly id: string;
  readonly program: string;
  readonly provers: readonly string[];
  readonly attempts: readonly Attempt[];
  readonly #now: () => number;

  constructor(task: SimulatedTask, attempts: readonly Attempt[], now: () => number) {
    this.id = task.id;
    this.program = task.program;
    this.provers = attempts.map(({ prover }) => prover.id);
    this.attempts = attempts;
    this.#now = now;
  }

  get expectedEnd(): number {
    const now = this.#now();
    return Math.min(
      ...this.attempts.map((attempt) => expectedEnd(attempt.startedAt, attempt.attemptMs, now)),
    );
  }

  get late(): boolean {
    const now = this.#now();
    return this.attempts.every(({ startedAt, attemptMs }) => isLate(startedAt, attemptMs, now));
  }
}

/** Runs all tasks on the provers under a policy, event by event. The policy sees only what an aggregator would have measured. */
export function simulate(
  provers: readonly SimulatedProver[],
  tasks: readonly SimulatedTask[],
  policy: Policy,
  random: Random,
): Outcome {
  const records = new Map(provers.map((prover) => [prover.id, new ProverRecord(prover.cores)]));
  const gatesOf = new Map(tasks.map((task) => [task.program, task.gates]));
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const missing = new Map(tasks.map((task) => [task.id, task.parts.length]));
  const dependents = new Map<string, string[]>();
  for (const task of tasks)
    for (const part of task.parts) dependents.set(part, [...(dependents.get(part) ?? []), task.id]);
  let now = 0;
  const ready = new ReadyTasks(tasks);
  const attempts = new Map<string, Attempt>();
  const running = new Map<SimulatedTask, RunningCopies>();
  const gone = new Set<string>();
  let done = 0;
  let longestBehindMs = 0;
  let worked = 0;
  for (const task of tasks) if (task.parts.length === 0) ready.add(task);

  const start = (prover: SimulatedProver, task: SimulatedTask) => {
    const slow = random() < STRAGGLER.rate ? STRAGGLER.factor : 1;
    const ms = ((1e3 * task.gates) / prover.gatesPerSecond) * slow * (1 + NOISE * (2 * random() - 1));
    const fails = random() < prover.failureRate;
    const ends = now + (fails ? ms * random() : ms);
    const attemptMs = records.get(prover.id)!.attemptMs(task.program, task.gates);
    const outcome = fails ? 'failed' : 'proved';
    const attempt: Attempt = { prover, task, startedAt: now, attemptMs, ends, outcome };
    if (ends > prover.diesAt)
      Object.assign(attempt, { ends: Math.max(now, prover.diesAt) + LEASE_MS, outcome: 'lost' });
    attempts.set(prover.id, attempt);
    const copies = running.get(task)?.attempts ?? [];
    running.set(task, new RunningCopies(task, [...copies, attempt], () => now));
  };
  const stop = (attempt: Attempt) => {
    const { prover, task, startedAt } = attempt;
    attempts.delete(prover.id);
    worked += (now - startedAt) * prover.gatesPerSecond;
    const others = running.get(task)!.attempts.filter((other) => other !== attempt);
    if (others.length > 0) running.set(task, new RunningCopies(task, others, () => now));
    else running.delete(task);
  };
  const end = (attempt: Attempt) => {
    const { prover, task, outcome, startedAt } = attempt;
    stop(attempt);
    const record = records.get(prover.id)!;
    if (outcome === 'lost') gone.add(prover.id);
    else if (outcome === 'failed') record.failed();
    else record.succeeded(task.program, task.gates, now - startedAt);
    if (outcome !== 'proved') {
      if (!running.has(task)) ready.add(task);
      return;
    }
    done++;
    for (const other of running.get(task)?.attempts ?? []) stop(other);
    for (const id of dependents.get(task.id) ?? []) {
      missing.set(id, missing.get(id)! - 1);
      if (missing.get(id) === 0) ready.add(byId.get(id)!);
    }
  };

  const views = provers.map(({ id }): ProverView => {
    const record = records.get(id)!;
    return {
      id,
      get idle() {
        return !attempts.has(id);
      },
      get freeAt() {
        const attempt = attempts.get(id);
        return attempt === undefined ? now : expectedEnd(attempt.startedAt, attempt.attemptMs, now);
      },
      expectedMs: (program) => record.expectedMs(program, gatesOf.get(program)!),
      gaveUp: () => false,
    };
  });
  const snapshot = (): Snapshot => ({
    now,
    ready: ready.first(SEEN),
    further: Math.max(0, ready.size - SEEN),
    running: [...running.values()],
    provers: views.filter(({ id }) => !gone.has(id)),
    mostCopies: 2,
  });

  const proverOf = new Map(provers.map((prover) => [prover.id, prover]));
  while (done < tasks.length) {
    for (const { prover, task, copy } of policy(snapshot(), random)) {
      if (!copy) {
        longestBehindMs = Math.max(longestBehindMs, ready.take(byId.get(task)!, now));
      }
      start(proverOf.get(prover)!, byId.get(task)!);
    }
    let next: Attempt | undefined;
    for (const attempt of attempts.values())
      if (next === undefined || attempt.ends < next.ends) next = attempt;
    if (next === undefined) throw new Error('a policy that starts nothing');
    now = next.ends;
    end(next);
  }
  const needed = tasks.reduce((sum, { gates }) => sum + gates, 0);
  return { makespanMs: now, longestBehindMs, wasted: worked / 1e3 / needed - 1 };
}

/**
 * No schedule is shorter: all work at the speed of all provers together, and the longest chain of tasks at that of the
 * fastest. Failures and deaths are not counted, so it is a bound that cannot quite be reached.
 */
export function lowerBoundMs(provers: readonly SimulatedProver[], tasks: readonly SimulatedTask[]): number {
  const speed = provers.reduce((sum, { gatesPerSecond }) => sum + gatesPerSecond, 0);
  const work = tasks.reduce((sum, { gates }) => sum + gates, 0);
  const fastest = Math.max(...provers.map(({ gatesPerSecond }) => gatesPerSecond));
  const chain = new Map<string, number>();
  for (const { id, gates, parts } of tasks)
    chain.set(id, gates + Math.max(0, ...parts.map((part) => chain.get(part)!)));
  return 1e3 * Math.max(work / speed, Math.max(...chain.values()) / fastest);
}
