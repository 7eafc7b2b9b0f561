import type { EngineOutcome, RuntimeTransaction } from '../types.js';
import type { AccountRecord } from './account-record.js';

/**
 * - `waiting`: not looked at, or not yet fitting into the block
 * - `admitted`: in the block; waits for others or in a queue
 * - `sent`: in an engine
 * - `done`: executed, or out of the block
 */
export type Stage = 'waiting' | 'admitted' | 'sent' | 'done';

/** Shared by all that have none: not to be changed. */
const NO_LOCKS: AccountRecord[] = [];
const NOBODY: Scheduled[] = [];

/** A candidate of the block at hand on its way through it. */
export class Scheduled {
  stage: Stage = 'waiting';
  outcome: EngineOutcome | undefined;
  poisonous = false;

  /** accounts that the transaction locks: the first `writes` of them for writing */
  locks: AccountRecord[] = NO_LOCKS;
  writes = 0;
  /** cost without execution and loaded data, and surcharges */
  fixedCost = 0;
  /** cost of the accounts that it loads */
  loadedCost = 0;
  /** what it may cost at most */
  requestedCost = 0;

  /** later transactions with a conflicting lock; one occurs as often as locks conflict */
  successors: Scheduled[] = NOBODY;
  /** conflicts with earlier transactions that no engine has yet */
  unsent = 0;
  /** where it is queued or executed */
  lane = -1;

  readonly #executors: number;
  /** conflicts with unfinished transactions in engines: of all candidates, by candidate and executor */
  readonly #unfinished: Uint32Array;

  constructor(
    readonly index: number,
    readonly transaction: RuntimeTransaction,
    executors: number,
    unfinished: Uint32Array,
  ) {
    this.#executors = executors;
    this.#unfinished = unfinished;
  }

  /** This one has to come after `earlier`. */
  follow(earlier: Scheduled): void {
    if (earlier === this || earlier.stage === 'done') return;
    if (earlier.successors === NOBODY) earlier.successors = [this];
    else earlier.successors.push(this);
    if (earlier.stage === 'sent') this.#unfinished[this.#at(earlier.lane)]!++;
    else this.unsent++;
  }

  /** One that this one follows went to an executor. */
  sent(executor: number): void {
    this.unsent--;
    this.#unfinished[this.#at(executor)]!++;
  }

  /** One that this one follows is done. */
  finished(executor: number): void {
    this.#unfinished[this.#at(executor)]!--;
  }

  /**
   * The executors that may get the transaction: every one (`any`), the only one that has unfinished transactions before
   * it, or none yet (undefined).
   */
  get destination(): number | 'any' | undefined {
    if (this.unsent > 0) return undefined;
    let only: number | 'any' = 'any';
    for (let executor = 0; executor < this.#executors; executor++) {
      if (this.#unfinished[this.#at(executor)] === 0) continue;
      if (only !== 'any') return undefined;
      only = executor;
    }
    return only;
  }

  #at(executor: number): number {
    return this.index * this.#executors + executor;
  }
}
