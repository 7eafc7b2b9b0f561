import type { BlockLimits } from '../types.js';
import type { Scheduled } from './scheduled.js';

/**
 * What a block has used of its limits.
 *
 * Transactions are admitted one after the other with what they may cost at most; what they did not use is given back when
 * they are done. A transaction waits as long as what may be given back decides, so that the answer does not depend on how
 * fast anything was executed.
 */
export class BlockBudget {
  readonly #limits: BlockLimits;
  #cost = 0;
  #reserved = 0;

  constructor(limits: BlockLimits) {
    this.#limits = limits;
  }

  /** Cost of all that is done. */
  get used(): number {
    return this.#cost - this.#reserved;
  }

  /** Takes what the transaction may cost. `full`: it does not fit and cannot; its full accounts are marked. */
  admit({ requestedCost: cost, locks, writes }: Scheduled): 'admitted' | 'wait' | 'full' {
    const { blockCost, accountCost } = this.#limits;
    const over = this.#cost + cost - blockCost;
    if (over > this.#reserved) return 'full';
    if (over > 0) return 'wait';
    let fits = true;
    for (let i = 0; i < writes; i++) {
      const record = locks[i]!;
      const overAccount = record.cost + cost - accountCost;
      if (overAccount <= 0) continue;
      if (overAccount <= record.reserved) return 'wait';
      fits = false;
    }
    for (let i = 0; i < writes; i++) {
      const record = locks[i]!;
      if (!fits) record.full ||= record.cost + cost > accountCost;
      else {
        record.cost += cost;
        record.reserved += cost;
      }
    }
    if (!fits) return 'full';
    this.#cost += cost;
    this.#reserved += cost;
    return 'admitted';
  }

  /** @param used - 0 where it is not in the block after all */
  settle({ requestedCost, locks, writes }: Scheduled, used: number): void {
    this.#cost += used - requestedCost;
    this.#reserved -= requestedCost;
    for (let i = 0; i < writes; i++) {
      const record = locks[i]!;
      record.cost += used - requestedCost;
      record.reserved -= requestedCost;
    }
  }
}
