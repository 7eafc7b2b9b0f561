import type { RuntimeTransaction } from '@polyproof/svm';
import type { CandidateSource, ProducerBank } from './ports.js';

/** Transactions taken for a block. */
export interface Selection {
  transactions: RuntimeTransaction[];
  /** more would have been taken, had they fitted in the open batch */
  isCut: boolean;
}

/**
 * Takes the next transactions, at most `limit`, as far as they fit in the open batch. It is asked for growing numbers of
 * them and then for halves, because asking for every single one costs more than making the block.
 */
export function takeFitting(
  limit: number,
  { bank, pool }: { bank: Pick<ProducerBank, 'fits'>; pool: CandidateSource['pool'] },
): Selection {
  const taken: RuntimeTransaction[] = [];
  let fitting = 0;
  for (let step = 1; taken.length < limit; step *= 2) {
    const more = pool.take(Math.min(step, limit - taken.length), taken.length);
    if (more.length === 0) break;
    taken.push(...more);
    if (!fits(bank, taken, taken.length)) {
      const most = largest(fitting, taken.length - 1, (count) => fits(bank, taken, count));
      pool.putBack(taken.splice(most));
      return { transactions: taken, isCut: true };
    }
    fitting = taken.length;
  }
  return { transactions: taken, isCut: false };
}

function fits(bank: Pick<ProducerBank, 'fits'>, transactions: RuntimeTransaction[], count: number): boolean {
  if (count === 0) return true;
  const pending = transactions.slice(0, count).map(({ transaction }) => transaction);
  return bank.fits(pending.pop()!, pending);
}

/** The largest number from `low` to `high` that holds; `low` does. */
function largest(low: number, high: number, holds: (count: number) => boolean): number {
  let [yes, no] = [low, high + 1];
  while (no - yes > 1) {
    const middle = (yes + no) >> 1;
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}
