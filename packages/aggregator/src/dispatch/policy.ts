import { FinishQueue } from './finish-queue.js';

/** A prover as the policy sees it. Times are milliseconds on any clock that all of a snapshot shares. */
export interface ProverView {
  id: string;
  /** when it is expected to be free: not after `now` where it waits for a task */
  freeAt: number;
  /** waits for a task now */
  idle: boolean;
  /** expected time that it takes for a task of a program, failed attempts included; undefined where it cannot prove it */
  expectedMs(program: string): number | undefined;
  /** whether it gave a task up, or its proof of it was refused: it gets no copy */
  gaveUp(task: string): boolean;
}

/** A task that may be started. */
export interface ReadyTask {
  id: string;
  program: string;
}

/** A task that provers are working at. */
export interface RunningTask {
  id: string;
  program: string;
  /** of all its copies, the earliest expected end */
  expectedEnd: number;
  /** has taken longer than expected already */
  late: boolean;
  /** provers that are working at it */
  provers: readonly string[];
}

export interface Snapshot {
  now: number;
  /** in the order in which they should be finished: lowest sequence first */
  ready: readonly ReadyTask[];
  running: readonly RunningTask[];
  provers: readonly ProverView[];
  /** provers that may work at one task at once: 1 for no copies */
  mostCopies: number;
}

export interface Assignment {
  prover: string;
  task: string;
  /** a second copy of a task that another prover is late with */
  copy: boolean;
}

/** A copy is started where it takes at most this part of the time that the task is expected to take still. */
const COPY_GAIN = 0.7;

/**
 * Which idle prover starts which task.
 *
 * - A task that is late is started again, by the fastest idle prover, where that is expected to end sooner.
 * - Each ready task, in order, is given to the prover that is expected to finish it first, busy ones included: a slow
 *   prover does not start what a fast one will be done with before it. What falls to a busy prover waits for it.
 * - A prover that gets nothing starts a copy of any running task that it is expected to end sooner, the last ones first.
 *
 * Pure, and the same for the same snapshot. Of P provers and T tasks it takes about (P + T) log P steps for each program.
 */
export function dispatch(snapshot: Snapshot): Assignment[] {
  const { now, ready, provers } = snapshot;
  const idle = new Set(provers.filter((prover) => prover.idle).map(({ id }) => id));
  const assignments: Assignment[] = [];
  if (idle.size === 0) return assignments;
  const availableAt = new Map(
    provers.map(({ id, freeAt, idle }) => [id, idle ? now : Math.max(now, freeAt)]),
  );
  const queues = new Map<string, FinishQueue>();
  const waiting = new Set(idle);
  const copy = (tasks: readonly RunningTask[]) => {
    for (const { prover, end, ...assignment } of copies(tasks, snapshot, waiting)) {
      waiting.delete(prover);
      availableAt.set(prover, end);
      assignments.push({ prover, ...assignment });
    }
  };
  copy(snapshot.running.filter((task) => task.late));
  for (const task of ready) {
    if (waiting.size === 0) break;
    const queue = queues.get(task.program) ?? new FinishQueue(task.program, provers, availableAt);
    queues.set(task.program, queue);
    const first = queue.take();
    if (first === undefined) continue;
    if (availableAt.get(first.prover) === now && waiting.delete(first.prover))
      assignments.push({ prover: first.prover, task: task.id, copy: false });
    availableAt.set(first.prover, first.end);
  }
  if (waiting.size > 0) copy(snapshot.running);
  return assignments;
}

/** Second copies of running tasks, for provers that wait. */
function copies(
  tasks: readonly RunningTask[],
  { now, provers, mostCopies }: Snapshot,
  waiting: ReadonlySet<string>,
): (Assignment & { end: number })[] {
  const started: (Assignment & { end: number })[] = [];
  const free = new Set(provers.filter(({ id }) => waiting.has(id)));
  const last = tasks
    .filter((task) => task.provers.length < mostCopies)
    .sort((a, b) => b.expectedEnd - a.expectedEnd || (a.id < b.id ? -1 : 1));
  for (const task of last) {
    let best: { prover: ProverView; ms: number } | undefined;
    for (const prover of free) {
      if (prover.gaveUp(task.id)) continue;
      const ms = prover.expectedMs(task.program);
      if (ms !== undefined && (best === undefined || ms < best.ms)) best = { prover, ms };
    }
    if (best === undefined || best.ms > COPY_GAIN * (task.expectedEnd - now)) continue;
    free.delete(best.prover);
    started.push({ prover: best.prover.id, task: task.id, copy: true, end: now + best.ms });
  }
  return started;
}
