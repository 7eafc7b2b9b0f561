import './fixed-seed.js';
import { silentLogger } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProcessExecutor, RENT_EXEMPT_MINIMUM, systemAccount } from '../src/index.js';
import { COLLECTOR } from './helpers.js';
import { ModelLedger } from './model-ledger.js';
import { address, transfer } from './wire.js';
import { blockArbitrary, EDGES, NAMES } from './workload.js';

let executor: ProcessExecutor;
beforeAll(() => {
  executor = new ProcessExecutor({}, { logger: silentLogger });
});
afterAll(() => executor.close());

// No account can get between zero and the rent minimum: neither genesis nor any transition leads there.
const POSSIBLE = EDGES.filter((lamports) => lamports === 0n || lamports >= RENT_EXEMPT_MINIMUM);
const balancesArbitrary = fc
  .tuple(...NAMES.map(() => fc.constantFrom(...POSSIBLE)))
  .map((values) => Object.fromEntries(values.map((value, i) => [NAMES[i]!, value])));

it('the engine follows the rules of the circuit', async () => {
  const seen = { ok: 0, failed: 0, rejected: 0 };
  await fc.assert(
    fc.asyncProperty(
      balancesArbitrary,
      fc.array(blockArbitrary, { maxLength: 3 }),
      async (balances, blocks) => {
        const model = new ModelLedger(balances, COLLECTOR);
        const accounts = Object.entries(balances).map(([name, lamports]) => [
          address(name),
          systemAccount(lamports),
        ]);
        await executor.reset(accounts.filter((_, i) => balances[NAMES[i]!]! > 0n) as [Uint8Array, Account][]);
        for (const [i, block] of blocks.entries()) {
          const { outcomes, accounts } = await executor.executeBlock({
            slot: BigInt(i + 1),
            unixTimestamp: 0n,
            transactions: block.map(transfer),
            verifySignatures: false,
            collector: address(COLLECTOR),
          });
          const expected = block.map((parts) => model.execute(parts));
          model.endBlock();
          expect(outcomes.map(({ status }) => status)).toEqual(expected);
          for (const status of expected) seen[status]++;
          for (const name of NAMES) {
            const found = accounts.find(([key]) => Buffer.compare(key, address(name)) === 0);
            if (found !== undefined) expect([name, found[1]?.lamports ?? 0n]).toEqual([name, model.of(name)]);
            if (found?.[1]) expect(found[1]).toEqual(systemAccount(model.of(name)));
          }
        }
      },
    ),
    { numRuns: 150 },
  );
  // The workload reaches every kind of outcome often.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(50);
});
