import './fixed-seed.js';
import { accountKey, commonPathLength, initHashing, MemoryNodeStore, StateTree } from '@polyproof/state';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { BatchBudget, type BatchLimits, CIRCUIT_LIMITS, decodeTransaction } from '../src/index.js';
import { address, transfer } from './wire.js';

beforeAll(initHashing);

const COLLECTOR = 'collector';
const keyOf = (name: string) => accountKey(address(name));
const item = (from: string, to: string) => decodeTransaction(transfer({ from, to, lamports: 1n }));
const limits = (changes: Partial<BatchLimits>): BatchLimits => ({ ...CIRCUIT_LIMITS, ...changes });
function budgetOn(entries: [bigint, bigint][], changes: Partial<BatchLimits> = {}): BatchBudget {
  const tree = new StateTree(new MemoryNodeStore(), 0n);
  tree.update(new Map(entries));
  return new BatchBudget({ collector: address(COLLECTOR), limits: limits(changes) }, { tree });
}

describe('BatchBudget', () => {
  it('refuses an account that sits too deep', () => {
    // an account whose neighbour shares the first 34 turns of its path
    const near = keyOf('b') ^ (1n << 69n);
    expect(budgetOn([[near, 1n]]).fits([item('a', 'b')])).toBe(false);
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
    expect(budgetOn([], { levels: levels - 1 }).fits([item('a', 'b')])).toBe(false);
  });

  it('never counts less than the circuit walks, in any order of updates', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', COLLECTOR];
    const keys = names.map(keyOf);
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
        const items = [item('a', 'b'), item('c', 'd'), item('e', 'f')];
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
    expect(budget.fits([item('c', 'd'), item('e', 'f')])).toBe(false);
    budget.add([item('c', 'd')]);
    expect(budget.fits([item('a', 'b')])).toBe(false);
    expect(budget.fits([])).toBe(true);
  });
});
