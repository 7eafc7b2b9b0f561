import '../fixed-seed.js';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { resolveTransaction } from '../../src/runtime/resolve/resolve-transaction.js';
import { usedCost } from '../../src/runtime/schedule/admission.js';
import { transactionCost } from '../../src/runtime/schedule/cost-model.js';
import type { BlockLimits, RuntimeTransaction } from '../../src/runtime/types.js';
import { tableAccount } from '../resolve/messages.js';
import { addressOf, makeTransaction, nothing } from './make-transaction.js';
import {
  blocksArbitrary,
  context,
  copyOf,
  make,
  partsArbitrary,
  plainAccount,
  setUp,
  turnsArbitrary,
} from './setup.js';

const executorsArbitrary = fc.constantFrom(1, 2, 3, 4);

describe('ParallelRuntime', () => {
  it('gives what executing one after the other gives, with any number of executors', async () => {
    await fc.assert(
      fc.asyncProperty(
        blocksArbitrary,
        executorsArbitrary,
        fc.constantFrom(1, 3, 64),
        turnsArbitrary,
        // few accounts are remembered: executors are told to drop the others
        fc.constantFrom(2, 200_000),
        async (blocks, executors, groupSize, turns, maxAccounts) => {
          const { source, block } = setUp(executors, { groupSize, maxAccounts }, { turns });
          const oracle = copyOf(source.ledger);
          for (const parts of blocks) {
            const candidates = parts.map(make);
            const expected = candidates.map((transaction) => oracle.execute(transaction).outcome);
            const result = await block(candidates);
            expect(result.deferred).toEqual([]);
            expect(result.executed.map(({ transaction }) => transaction)).toEqual(candidates);
            expect(result.executed.map(({ outcome }) => outcome)).toEqual(expected);
            expect(source.ledger.accounts).toEqual(oracle.accounts);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('tells of every account that changed, and of no other', async () => {
    const { source, block } = setUp(2);
    const before = copyOf(source.ledger);
    const { accounts } = await block(
      Array.from({ length: 50 }, (_, i) => make({ payer: `p${i % 5}`, writes: ['a', 'd'], reads: ['b'] })),
    );
    expect(accounts.length).toBeGreaterThan(2);
    for (const [address, bytes] of accounts) expect(bytes).not.toEqual(before.get(address));
    expect(new Set(accounts.map(([address]) => Buffer.from(address).toString('hex'))).size).toBe(
      accounts.length,
    );
  });

  it('spreads what has nothing in common, and keeps together what has', async () => {
    const { engines, block } = setUp(2);
    const candidates = ['p0', 'p1', 'p2', 'p3'].flatMap((payer) =>
      Array.from({ length: 30 }, () => make({ payer, writes: [payer] })),
    );
    await block(candidates);
    const counts = engines.map(({ groups }) => groups.reduce((sum, count) => sum + count, 0));
    expect(counts).toEqual([60, 60]);
    const shipped = engines.map((engine) => engine.shipped);
    await block(candidates.map(({ transaction }) => resolveTransaction(transaction, nothing)));
    // Each executor still has its accounts.
    expect(engines.map((engine) => engine.shipped)).toEqual(shipped);
  });

  it('gives accounts that changed beside the blocks to executors again', async () => {
    const { source, block } = setUp(2);
    await block([make({ payer: 'p0', writes: ['a'] })]);
    source.ledger.set(addressOf('a'), plainAccount(77n, Uint8Array.of(7)));
    source.ledger.set(addressOf('p0'), null);
    source.ledger.set(addressOf('p1'), plainAccount(10n ** 10n));
    const oracle = copyOf(source.ledger);
    const candidates = [make({ payer: 'p1', writes: ['a', 'p0'] }), make({ payer: 'p0' })];
    const expected = candidates.map((transaction) => oracle.execute(transaction).outcome);
    expect((await block(candidates)).executed.map(({ outcome }) => outcome)).toEqual(expected);
  });

  it('forgets a block that was not stored', async () => {
    const { runtime, source, block } = setUp(2);
    const oracle = copyOf(source.ledger);
    await runtime.execute(context, [make({ payer: 'p0', writes: ['a', 'd', 'e'] })]);
    runtime.discard();
    const candidates = [make({ payer: 'p1', writes: ['a'], reads: ['d', 'e', 'p0'] })];
    const expected = candidates.map((transaction) => oracle.execute(transaction).outcome);
    expect((await block(candidates)).executed.map(({ outcome }) => outcome)).toEqual(expected);
    expect(source.ledger.accounts).toEqual(oracle.accounts);
  });

  it('starts nothing new after the deadline', async () => {
    const { block, engines } = setUp(2);
    const candidates = Array.from({ length: 10 }, () => make({ payer: 'p0' }));
    const { executed, deferred, cost } = await block(candidates, 0);
    expect(executed).toEqual([]);
    expect(deferred).toEqual(candidates);
    expect(cost).toBe(0);
    expect(engines.flatMap(({ groups }) => groups)).toEqual([]);
  });

  it('finishes what runs at the deadline, and defers the rest', async () => {
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    // The first group takes until the deadline has passed.
    const turns = () => {
      now = 100;
      return 0;
    };
    const { source, block } = setUp(1, { groupSize: 4 }, { turns });
    const oracle = copyOf(source.ledger);
    const candidates = Array.from({ length: 20 }, () => make({ payer: 'p0' }));
    const { executed, deferred } = await block(candidates, 50);
    expect(executed).toHaveLength(4);
    expect([...executed.map(({ transaction }) => transaction), ...deferred]).toEqual(candidates);
    for (const { transaction } of executed) oracle.execute(transaction);
    expect(source.ledger.accounts).toEqual(oracle.accounts);
    clock.mockRestore();
  });

  it('executes one block at a time, and none after it was closed', async () => {
    const { runtime, engines, simulator } = setUp(2);
    const first = runtime.execute(context, [make({ payer: 'p0' })]);
    await expect(runtime.execute(context, [])).rejects.toThrow(/at the same time/);
    const closing = runtime.close();
    expect((await first).executed).toHaveLength(1);
    await closing;
    expect([...engines, simulator].every(({ closed }) => closed)).toBe(true);
    await expect(runtime.execute(context, [])).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('begins the block in every executor that gets work', async () => {
    const { block, engines } = setUp(2);
    await block([make({ payer: 'p0' })]);
    expect(engines.map(({ contexts }) => contexts)).toEqual([[context], []]);
  });
});

describe('lookup tables', () => {
  it('are not used in the block that changes them', async () => {
    const { block, source } = setUp(2);
    const table = addressOf('table');
    source.ledger.set(table, tableAccount({ addresses: [addressOf('x'), addressOf('y')] }));
    const options = { ...nothing, accounts: source };
    const user = (payer: string) =>
      makeTransaction({ payer, tables: [{ table: 'table', writable: [0], readonly: [1] }] }, options);
    const [before, after] = [user('p0'), user('p1')];
    const change = make({ payer: 'p2', writes: ['table'] });
    const { executed, deferred } = await block([before, change, after]);
    expect(executed.map(({ transaction }) => transaction)).toEqual([before, change]);
    expect(deferred).toEqual([after]);
  });
});

describe('limits', () => {
  /** What the limits mean, one transaction after the other. */
  function sequential(
    candidates: readonly RuntimeTransaction[],
    limits: BlockLimits,
    setup: ReturnType<typeof setUp>,
  ) {
    const ledger = copyOf(setup.source.ledger);
    const used = new Map<string, number>();
    const full = new Set<string>();
    const result = {
      executed: [] as RuntimeTransaction[],
      deferred: [] as RuntimeTransaction[],
      cost: 0,
      ledger,
    };
    for (const transaction of candidates) {
      const { fixed, requested } = transactionCost(transaction);
      const written = transaction.accountKeys
        .filter((_, index) => transaction.writable[index])
        .map((address) => Buffer.from(address).toString('hex'));
      const over = written.filter((key) => (used.get(key) ?? 0) + requested > limits.accountCost);
      if (written.some((key) => full.has(key)) || result.cost + requested > limits.blockCost) {
        result.deferred.push(transaction);
        continue;
      }
      if (over.length > 0) {
        for (const key of over) full.add(key);
        result.deferred.push(transaction);
        continue;
      }
      const { outcome } = ledger.execute(transaction);
      // accounts here are small: one page of loaded data
      const cost = outcome.status === 'rejected' ? 0 : fixed + 8 + Number(outcome.computeUnits);
      for (const key of written) used.set(key, (used.get(key) ?? 0) + cost);
      result.cost += cost;
      result.executed.push(transaction);
    }
    return result;
  }

  it('are kept in the same way by any number of executors', async () => {
    let deferrals = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(partsArbitrary, { minLength: 10, maxLength: 60 }),
        executorsArbitrary,
        fc.constantFrom(1, 5, 64),
        turnsArbitrary,
        fc.constantFrom(300_000, 400_000, 1_000_000),
        fc.constantFrom(240_000, 280_000, 1_000_000),
        async (parts, executors, groupSize, turns, blockCost, accountCost) => {
          const limits = { blockCost, accountCost };
          const setup = setUp(executors, { groupSize, limits }, { turns });
          const candidates = parts.map(make);
          const expected = sequential(candidates, limits, setup);
          const result = await setup.block(candidates);
          deferrals += result.deferred.length;
          expect(result.executed.map(({ transaction }) => transaction)).toEqual(expected.executed);
          expect(result.deferred).toEqual(expected.deferred);
          expect(result.cost).toBe(expected.cost);
          expect(setup.source.ledger.accounts).toEqual(expected.ledger.accounts);
        },
      ),
      { numRuns: 150 },
    );
    expect(deferrals).toBeGreaterThan(100);
  });

  it('let nobody overtake on an account that is full, and everybody else pass', async () => {
    const cost = transactionCost(make({ payer: 'p0', writes: ['hot'] })).requested;
    // Room for one that uses everything, and a little.
    const { block } = setUp(2, { limits: { accountCost: cost + 3_000 } });
    const hot = Array.from({ length: 6 }, (_, i) => make({ payer: `p${i % 5}`, writes: ['hot'] }));
    const others = Array.from({ length: 6 }, (_, i) => make({ payer: `p${i % 5}`, reads: ['cold'] }));
    const { executed, deferred } = await block(hot.flatMap((transaction, i) => [transaction, others[i]!]));
    const kept = hot.filter((transaction) => !deferred.includes(transaction));
    expect(kept).toEqual(hot.slice(0, kept.length));
    expect(deferred.length).toBeGreaterThan(0);
    expect(executed.length + deferred.length).toBe(12);
  });

  it('get a transaction on a hot account executed after a bounded number of blocks', async () => {
    const cost = transactionCost(make({ payer: 'p0', writes: ['hot'] })).requested;
    const { block } = setUp(2, { limits: { blockCost: 4 * cost, accountCost: 2 * cost } });
    const patient = make({ payer: 'p4', writes: ['hot'] });
    let queue = [...Array.from({ length: 40 }, () => make({ payer: 'p0', writes: ['hot'] })), patient];
    let blocks = 0;
    for (let done = false; !done; blocks++) {
      // Newcomers stand behind what was deferred, in any number.
      const { executed, deferred } = await block(queue);
      done = executed.some(({ transaction }) => transaction === patient);
      expect(executed.length).toBeGreaterThan(0);
      queue = [...deferred, ...Array.from({ length: 10 }, () => make({ payer: 'p1', writes: ['hot'] }))];
    }
    expect(blocks).toBeLessThanOrEqual(41);
  });

  it('reject what alone is too much', async () => {
    const transaction = make({ payer: 'p0' });
    const cost = transactionCost(transaction).requested;
    const { block, engines } = setUp(1, { limits: { accountCost: cost - 1 } });
    const { executed } = await block([transaction]);
    expect(executed).toMatchObject([
      { outcome: { status: 'rejected', error: 'WouldExceedMaxAccountCostLimit', feeLamports: 0n } },
    ]);
    expect(engines[0]!.groups).toEqual([]);
  });

  it('count a program that is locked for writing', async () => {
    const program = plainAccount(1_000_000n, new Uint8Array(6_000));
    program[48] = 1;
    const { block, source } = setUp(1);
    const plain = await block([make({ payer: 'p0', writes: ['d'] })]);
    source.ledger.set(addressOf('d'), program);
    const heavy = await block([make({ payer: 'p0', writes: ['d'] })]);
    // The surcharge is 6,000, and the transactions differ by less than 5,000 compute units.
    expect(heavy.cost - plain.cost).toBeGreaterThan(1_000);
  });
});

describe('usedCost', () => {
  it('is nothing for a rejected transaction, and never more than what was asked for', () => {
    const scheduled = { fixedCost: 1_000, loadedCost: 16, requestedCost: 5_000 } as Parameters<
      typeof usedCost
    >[0];
    const outcome = {
      status: 'ok' as const,
      computeUnits: 100n,
      feeLamports: 5_000n,
      meta: new Uint8Array(),
    };
    expect(usedCost(scheduled, outcome)).toBe(1_116);
    expect(usedCost(scheduled, { ...outcome, computeUnits: 10_000n })).toBe(5_000);
    expect(usedCost(scheduled, { ...outcome, status: 'rejected' })).toBe(0);
  });
});

describe('simulate', () => {
  it('is on the state of the source, beside the blocks', async () => {
    const { runtime, source, simulator } = setUp(2);
    const transaction = make({ payer: 'p0', writes: ['a', 'd'] });
    const expected = copyOf(source.ledger).execute(transaction).outcome;
    const running = runtime.execute(context, [make({ payer: 'p0', writes: ['a'] })]);
    const simulated = await runtime.simulate(context, transaction, { verifySignatures: false });
    expect(simulated.outcome).toEqual(expected);
    source.adopt((await running).accounts);
    const after = copyOf(source.ledger).execute(transaction).outcome;
    expect(after).not.toEqual(expected);
    const again = () => runtime.simulate(context, transaction, { verifySignatures: false });
    expect((await again()).outcome).toEqual(after);
    const { shipped } = simulator;
    expect((await again()).outcome).toEqual(after);
    expect(simulator.shipped).toBe(shipped);
    expect(simulator.contexts).toHaveLength(1);
  });

  it('is tried again once when the engine dies', async () => {
    let deaths = 1;
    const { runtime } = setUp(1, {}, { dies: () => deaths-- > 0 });
    const simulate = () => runtime.simulate(context, make({ payer: 'p0' }), { verifySignatures: false });
    await expect(simulate()).resolves.toBeDefined();
    deaths = 2;
    await expect(simulate()).rejects.toMatchObject({ code: 'EXECUTOR_CRASHED' });
    await expect(simulate()).resolves.toBeDefined();
  });
});

describe('an executor that breaks the rules', () => {
  it('fails the block', async () => {
    const { engines, block } = setUp(1);
    const execute = engines[0]!.execute.bind(engines[0]!);
    engines[0]!.execute = async (work) => {
      const result = await execute(work);
      return { ...result, accounts: [...result.accounts, [addressOf('c'), plainAccount(5n)]] };
    };
    await expect(block([make({ payer: 'p0' })])).rejects.toMatchObject({ code: 'INVARIANT' });
  });
});
