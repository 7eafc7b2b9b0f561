import { Mutex } from '@polyproof/base';
import { type Assignment, dispatch, type ProverView, type RunningTask } from '../dispatch/policy.js';
import { expectedEnd, isLate } from '../dispatch/prover-record.js';
import type { ProgramSet } from '../ports.js';
import type { Prover, ProverRegistry } from './prover-registry.js';
import type { RunningLease, TaskReader } from './task-reader.js';

/** Ready tasks that are looked at one by one, for each prover: more than it can start soon. Those behind them are counted. */
const READY_A_PROVER = 2;
const LEAST_READY = 100;
/** A prover that has just delivered a proof is given this long to ask for its next task. */
const BETWEEN_TASKS_MS = 1_000;

export interface DispatcherOptions {
  programs: Pick<ProgramSet, 'gates'>;
  /** provers that may work at one task at once */
  mostCopies: number;
}

export interface DispatcherModules {
  registry: ProverRegistry;
  reader: TaskReader;
  now: () => number;
}

/** Asks the policy what the provers that wait should start, once for all of them. */
export class Dispatcher {
  readonly #gates: Readonly<Record<string, number>>;
  readonly #mostCopies: number;
  readonly #modules: DispatcherModules;
  readonly #mutex = new Mutex();
  /** what the last look came to, without what was taken since */
  #plan = new Map<string, Assignment>();
  /** provers that waited then and have not asked since */
  #unanswered = new Set<string>();
  #planned = -1;

  constructor(options: DispatcherOptions, modules: DispatcherModules) {
    this.#gates = options.programs.gates;
    this.#mostCopies = options.mostCopies;
    this.#modules = modules;
  }

  /**
   * What a waiting prover should start; `undefined` for nothing now. Each assignment is given once.
   * @param version - of what the caller knows has changed; a plan of an older one is made again
   */
  assignment(prover: Prover, version: number): Promise<Assignment | undefined> {
    return this.#mutex.run(async () => {
      if (version !== this.#planned || !this.#unanswered.has(prover.id)) {
        const assignments = await this.#look();
        const { registry } = this.#modules;
        this.#plan = new Map(assignments.map((assignment) => [assignment.prover, assignment]));
        this.#unanswered = new Set(registry.list().flatMap(({ id, waiting }) => (waiting > 0 ? [id] : [])));
        this.#planned = version;
      }
      this.#unanswered.delete(prover.id);
      const mine = this.#plan.get(prover.id);
      this.#plan.delete(prover.id);
      return mine;
    });
  }

  async #look(): Promise<Assignment[]> {
    const { registry, reader } = this.#modules;
    const [{ tasks: ready, further }, leases] = await Promise.all([
      reader.ready(LEAST_READY + READY_A_PROVER * registry.list().length),
      reader.running(),
    ]);
    const now = this.#modules.now();
    const provers: ProverView[] = [];
    for (const prover of registry.list()) {
      if (registry.isSuspended(prover)) continue;
      const end = this.#expectedEnd(prover, now);
      const waits = prover.waiting > 0;
      if (!waits && end === undefined && now - prover.lastSeen > BETWEEN_TASKS_MS) continue;
      provers.push({
        id: prover.id,
        idle: waits,
        freeAt: end ?? now + 1,
        expectedMs: (program) =>
          prover.programs.includes(program)
            ? prover.record.expectedMs(program, this.#gates[program]!)
            : undefined,
        gaveUp: (task) => prover.ended.has(task),
      });
    }
    const running = runningTasks(leases, now);
    return dispatch({ now, ready, further, running, provers, mostCopies: this.#mostCopies });
  }

  /** When a prover of this replica is expected to be done with its task. */
  #expectedEnd(prover: Prover, now: number): number | undefined {
    if (prover.taskId === undefined || prover.work === undefined || prover.waiting > 0) return undefined;
    const { program, startedAt } = prover.work;
    return expectedEnd(startedAt, prover.record.attemptMs(program, this.#gates[program]!), now);
  }
}

/** The tasks that provers of all replicas work at, each with the best expectation of its copies. */
function runningTasks(leases: readonly RunningLease[], now: number): RunningTask[] {
  const running = new Map<string, RunningTask & { provers: string[] }>();
  for (const { task: id, program, proverId, elapsedMs, expectedMs } of leases) {
    const end = expectedEnd(now - elapsedMs, expectedMs, now);
    const late = isLate(now - elapsedMs, expectedMs, now);
    const known = running.get(id);
    if (known === undefined) {
      running.set(id, { id, program, provers: [proverId], expectedEnd: end, late });
      continue;
    }
    known.provers.push(proverId);
    known.expectedEnd = Math.min(known.expectedEnd, end);
    known.late &&= late;
  }
  return [...running.values()];
}
