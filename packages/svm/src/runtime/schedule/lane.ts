import type { RuntimeExecutor } from '../types.js';
import { Queue } from './queue.js';
import type { Scheduled } from './scheduled.js';

/** One executor with the work that waits for it. */
export class Lane {
  /** may be executed anywhere, preferably here; and only here */
  readonly free = new Queue<Scheduled>();
  readonly bound = new Queue<Scheduled>();
  /** were in the engine when it died: executed again one at a time, before anything else */
  readonly suspects = new Queue<Scheduled>();
  /** the one of them that is being executed again */
  retried: Scheduled | undefined;
  groupsInFlight = 0;
  /** transactions in its queues and in its engine */
  load = 0;
  /** The engine knows the block. */
  begun = false;

  constructor(
    readonly index: number,
    readonly executor: RuntimeExecutor,
  ) {}

  get queued(): number {
    return this.free.length + this.bound.length;
  }

  /** The transaction that comes first in the block. */
  next(): Scheduled | undefined {
    const [free, bound] = [this.free.peek(), this.bound.peek()];
    if (free === undefined) return this.bound.shift();
    if (bound === undefined || free.index < bound.index) return this.free.shift();
    return this.bound.shift();
  }
}
