import './fixed-seed.js';
import { PolyproofError } from '@polyproof/base';
import { accountKey, commonPathLength, initHashing, MemoryNodeStore, StateTree } from '@polyproof/state';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { inputsWithin } from '../src/circuit-inputs.js';
import {
  BatchBudget,
  type BatchItem,
  batchCircuitInputs,
  CIRCUIT_LIMITS,
  type CircuitLimits,
  type Limit,
  systemAccount,
} from '../src/index.js';
import { measureTransaction } from '../src/zkvm/measure.js';
import { tokenRollup } from './bank/token-bank.js';
import {
  approve,
  burnTokens,
  callsMessage,
  closeAccount,
  createAccount,
  initializeAccount,
  memo,
  mintTokens,
  moveChecked,
  moveTokens,
  pay,
  revoke,
  setLimit,
  TOKEN,
} from './calls.js';
import { COLLECTOR, SOL } from './helpers.js';
import { MachineLedger } from './machine-ledger.js';
import { manyCalls } from './many-calls.js';
import type { RandomCalls } from './random-calls.js';
import { address } from './wire.js';

beforeAll(initHashing);

const keyOf = (name: string) => accountKey(address(name));
const messageOf = ({ payer, calls }: Omit<RandomCalls, 'version'>, blockhash = 1) =>
  callsMessage(payer, calls, new Uint8Array(32).fill(blockhash)).message;
const item = (from: string, to: string): BatchItem => {
  const message = messageOf({ payer: from, calls: [pay(from, to, 1n)] });
  return { ...measureTransaction(message, () => systemAccount(SOL)), message };
};
const limits = (changes: Partial<CircuitLimits>): CircuitLimits => ({ ...CIRCUIT_LIMITS, ...changes });
function budgetOn(entries: [bigint, bigint][], changes: Partial<CircuitLimits> = {}): BatchBudget {
  const tree = new StateTree(new MemoryNodeStore(), 0n);
  tree.update(new Map(entries));
  return new BatchBudget({ collector: address(COLLECTOR), circuits: [limits(changes)] }, { tree });
}

