import { Mutex } from '@polyproof/base';
import { type Assignment, dispatch, type ProverView, type RunningTask } from '../dispatch/policy.js';
import { expectedEnd, isLate } from '../dispatch/prover-record.js';
import type { ProgramSet } from '../ports.js';
import type { Prover, ProverRegistry } from './prover-registry.js';
import type { TaskStore } from './task-store.js';

/** Ready tasks that are looked at: more than provers can start soon. */
const MOST_READY = 2_000;
/** A prover that has just delivered a proof is given this long to ask for its next task. */
const BETWEEN_TASKS_MS = 1_000;

export interface DispatcherOptions {
  programs: Pick<ProgramSet, 'gates'>;
  /** provers that may work at one task at once */
  mostCopies: number;
}

export interface DispatcherModules {
  registry: ProverRegistry;
  store: TaskStore;
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
    const { registry, store } = this.#modules;
    const [ready, leased] = await Promise.all([store.ready(MOST_READY), store.leasedIds()]);
    const now = this.#modules.now();
    const running = new Map<string, RunningTask & { provers: string[] }>();
    const provers: ProverView[] = [];
    for (const prover of registry.list()) {
      const end = this.#expectedEnd(prover, now);
      // One that works at a task that is proved or given up is told at its next heartbeat.
      if (end !== undefined && leased.has(prover.taskId!)) {
        const known = running.get(prover.taskId!);
        if (known === undefined)
          running.set(prover.taskId!, {
            id: prover.taskId!,
            provers: [prover.id],
            ...end,
          });
        else {
          known.provers.push(prover.id);
          known.expectedEnd = Math.min(known.expectedEnd, end.expectedEnd);
          known.late &&= end.late;
        }
      }
      if (registry.isSuspended(prover)) continue;
      const waits = prover.waiting > 0;
      if (!waits && end === undefined && now - prover.lastSeen > BETWEEN_TASKS_MS) continue;
      provers.push({
        id: prover.id,
        idle: waits,
        freeAt: end?.expectedEnd ?? now + 1,
        expectedMs: (program) =>
          prover.programs.includes(program)
            ? prover.record.expectedMs(program, this.#gates[program]!)
            : undefined,
        gaveUp: (task) => prover.ended.has(task),
      });
    }
    return dispatch({ now, ready, running: [...running.values()], provers, mostCopies: this.#mostCopies });
  }

  #expectedEnd(
    prover: Prover,
    now: number,
  ): Pick<RunningTask, 'program' | 'expectedEnd' | 'late'> | undefined {
    if (prover.taskId === undefined || prover.work === undefined || prover.waiting > 0) return undefined;
    const { program, startedAt } = prover.work;
    const attemptMs = prover.record.attemptMs(program, this.#gates[program]!);
    return {
      program,
      expectedEnd: expectedEnd(startedAt, attemptMs, now),
      late: isLate(startedAt, attemptMs, now),
    };
  }
}
