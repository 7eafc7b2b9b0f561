import type { RuntimeTransaction } from '@polyproof/svm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransactionPool } from '../../src/mempool/transaction-pool.js';
import { fakeTransaction, numberOf, numbersOf } from '../support/fake-transactions.js';
import { ModelPool } from './model-pool.js';
import '../fixed-seed.js';

const HOT = 3;

function filled(priorities: number[], options = {}): TransactionPool {
  const pool = new TransactionPool({ maxPerFeePayer: 1_000_000, ...options });
  for (const [n, priority] of priorities.entries()) pool.add(fakeTransaction(n), priority);
  return pool;
}

describe('TransactionPool', () => {
  it('behaves like its model', () => {
    const action = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          kind: fc.constant('add' as const),
          priority: fc.integer({ min: 0, max: 5 }),
          payer: fc.integer({ min: 1, max: 4 }),
          blockhash: fc.integer({ min: 1, max: 6 }),
          bytes: fc.integer({ min: 50, max: 400 }),
          nonce: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 3 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('take' as const),
          limit: fc.integer({ min: 0, max: 10 }),
          picked: fc.integer({ min: 0, max: 7 }),
        }),
      },
      // Of what was taken, which share ends in which way.
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom('settle' as const, 'putBack' as const),
          share: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('expire' as const),
          before: fc.integer({ min: 0, max: 6 }),
        }),
      },
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120 }), (actions) => {
        const limits = { capacity: 12, maxPoolBytes: 2_400, maxPerFeePayer: 6 };
        const pool = new TransactionPool(limits);
        const model = new ModelPool(limits);
        let taken: RuntimeTransaction[] = [];
        actions.forEach((step, n) => {
          if (step.kind === 'add') {
            const transaction = fakeTransaction(n, { ...step, feeLamports: BigInt(n) });
            const evicted = model.add(transaction, step.priority);
            if (evicted === undefined)
              expect(() => pool.add(transaction, step.priority)).toThrow(/send again|waits already/);
            else {
              pool.checkRoom(transaction, step.priority); // never refuses what would be taken
              expect(numbersOf(pool.add(transaction, step.priority))).toEqual(numbersOf(evicted));
            }
          } else if (step.kind === 'take') {
            const expected = model.take(step.limit, step.picked);
            expect(numbersOf(pool.take(step.limit, step.picked))).toEqual(numbersOf(expected));
            taken.push(...expected);
          } else if (step.kind === 'expire') {
            const expired = pool.dropExpired((hash) => hash[0]! >= step.before);
            const expected = model.dropExpired((blockhash) => blockhash >= step.before);
            expect(new Set(numbersOf(expired))).toEqual(new Set(numbersOf(expected)));
          } else {
            const some = taken.slice(0, Math.round(taken.length * step.share));
            taken = taken.slice(some.length);
            for (const either of [pool, model]) either[step.kind](some);
          }
          expect(pool.size).toBe(model.waiting.length);
          expect(pool.bytes).toBe(model.bytes);
          for (const payer of [1, 2, 3, 4])
            expect(pool.feesOf(new Uint8Array(32).fill(payer))).toBe(model.feesOf(payer));
          for (const { transaction } of model.items)
            expect(pool.has(transaction.transaction.signatures[0]!)).toBe(true);
        });
        // Nothing is lost: all that waits comes out in the end.
        expect(numbersOf(pool.take(100))).toEqual(numbersOf(model.take(100, 0)));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the best paying first, and every fourth is the oldest', () => {
    const pool = filled([1, 1, 5, 9, 7, 2, 8, 9]);
    expect(numbersOf(pool.take(8))).toEqual([0, 3, 7, 6, 1, 4, 2, 5]);
  });

  it('is first come, first served where nobody pays more', () => {
    const pool = filled(Array(20).fill(0));
    expect(numbersOf(pool.take(20))).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it('gives a transaction a place in a bounded number of blocks, whatever others pay', () => {
    // Two places a block on one hot account, and a flood that refills the pool with better paying ones.
    const older = 10;
    const pool = new TransactionPool({ capacity: 500, maxPerFeePayer: 500 });
    let n = 0;
    for (; n < older; n++) pool.add(fakeTransaction(n, { payer: HOT }), 1);
    const poor = n++;
    pool.add(fakeTransaction(poor, { payer: HOT }), 0);
    let blocks = 0;
    for (let isIn = false; !isIn; blocks++) {
      // Not above the capacity: what is evicted is another matter.
      while (pool.size < 490) pool.add(fakeTransaction(n++, { payer: HOT }), 1_000 + n);
      const candidates = pool.take(64);
      const included = candidates.slice(0, 2);
      pool.putBack(candidates.slice(2));
      pool.settle(included);
      isIn = included.some((transaction) => numberOf(transaction) === poor);
      expect(blocks).toBeLessThanOrEqual(older);
    }
    expect(blocks).toBe(older + 1); // one block for each older one, and its own
  });

  it('gives up the worst paying and latest ones for better paying ones, when it is full', () => {
    const pool = filled([3, 1, 1, 2], { capacity: 4 });
    expect(() => pool.add(fakeTransaction(10), 1)).toThrow(/mempool is full \(4 transactions\)/);
    expect(() => pool.checkRoom(fakeTransaction(10), 1)).toThrow(/mempool is full/);
    expect(numbersOf(pool.add(fakeTransaction(11), 2))).toEqual([2]);
    expect(pool.has(fakeTransaction(2).transaction.signatures[0]!)).toBe(false);
    expect(numbersOf(pool.add(fakeTransaction(12), 2))).toEqual([1]);
    expect(numbersOf(pool.add(fakeTransaction(13), 9))).toEqual([12]);
    expect(numbersOf(pool.take(10))).toEqual([0, 13, 3, 11]);
  });

  it('does not give up what is being executed', () => {
    const pool = filled([0, 0], { capacity: 2 });
    pool.take(2);
    expect(() => pool.add(fakeTransaction(10), 9)).toThrow(/mempool is full/);
  });

  it('is bounded in bytes, and changes nothing where eviction is not enough', () => {
    const pool = new TransactionPool({ maxPoolBytes: 1_000 });
    pool.add(fakeTransaction(0, { bytes: 500 }), 5);
    pool.add(fakeTransaction(1, { bytes: 300 }), 1);
    pool.add(fakeTransaction(2, { bytes: 200 }), 2);
    expect(pool.isFull).toBe(true);
    expect(() => pool.add(fakeTransaction(3, { bytes: 600 }), 4)).toThrow(/mempool is full/);
    expect(pool.size).toBe(3);
    expect(numbersOf(pool.add(fakeTransaction(4, { bytes: 400 }), 4))).toEqual([1, 2]);
    expect(pool.bytes).toBe(900);
  });

  it('gives a fee payer no more than its share, whatever it pays', () => {
    const pool = new TransactionPool({ capacity: 8 });
    pool.add(fakeTransaction(0, { payer: 1 }), 0);
    pool.add(fakeTransaction(1, { payer: 1 }), 0);
    expect(() => pool.add(fakeTransaction(2, { payer: 1 }), 9)).toThrow(/2 transactions in the mempool/);
    pool.add(fakeTransaction(3, { payer: 2 }), 0);
    pool.settle(pool.take(1));
    pool.add(fakeTransaction(4, { payer: 1 }), 0);
  });

  it('holds one transaction for each nonce: the best paying one', () => {
    const pool = new TransactionPool({ capacity: 2, maxPerFeePayer: 1 });
    pool.add(fakeTransaction(0, { nonce: 7, payer: 1 }), 1);
    expect(() => pool.add(fakeTransaction(1, { nonce: 7, payer: 2 }), 1)).toThrow(/waits already/);
    expect(() => pool.checkRoom(fakeTransaction(1, { nonce: 7, payer: 2 }), 1)).toThrow(/waits already/);
    pool.add(fakeTransaction(2, { nonce: 8, payer: 3 }), 9);
    // It needs no other room than that of the one it replaces: neither in the pool nor in its payer's share.
    pool.checkRoom(fakeTransaction(3, { nonce: 7, payer: 1 }), 2);
    expect(numbersOf(pool.add(fakeTransaction(3, { nonce: 7, payer: 1 }), 2))).toEqual([0]);
    const [, three] = pool.take(2);
    expect(() => pool.add(fakeTransaction(4, { nonce: 7, payer: 4 }), 99)).toThrow(/waits already/);
    pool.settle([three!]);
    pool.add(fakeTransaction(4, { nonce: 7, payer: 4 }), 0);
  });

  it('knows nothing of expiry where a nonce takes the place of the blockhash', () => {
    const pool = new TransactionPool();
    pool.add(fakeTransaction(0, { nonce: 7 }), 0);
    pool.add(fakeTransaction(1), 0);
    expect(numbersOf(pool.dropExpired(() => false))).toEqual([1]);
    expect(pool.size).toBe(1);
  });
});
