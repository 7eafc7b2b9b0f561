import './fixed-seed.js';
import { decodeAccount, encodeAccount, initHashing } from '@polyproof/state';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { creditFees } from '../src/bank/credit-fees.js';
import {
  decodeTransaction,
  NotProvableError,
  RENT_EXEMPT_MINIMUM,
  resolveTransaction,
  systemAccount,
} from '../src/index.js';
import type { BlockRuntime } from '../src/runtime/types.js';
import { measureTransaction } from '../src/zkvm/measure.js';
import { realRuntime } from './bank/real-runtime.js';
import { COLLECTOR } from './helpers.js';
import { ModelLedger } from './model-ledger.js';
import { address, type TransferParts, transfer } from './wire.js';
import { blockArbitrary, EDGES, NAMES } from './workload.js';

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
let accounts = new Map<string, Uint8Array>();
const source = { get: (key: Uint8Array) => accounts.get(latin1(key)) ?? null };
let runtime: BlockRuntime;
beforeAll(async () => {
  await initHashing();
  runtime = realRuntime(source);
});
afterAll(() => runtime.close());

/** Executes a block of transfers, credits the collector, and keeps the accounts. */
async function execute(slot: number, block: TransferParts[]) {
  const context = {
    slot: BigInt(slot),
    unixTimestamp: 0n,
    blockhashes: [new Uint8Array(32)],
    slotHashes: [],
  };
  const resolve = { accounts: source, slot: context.slot, slotHashes: [], isBlockhashRecent: () => true };
  const candidates = block.map((parts) => resolveTransaction(decodeTransaction(transfer(parts)), resolve));
  const { executed, accounts: changed } = await runtime.execute(context, candidates);
  const fees = executed.reduce((sum, { outcome }) => sum + outcome.feeLamports, 0n);
  for (const [key, account] of creditFees(source, address(COLLECTOR), changed, fees))
    if (account === null) accounts.delete(latin1(key));
    else accounts.set(latin1(key), account);
  return executed.map(({ outcome }) => outcome.status);
}

/** Balances that the machine comes to; undefined where it does not prove the transfer. */
function onMachine(parts: TransferParts, balance: (name: string) => bigint): Map<string, bigint> | undefined {
  const nameOf = (key: Uint8Array) => NAMES.find((name) => latin1(address(name)) === latin1(key))!;
  try {
    const { accounts } = measureTransaction(decodeTransaction(transfer(parts)).message, (key) => {
      const lamports = balance(nameOf(key));
      return lamports === 0n ? null : systemAccount(lamports);
    });
    return new Map(accounts.map(({ address, after }) => [nameOf(address), after?.lamports ?? 0n]));
  } catch (error) {
    if (error instanceof NotProvableError) return undefined;
    throw error;
  }
}

// No account can get between zero and the rent minimum: neither genesis nor any transition leads there.
const POSSIBLE = EDGES.filter((lamports) => lamports === 0n || lamports >= RENT_EXEMPT_MINIMUM);
const balancesArbitrary = fc
  .tuple(...NAMES.map(() => fc.constantFrom(...POSSIBLE)))
  .map((values) => Object.fromEntries(values.map((value, i) => [NAMES[i]!, value])));

it('the engine and the machine follow the rules of transfers', async () => {
  const seen = { ok: 0, failed: 0, rejected: 0 };
  await fc.assert(
    fc.asyncProperty(
      balancesArbitrary,
      fc.array(blockArbitrary, { maxLength: 3 }),
      async (balances, blocks) => {
        const model = new ModelLedger(balances, COLLECTOR);
        accounts = new Map(
          Object.entries(balances)
            .filter(([, lamports]) => lamports > 0n)
            .map(([name, lamports]) => [latin1(address(name)), encodeAccount(systemAccount(lamports))]),
        );
        for (const [i, block] of blocks.entries()) {
          const statuses = await execute(i + 1, block);
          const expected = block.map((parts) => {
            const balances = onMachine(parts, (name) => model.of(name));
            const status = model.execute(parts);
            if (status === 'rejected') expect(balances).toBeUndefined();
            else
              for (const [name, balance] of balances!)
                expect([name, balance]).toEqual([name, model.of(name)]);
            return status;
          });
          model.endBlock();
          expect(statuses).toEqual(expected);
          for (const status of expected) seen[status]++;
          for (const name of NAMES) {
            const found = accounts.get(latin1(address(name)));
            const lamports = found === undefined ? 0n : decodeAccount(found).lamports;
            expect([name, lamports]).toEqual([name, model.of(name)]);
            if (found !== undefined) expect(decodeAccount(found)).toEqual(systemAccount(model.of(name)));
          }
        }
      },
    ),
    { numRuns: 150 },
  );
  // The workload reaches every kind of outcome often.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(50);
});
