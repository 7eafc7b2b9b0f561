import { silentLogger } from '@polyproof/base';
import { encodeAccount } from '@polyproof/state';
import fc from 'fast-check';
import { ParallelRuntime, type ParallelRuntimeOptions } from '../../src/runtime/schedule/parallel-runtime.js';
import type { ExecutedBlock, RuntimeContext, RuntimeTransaction } from '../../src/runtime/types.js';
import { FakeExecutor, FakeLedger, type FakeOptions, FakeSource } from './fake-executor.js';
import { addressOf, makeTransaction, type Parts } from './make-transaction.js';

export const context: RuntimeContext = {
  slot: 10n,
  unixTimestamp: 0n,
  blockhashes: [new Uint8Array(32)],
  slotHashes: [],
};

export const PAYERS = ['p0', 'p1', 'p2', 'p3', 'p4', 'poor'];

export function plainAccount(lamports: bigint, data = new Uint8Array()): Uint8Array {
  return encodeAccount({ lamports, data, owner: new Uint8Array(32), executable: false, rentEpoch: 0n });
}

/** Accounts of all payers (one of them can pay for two transactions only) and of three others. */
export function newSource(): FakeSource {
  const source = new FakeSource();
  for (const name of PAYERS)
    source.ledger.set(addressOf(name), plainAccount(name === 'poor' ? 12_000n : 10n ** 12n));
  for (const name of ['a', 'b', 'c']) source.ledger.set(addressOf(name), plainAccount(1_000_000n));
  return source;
}

export interface Setup {
  source: FakeSource;
  engines: FakeExecutor[];
  simulator: FakeExecutor;
  runtime: ParallelRuntime;
  /** Executes and stores a block. */
  block(candidates: readonly RuntimeTransaction[], deadlineMs?: number): Promise<ExecutedBlock>;
}

export function setUp(
  executors: number,
  options: ParallelRuntimeOptions = {},
  fake: FakeOptions = {},
): Setup {
  const source = newSource();
  const engines = Array.from({ length: executors }, () => new FakeExecutor(fake));
  const simulator = new FakeExecutor(fake);
  const runtime = new ParallelRuntime(options, {
    executors: engines,
    simulator,
    accounts: source,
    logger: silentLogger,
  });
  const block = async (candidates: readonly RuntimeTransaction[], deadlineMs?: number) => {
    const result = await runtime.execute(context, candidates, deadlineMs === undefined ? {} : { deadlineMs });
    source.adopt(result.accounts);
    return result;
  };
  return { source, engines, simulator, runtime, block };
}

/** The same ledger, to be executed on directly. */
export function copyOf(ledger: FakeLedger): FakeLedger {
  const copy = new FakeLedger();
  for (const [key, bytes] of ledger.accounts) copy.accounts.set(key, bytes);
  return copy;
}

const account = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'hot');

export const partsArbitrary: fc.Arbitrary<Parts> = fc.record({
  payer: fc.constantFrom(...PAYERS),
  writes: fc.array(account, { maxLength: 3 }),
  reads: fc.array(account, { maxLength: 3 }),
});

export const blocksArbitrary = fc.array(fc.array(partsArbitrary, { maxLength: 60 }), {
  minLength: 1,
  maxLength: 3,
});

/** How many turns of the event loop each group takes. */
export const turnsArbitrary = fc.infiniteStream(fc.integer({ min: 0, max: 3 })).map((stream) => () => {
  const { value } = stream.next();
  return value as number;
});

let unique = 0;
/** Never the same transaction twice. */
export function make(parts: Parts): RuntimeTransaction {
  return makeTransaction({ ...parts, nonce: unique++ });
}
