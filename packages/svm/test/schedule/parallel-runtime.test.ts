import '../fixed-seed.js';
import { silentLogger } from '@polyproof/base';
import { encodeAccount } from '@polyproof/state';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParallelRuntime, type ParallelRuntimeOptions } from '../../src/runtime/schedule/parallel-runtime.js';
import type { ExecutedBlock, RuntimeContext, RuntimeTransaction } from '../../src/runtime/types.js';
import { FakeExecutor, FakeLedger, type FakeOptions, FakeSource } from './fake-executor.js';
import { addressOf, makeTransaction, type Parts } from './make-transaction.js';

const context: RuntimeContext = {
  slot: 10n,
  unixTimestamp: 0n,
  blockhashes: [new Uint8Array(32)],
  slotHashes: [],
};

const PAYERS = ['p0', 'p1', 'p2', 'p3', 'p4', 'poor'];

function richSource(): FakeSource {
  const source = new FakeSource();
  const account = (lamports: bigint) =>
    encodeAccount({
      lamports,
      data: new Uint8Array(),
      owner: new Uint8Array(32),
      executable: false,
      rentEpoch: 0n,
    });
  for (const name of PAYERS)
    source.ledger.set(addressOf(name), account(name === 'poor' ? 12_000n : 10n ** 12n));
  for (const name of ['a', 'b', 'c']) source.ledger.set(addressOf(name), account(1_000_000n));
  return source;
}

function setUp(executors: number, options: ParallelRuntimeOptions = {}, fake: FakeOptions = {}) {
  const source = richSource();
  const engines = Array.from({ length: executors }, () => new FakeExecutor(fake));
  const simulator = new FakeExecutor(fake);
  const runtime = new ParallelRuntime(options, {
    executors: engines,
    simulator,
    accounts: source,
    logger: silentLogger,
  });
  const block = async (candidates: RuntimeTransaction[]): Promise<ExecutedBlock> => {
    const result = await runtime.execute(context, candidates);
    source.adopt(result.accounts);
    return result;
  };
  return { source, engines, simulator, runtime, block };
}

const account = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'hot');
const partsArbitrary: fc.Arbitrary<Parts> = fc.record({
  payer: fc.constantFrom(...PAYERS),
  writes: fc.array(account, { maxLength: 3 }),
  reads: fc.array(account, { maxLength: 3 }),
});
const blocksArbitrary = fc.array(fc.array(partsArbitrary, { maxLength: 60 }), { minLength: 1, maxLength: 3 });

let unique = 0;
const make = (parts: Parts) => makeTransaction({ ...parts, nonce: unique++ });

describe('ParallelRuntime', () => {
  it('gives what executing one after the other gives, with any number of executors', async () => {
    await fc.assert(
      fc.asyncProperty(
        blocksArbitrary,
        fc.constantFrom(1, 2, 3, 4),
        fc.constantFrom(1, 3, 64),
        fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
        async (blocks, executors, groupSize, turns) => {
          const { source, block } = setUp(
            executors,
            { groupSize },
            { turns: () => turns.next().value as number },
          );
          const oracle = new FakeLedger();
          for (const [key, bytes] of source.ledger.accounts) oracle.accounts.set(key, bytes);
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
});
