import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransactionPool } from '../../src/mempool/transaction-pool.js';
import { takeFitting } from '../../src/producer/take-fitting.js';
import { FakeBank } from '../support/fake-bank.js';
import { fakeTransaction, numbersOf } from '../support/fake-transactions.js';
import '../fixed-seed.js';

describe('takeFitting', () => {
  it('takes the longest beginning of the line that fits, and leaves the rest as it was', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 60 }),
        fc.nat({ max: 60 }),
        fc.nat({ max: 60 }),
        (waiting, capacity, limit) => {
          const bank = new FakeBank(capacity);
          const pool = new TransactionPool({ maxPerFeePayer: 100 });
          const all = Array.from({ length: waiting }, (_, n) => n);
          for (const n of all) pool.add(fakeTransaction(n), 0);
          const { transactions, isCut } = takeFitting(limit, { bank, pool });
          const count = Math.min(waiting, capacity, limit);
          expect(numbersOf(transactions)).toEqual(all.slice(0, count));
          expect(isCut).toBe(capacity < Math.min(waiting, limit));
          expect(numbersOf(pool.take(100))).toEqual(all.slice(count));
        },
      ),
    );
  });

  it('does not ask for every transaction', () => {
    const bank = new FakeBank(3_000);
    const pool = new TransactionPool({ maxPerFeePayer: 5_000 });
    for (let n = 0; n < 4_096; n++) pool.add(fakeTransaction(n), 0);
    expect(takeFitting(4_096, { bank, pool }).transactions).toHaveLength(3_000);
    expect(bank.fittingCalls).toBeLessThan(12);
  });
});
