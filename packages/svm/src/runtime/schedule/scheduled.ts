import type { EngineOutcome, RuntimeTransaction } from '../types.js';
import type { AccountRecord } from './account-record.js';

/**
 * - `waiting`: not looked at, or not yet fitting into the block
 * - `admitted`: in the block; waits for others or in a queue
 * - `sent`: in an engine
 * - `done`: executed, or out of the block
 */
export type Stage = 'waiting' | 'admitted' | 'sent' | 'done';

/** A candidate of the block at hand on its way through it. */
export class Scheduled {
  stage: Stage = 'waiting';
  outcome: EngineOutcome | undefined;
  poisonous = false;

  /** accounts that the transaction locks; `writes` says which of them for writing */
  locks: AccountRecord[] = [];
  writes: boolean[] = [];
  /** cost without execution and loaded data, and surcharges */
  fixedCost = 0;
  /** cost of the accounts that it loads */
  loadedCost = 0;
  /** what it may cost at most */
  requestedCost = 0;

  /** later transactions with a conflicting lock; one occurs as often as locks conflict */
  readonly successors: Scheduled[] = [];
  /** conflicts with earlier transactions that no engine has yet */
  unsent = 0;
  /** conflicts with unfinished ones in engines, by executor */
  readonly unfinished: number[];
  /** where it is queued or executed */
  lane = -1;
  /** how often an engine died of it when it was alone */
  crashes = 0;

  constructor(
    readonly index: number,
    readonly transaction: RuntimeTransaction,
    executors: number,
  ) {
    this.unfinished = new Array<number>(executors).fill(0);
  }

  /** This one has to come after `earlier`. */
  follow(earlier: Scheduled | undefined): void {
    if (earlier === undefined || earlier === this || earlier.stage === 'done') return;
    earlier.successors.push(this);
    if (earlier.stage === 'sent') this.unfinished[earlier.lane]!++;
    else this.unsent++;
  }

  /**
   * The executors that may get the transaction: every one (`any`), the only one that has unfinished transactions before
   * it, or none yet (undefined).
   */
  get destination(): number | 'any' | undefined {
    if (this.unsent > 0) return undefined;
    let only: number | 'any' = 'any';
    for (const [executor, count] of this.unfinished.entries()) {
      if (count === 0) continue;
      if (only !== 'any') return undefined;
      only = executor;
    }
    return only;
  }
}
