import type { Account } from '@polyproof/state';
import { afterAll, describe, expect, it } from 'vitest';
import { BLOCKHASH, engineTransaction, type Instruction } from '../support/engine-transactions.js';
import { expectSameTrace } from '../support/expect-same-trace.js';
import { fuzz, fuzzBudget } from '../support/fuzz-budget.js';
import { Random } from '../support/random.js';
import { tokenInstructions, tokenWorld } from '../support/token-world.js';
import { TracedLitesvm } from '../support/traced-litesvm.js';

const machine = new TracedLitesvm();
afterAll(() => machine.close());

const INSTRUCTIONS = tokenInstructions().map(({ instruction }) => instruction);
const KEYS = tokenWorld().map(([key]) => key);

/** Accounts with some bytes or amounts changed. */
function mutated(random: Random, account: Account): Account {
  if (random.oneIn(2) || account.data.length === 0) return account;
  const data = Uint8Array.from(account.data);
  const view = new DataView(data.buffer);
  for (let count = 1 + random.below(3); count > 0; count--) {
    // Amount or supply, state, options: what the program looks at.
    const kind = random.below(5);
    if (kind === 0 && data.length >= 72) view.setBigUint64(64, random.u64(), true);
    else if (kind === 1) view.setBigUint64(Math.min(36, data.length - 8), random.u64(), true);
    else if (kind === 2 && data.length >= 121) data[random.pick([72, 108, 109, 129])] = random.below(3);
    else if (kind === 3 && data.length >= 129) view.setBigUint64(121, random.u64(), true);
    else data[random.below(data.length)] = random.below(256);
  }
  return { ...account, data };
}

function randomInstruction(random: Random): Instruction {
  const known = random.pick(INSTRUCTIONS);
  const accounts = known.accounts
    .filter(() => !random.oneIn(24))
    .map((meta) =>
      random.oneIn(8)
        ? { key: random.pick(KEYS), writable: random.oneIn(2), signer: false }
        : { ...meta, writable: random.oneIn(16) ? !meta.writable : meta.writable === true },
    );
  if (random.oneIn(12)) accounts.push({ key: random.pick(KEYS), writable: random.oneIn(2) });
  const data = Uint8Array.from(known.data);
  if (random.oneIn(3) && data.length >= 9) new DataView(data.buffer).setBigUint64(1, random.u64(), true);
  if (random.oneIn(8) && data.length > 0) data[random.below(data.length)] = random.below(256);
  return {
    program: known.program,
    accounts,
    data: random.oneIn(12) ? data.subarray(0, random.below(data.length + 1)) : data,
  };
}

describe('random instructions of p-token', () => {
  it('do the same in litesvm and in the tracer', { timeout: 3_600_000 }, () => {
    const statuses = { ok: 0, failed: 0, rejected: 0 };
    fuzz(fuzzBudget(14_000), (seed) => {
      const random = new Random(seed);
      for (const [key, account] of tokenWorld()) machine.set(key, mutated(random, account));
      const instructions = Array.from({ length: random.oneIn(4) ? 2 : 1 }, () => randomInstruction(random));
      const transaction = engineTransaction({
        signers: ['payer', 'owner', 'delegate', 'other'],
        instructions,
        blockhash: BLOCKHASH,
      });
      statuses[expectSameTrace(machine, transaction).status]++;
    });
    if (process.env.FUZZ_CASES === undefined) {
      expect(statuses.ok).toBeGreaterThan(1_000);
      expect(statuses.failed).toBeGreaterThan(1_000);
    }
  });
});
