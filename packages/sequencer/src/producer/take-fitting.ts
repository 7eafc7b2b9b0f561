import type { RuntimeTransaction } from '@polyproof/svm';
import type { CandidateSource, ProducerBank } from './ports.js';

/** Transactions taken for a block. */
export interface Selection {
  transactions: RuntimeTransaction[];
  /** more would have been taken, had they fitted in the open batch */
  isCut: boolean;
}

/**
 * Takes the next transactions, at most `limit`, as far as they fit in the open batch: in doubling numbers, because a batch
 * may take a few of them or thousands, and to take what has to be put back costs as much as to take what has not.
 */
export function takeFitting(
  limit: number,
  { bank, pool }: { bank: Pick<ProducerBank, 'fitting'>; pool: CandidateSource['pool'] },
): Selection {
  const taken: RuntimeTransaction[] = [];
  for (let step = 8; taken.length < limit; step = taken.length) {
    const more = pool.take(Math.min(step, limit - taken.length), taken.length);
    if (more.length === 0) break;
    taken.push(...more);
    const fitting = bank.fitting(taken.map(({ transaction }) => transaction));
    if (fitting < taken.length) {
      pool.putBack(taken.splice(fitting));
      return { transactions: taken, isCut: true };
    }
  }
  return { transactions: taken, isCut: false };
}