describe('BatchBudget', () => {
  it('refuses an account that sits too deep', () => {
    // an account whose neighbour shares the first 34 turns of its path
    const near = keyOf('b') ^ (1n << 69n);
    expect(budgetOn([[near, 1n]]).exceeded([item('a', 'b')])).toBe('depth');
    expect(budgetOn([[near, 1n]], { depth: 35 }).fits([item('a', 'b')])).toBe(true);
    expect(budgetOn([[keyOf('b') ^ (1n << 63n), 1n]]).fits([item('a', 'b')])).toBe(true);
    expect(budgetOn([[keyOf('b') ^ (1n << 64n), 1n]]).fits([item('a', 'b')])).toBe(false);
  });

  it('counts the levels of all accounts, also of those that are added to an empty tree', () => {
    const keys = ['a', 'b', COLLECTOR].map(keyOf);
    const depth = (key: bigint) =>
      Math.max(...keys.filter((other) => other !== key).map((other) => 1 + commonPathLength(key, other)));
    const levels = keys.reduce((sum, key) => sum + Math.max(1, depth(key) - 1), 0);
    expect(budgetOn([], { levels }).fits([item('a', 'b')])).toBe(true);
    expect(budgetOn([], { levels: levels - 1 }).exceeded([item('a', 'b')])).toBe('levels');
  });

  it('never counts less than the circuit walks, in any order of updates', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', COLLECTOR];
    const keys = names.map(keyOf);
    const items = [item('a', 'b'), item('c', 'd'), item('e', 'f')];
    // leaves close to the accounts push them down the tree
    const others = fc.array(fc.tuple(fc.nat(keys.length - 1), fc.integer({ min: 0, max: 30 })), {
      maxLength: 20,
    });
    const presence = fc.array(fc.boolean(), { minLength: keys.length, maxLength: keys.length });
    fc.assert(
      fc.property(others, presence, presence, (near, before, after) => {
        const leaves = new Map(near.map(([i, bit]) => [keys[i]! ^ (1n << BigInt(bit)), 1n]));
        const touched = keys.filter((key) => !leaves.has(key));
        const start = new Map([
          ...leaves,
          ...touched.filter((_, i) => before[i]).map((key) => [key, 2n] as const),
        ]);
        const tree = new StateTree(new MemoryNodeStore(), 0n);
        tree.update(start);
        let walked = 0;
        for (const [i, key] of touched.entries()) {
          walked += Math.max(1, tree.depthBound(key) - 1);
          tree.update(new Map([[key, after[i] ? 3n : null]]));
        }
        fc.pre(touched.length === keys.length);
        expect(budgetOn([...start]).fits(items)).toBe(true);
        expect(budgetOn([...start], { levels: walked - 1 }).fits(items)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('counts what was added', () => {
    const budget = budgetOn([], { transactions: 2 });
    budget.add([item('a', 'b')]);
    expect(budget.fits([item('c', 'd')])).toBe(true);
    expect(budget.exceeded([item('c', 'd'), item('e', 'f')])).toBe('transactions');
    budget.add([item('c', 'd')]);
    expect(budget.fits([item('a', 'b')])).toBe(false);
    expect(budget.fits([])).toBe(true);
  });
});

describe('a batch fits in one of several circuits', () => {
  const collector = address(COLLECTOR);
  const tree = new StateTree(new MemoryNodeStore(), 0n);
  const many = limits({ transactions: 3, transfers: 1 });
  const few = limits({ transactions: 1, transfers: 0, rows: 2 });
  const wide = limits({ transactions: 2, transfers: 4 });
  const budget = () => new BatchBudget({ collector, circuits: [few, many, wide] }, { tree });

  it('but not in what two of them have together', () => {
    expect(budget().fits([item('a', 'b')])).toBe(true);
    expect(budget().fits([item('a', 'b'), item('c', 'd')])).toBe(true);
    expect(budget().fits([item('a', 'b'), item('c', 'd'), item('e', 'f')])).toBe(false);
  });

  it('and otherwise is told the limit of the one that is nearest', () => {
    const budgetOfOne = new BatchBudget({ collector, circuits: [few, wide] }, { tree });
    budgetOfOne.add([item('a', 'b'), item('c', 'd')]);
    expect(budgetOfOne.exceeded([item('e', 'f')])).toBe('transactions');
    const other = new BatchBudget({ collector, circuits: [few, many] }, { tree });
    other.add([item('a', 'b')]);
    expect(other.exceeded([item('c', 'd')])).toBe('transfers');
  });
});

/** A block of all kinds, the second half in a block of its own. */
const MIXED: Omit<RandomCalls, 'version'>[] = [
  { payer: 'a', calls: [setLimit(50_000), moveTokens('token a', 'token b', 'a', 5n)] },
  { payer: 'b', calls: [moveChecked('token b', 'mint', 'token c', 'b', 7n)] },
  { payer: 'c', calls: [pay('c', 'new', SOL / 2n), pay('new', 'd', 1n, 's')] },
  { payer: 'a', calls: [mintTokens('mint', 'token d', 'a', 9n)] },
  { payer: 'd', calls: [burnTokens('token d', 'mint', 'd', 9n), moveTokens('token d', 'token a', 'd', 1n)] },
  { payer: 'd', calls: [pay('d', 'c', 1n), moveTokens('token d', 'token a', 'd', 1n << 50n)] },
  { payer: 'a', calls: [approve('token a', 'b', 'a', 3n), initializeAccount('blank', 'mint', 'b')] },
  { payer: 'a', calls: [revoke('token a', 'a')] },
  {
    payer: 'b',
    calls: [createAccount('b', 'fresh', SOL / 10n, 165, TOKEN), initializeAccount('fresh', 'mint', 'b')],
  },
  { payer: 'b', calls: [closeAccount('fresh', 'b', 'b'), memo(Buffer.from('closed'), ['b', 's'])] },
  { payer: 'c', calls: [pay('c', 'exit one', SOL / 10n)] },
];

describe('each limit of the circuit', () => {
  /** Of these two transactions share what they have in common: they may take less than counted. */
  const SHARED: readonly Limit[] = [
    ...(['machineSteps', 'moves', 'jumps', 'narrows', 'sums', 'products', 'quotients'] as const),
    ...(['equalities', 'orders', 'bitwise', 'shifts', 'swaps'] as const),
    'words', // one stays free where programs read to the end of what there is
    'hashRows', // of accounts that come and go within a batch too
    'levels', // counted for the deepest places that accounts could get
  ];
  /** Of the circuits, not of batches; no place is deeper than the budget allows. */
  const FIXED: readonly Limit[] = ['programs', 'depth'];
  const NAMES = (Object.keys(CIRCUIT_LIMITS) as (keyof CircuitLimits)[]).filter(
    (name) => !FIXED.includes(name),
  );
  const ROOMY = Object.fromEntries(
    Object.entries(CIRCUIT_LIMITS).map(([name, limit]) => [
      name,
      FIXED.includes(name as Limit) ? limit : 4 * limit,
    ]),
  ) as unknown as CircuitLimits;

  it('is counted by itself, and never less than the inputs of the circuit take', () => {
    const blank = { address: address('blank'), lamports: SOL, data: new Uint8Array(165), owner: TOKEN };
    const ledger = new MachineLedger(tokenRollup(blank));
    const deposits = ['a', 'from below'].map((name) => ({ recipient: address(name), lamports: SOL }));
    for (const deposit of deposits) ledger.deposit(deposit);
    const half = Math.floor(MIXED.length / 2);
    const [first, second] = [MIXED.slice(0, half), MIXED.slice(half)].map((requests, i) => {
      const block = requests.map((request) => ledger.execute(messageOf(request, i))!);
      ledger.endBlock(block);
      return block;
    });
    const { witness, after } = ledger.finish();
    const exceeded = (changes: Partial<CircuitLimits>): Limit | undefined => {
      const options = { collector: address(COLLECTOR), circuits: [{ ...ROOMY, ...changes }] };
      const budget = new BatchBudget(options, ledger);
      const items = deposits.map(({ recipient }) => ({ recipient, dataBytes: 0 }));
      if (budget.fittingDeposits(items) < items.length) return 'deposits';
      budget.addDeposits(items);
      budget.add(first!);
      return budget.exceeded(second!);
    };
    const isCircuitFull = (changes: Partial<CircuitLimits>): boolean => {
      try {
        inputsWithin(witness, after, { ...ROOMY, ...changes });
        return false;
      } catch (error) {
        if (error instanceof PolyproofError && error.code === 'CIRCUIT_FULL') return true;
        throw error;
      }
    };
    const unused: string[] = [];
    for (const name of NAMES) {
      const count = smallest(ROOMY[name], (room) => exceeded({ [name]: room }) === undefined);
      if (count === 0) {
        unused.push(name);
        continue;
      }
      expect([name, exceeded({ [name]: count - 1 })]).toEqual([name, name]);
      expect([name, isCircuitFull({ [name]: count })]).toEqual([name, false]);
      if (!SHARED.includes(name)) expect([name, isCircuitFull({ [name]: count - 1 })]).toEqual([name, true]);
    }
    // What the provable instructions never do.
    expect(unused).toEqual([
      ...['narrows', 'swaps', 'chunks', 'derivations', 'tries'],
      ...['calls', 'passed', 'infos', 'resumed', 'shared', 'epochs', 'own', 'callWords'],
    ]);
  });
});

/** The smallest number from 0 to `most` for which something holds. */
function smallest(most: number, holds: (value: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

it('what fits has a circuit that it fits in, to the last transaction that fits', () => {
  const limitsSeen = new Map<string, number>();
  const circuits = new Map<string, number>();
  fc.assert(
    fc.property(manyCalls(50), fc.nat(9), (requests, length) => {
      const ledger = new MachineLedger(tokenRollup());
      const budget = new BatchBudget({ collector: address(COLLECTOR) }, ledger);
      let block: BatchItem[] = [];
      const end = () => {
        budget.add(block);
        ledger.endBlock(block);
        block = [];
      };
      for (const [i, request] of requests.entries()) {
        const measured = ledger.measure(messageOf(request, i % 7));
        if (measured === undefined) continue;
        const limit = budget.exceeded([...block, measured]);
        if (limit !== undefined) {
          limitsSeen.set(limit, (limitsSeen.get(limit) ?? 0) + 1);
          break;
        }
        ledger.apply(measured);
        block.push(measured);
        if (block.length > length) end();
      }
      if (block.length > 0) end();
      if (ledger.transactions === 0) return;
      const { witness, after } = ledger.finish();
      const { circuit } = batchCircuitInputs(witness, after);
      circuits.set(circuit, (circuits.get(circuit) ?? 0) + 1);
    }),
    { numRuns: 40 },
  );
  // Batches end at many limits, and in both circuits.
  expect(limitsSeen.size).toBeGreaterThan(2);
  expect([...circuits.keys()].sort()).toEqual(['svm_batch', 'svm_batch_small']);
}, 120_000);
