import '../fixed-seed.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressKey } from '../../src/runtime/resolve/address-key.js';
import type { EngineTransaction, RuntimeTransaction } from '../../src/runtime/types.js';
import { copyOf, make, partsArbitrary, setUp, turnsArbitrary } from './setup.js';

const keyOf = ({ transaction }: Pick<EngineTransaction, 'transaction'>) =>
  addressKey(transaction.signatures[0]!);

describe('when engines die', () => {
  it('only the transactions to blame are left out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(partsArbitrary, { minLength: 1, maxLength: 50 }),
        fc.uniqueArray(fc.nat(49), { maxLength: 3 }),
        fc.constantFrom(1, 2, 4),
        fc.constantFrom(1, 4, 64),
        turnsArbitrary,
        async (parts, marked, executors, groupSize, turns) => {
          const candidates = parts.map(make);
          const poison = new Set(
            marked.filter((i) => i < candidates.length).map((i) => keyOf(candidates[i]!)),
          );
          const dies = (transactions: readonly EngineTransaction[]) =>
            transactions.some((transaction) => poison.has(keyOf(transaction)));
          const { source, block } = setUp(executors, { groupSize }, { dies, turns });
          const oracle = copyOf(source.ledger);
          const good = candidates.filter((candidate) => !poison.has(keyOf(candidate)));
          const expected = good.map((transaction) => oracle.execute(transaction).outcome);
          const { executed, deferred, poisonous } = await block(candidates);
          expect(new Set(poisonous.map(keyOf))).toEqual(poison);
          expect(deferred).toEqual([]);
          expect(executed.map(({ transaction }) => transaction)).toEqual(good);
          expect(executed.map(({ outcome }) => outcome)).toEqual(expected);
          expect(source.ledger.accounts).toEqual(oracle.accounts);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('for other reasons, nothing is left out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(partsArbitrary, { minLength: 1, maxLength: 50 }),
        fc.uniqueArray(fc.nat(12), { maxLength: 4 }),
        fc.constantFrom(1, 2, 4),
        turnsArbitrary,
        async (parts, deaths, executors, turns) => {
          let calls = 0;
          const dies = () => deaths.includes(calls++);
          const { source, block } = setUp(executors, { groupSize: 4 }, { dies, turns });
          const oracle = copyOf(source.ledger);
          const candidates = parts.map(make);
          // Twice in a row and alone: then it looks as if the transaction were to blame.
          fc.pre(!deaths.some((call) => deaths.includes(call + 1)));
          const expected = candidates.map((transaction) => oracle.execute(transaction).outcome);
          const { executed } = await block(candidates);
          expect(executed.map(({ outcome }) => outcome)).toEqual(expected);
          expect(source.ledger.accounts).toEqual(oracle.accounts);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('between blocks, they are given everything again', async () => {
    const { source, engines, block } = setUp(1);
    const oracle = copyOf(source.ledger);
    const next = (): RuntimeTransaction => make({ payer: 'p0', writes: ['a'], reads: ['b'] });
    for (let i = 0; i < 3; i++) {
      const candidate = next();
      const { outcome } = oracle.execute(candidate);
      expect((await block([candidate])).executed[0]!.outcome).toEqual(outcome);
      expect(() => engines[0]!.die()).toThrow();
    }
  });

  it('after the results of a group and before anybody saw them, the group is executed again', async () => {
    const { source, engines, block } = setUp(1);
    const oracle = copyOf(source.ledger);
    const engine = engines[0]!;
    const execute = engine.execute.bind(engine);
    let replacements = 1;
    // A new engine, started unseen, executes on nothing.
    engine.execute = async (work) => {
      const result = await execute(work);
      if (replacements-- > 0) expect(() => engine.die()).toThrow();
      return result;
    };
    const candidates = [make({ payer: 'p0', writes: ['a'] }), make({ payer: 'p0', writes: ['b'] })];
    const expected = candidates.map((transaction) => oracle.execute(transaction).outcome);
    expect((await block(candidates)).executed.map(({ outcome }) => outcome)).toEqual(expected);
    expect(source.ledger.accounts).toEqual(oracle.accounts);
  });

  it('again and again without reason, the block is given up and the next one works', async () => {
    let healthy = false;
    let calls = 0;
    // Every second call: no transaction dies twice in a row.
    const { source, block, engines } = setUp(
      2,
      { maxCrashes: 3 },
      { dies: () => !healthy && calls++ % 2 === 0 },
    );
    const candidates = () => Array.from({ length: 20 }, (_, i) => make({ payer: `p${i % 2}` }));
    const before = copyOf(source.ledger);
    await expect(block(candidates())).rejects.toMatchObject({ code: 'ENGINE_UNSTABLE' });
    expect(source.ledger.accounts).toEqual(before.accounts);
    healthy = true;
    const again = candidates();
    const expected = again.map((transaction) => before.execute(transaction).outcome);
    expect((await block(again)).executed.map(({ outcome }) => outcome)).toEqual(expected);
    expect(engines).toHaveLength(2);
  });

  it('errors of another kind fail the block', async () => {
    const { engines, block } = setUp(1);
    engines[0]!.execute = async () => {
      throw new TypeError('a defect');
    };
    await expect(block([make({ payer: 'p0' })])).rejects.toThrow('a defect');
  });
});
