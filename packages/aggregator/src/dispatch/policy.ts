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
  /** ready tasks behind them that are not shown; default 0 */
  further?: number;
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
 * - Where more tasks are ready than are shown, the same is asked of those by counting what the others finish meanwhile; a
 *   prover that is needed for them starts one of the last that are shown.
 * - A prover that gets nothing starts a copy of any running task that it is expected to end sooner, the last ones first.
 *
 * Pure, and the same for the same snapshot. Of P provers, T ready and R running tasks it takes about
 * (P + T + R) log(P + R) steps for each program.
 */
export function dispatch(snapshot: Snapshot): Assignment[] {
  const { now, ready, further = 0, provers, running } = snapshot;
  const waiting = new Set<number>();
  const availableAt = new Float64Array(provers.length);
  for (let i = 0; i < provers.length; i++) {
    const { idle, freeAt } = provers[i]!;
    if (idle) waiting.add(i);
    availableAt[i] = idle || freeAt < now ? now : freeAt;
  }
  const assignments: Assignment[] = [];
  if (waiting.size === 0) return assignments;
  const times = expectedTimes(provers);
  const copy = (tasks: readonly RunningTask[]) => {
    for (const { prover, task, end } of copies(tasks, snapshot, waiting, times)) {
      waiting.delete(prover);
      availableAt[prover] = end;
      assignments.push({ prover: provers[prover]!.id, task, copy: true });
    }
  };
  copy(running.filter((task) => task.late));
  const queues = new Map<string, FinishQueue>();
  const left: ReadyTask[] = [];
  for (const task of ready) {
    if (waiting.size === 0) break;
    let queue = queues.get(task.program);
    if (queue === undefined) {
      queue = new FinishQueue(times(task.program), availableAt);
      queues.set(task.program, queue);
    }
    const first = queue.take();
    if (first === undefined) continue;
    if (waiting.delete(first)) assignments.push({ prover: provers[first]!.id, task: task.id, copy: false });
    else left.push(task);
  }
  if (waiting.size > 0 && further > 0)
    for (const { prover, task } of needed(left, further, waiting, { now, availableAt, times })) {
      waiting.delete(prover);
      assignments.push({ prover: provers[prover]!.id, task, copy: false });
    }
  if (waiting.size > 0) copy(running);
  return assignments;
}

type Times = (program: string) => Float64Array;

/** What each prover is expected to take for a task (ms), asked once for each program; infinite where it cannot prove it. */
function expectedTimes(provers: readonly ProverView[]): Times {
  const known = new Map<string, Float64Array>();
  return (program) => {
    let times = known.get(program);
    if (times === undefined) {
      times = new Float64Array(provers.length);
      for (let i = 0; i < provers.length; i++)
        times[i] = provers[i]!.expectedMs(program) ?? Number.POSITIVE_INFINITY;
      known.set(program, times);
    }
    return times;
  };
}

/** Provers that wait and that the others do not save from working at the tasks that are not shown. */
function needed(
  left: readonly ReadyTask[],
  further: number,
  waiting: ReadonlySet<number>,
  plan: { now: number; availableAt: Float64Array; times: Times },
): { prover: number; task: string }[] {
  const { now, availableAt, times } = plan;
  const started: { prover: number; task: string }[] = [];
  const tasks = [...left];
  for (const prover of waiting) {
    const at = tasks.findLastIndex(({ program }) => times(program)[prover]! < Number.POSITIVE_INFINITY);
    if (at < 0) continue;
    const { id, program } = tasks[at]!;
    const ms = times(program);
    const end = now + ms[prover]!;
    let before = 0;
    for (let i = 0; i < ms.length; i++)
      if (i !== prover && availableAt[i]! < end) before += Math.floor((end - availableAt[i]!) / ms[i]!);
    if (before >= further) continue;
    availableAt[prover] = end;
    tasks.splice(at, 1);
    started.push({ prover, task: id });
  }
  return started;
}

/** Second copies of running tasks, for provers that wait: the last tasks first, each for the fastest prover left. */
function copies(
  tasks: readonly RunningTask[],
  { now, provers, mostCopies }: Snapshot,
  waiting: ReadonlySet<number>,
  times: Times,
): { prover: number; task: string; end: number }[] {
  if (waiting.size === 0) return [];
  const started: { prover: number; task: string; end: number }[] = [];
  const free = new Set(waiting);
  const fastestFirst = new Map<string, number[]>();
  const orderOf = (program: string) => {
    const ms = times(program);
    const order = fastestFirst.get(program) ?? [...free].sort((a, b) => ms[a]! - ms[b]! || a - b);
    fastestFirst.set(program, order);
    return order;
  };
  const gains = (prover: number, { program, end }: { program: string; end: number }) =>
    times(program)[prover]! <= COPY_GAIN * (end - now);
  const last = tasks
    .filter((task) => task.provers.length < mostCopies)
    .map(({ id, program, expectedEnd }) => ({ id, program, end: expectedEnd }))
    .filter((task) => gains(orderOf(task.program)[0]!, task))
    .sort((a, b) => b.end - a.end || (a.id < b.id ? -1 : 1));
  for (const task of last) {
    const best = orderOf(task.program).find(
      (prover) => free.has(prover) && !provers[prover]!.gaveUp(task.id),
    );
    if (best === undefined || !gains(best, task)) continue;
    free.delete(best);
    started.push({ prover: best, task: task.id, end: now + times(task.program)[best]! });
    if (free.size === 0) break;
  }
  return started;
}
