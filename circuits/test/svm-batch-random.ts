import { PolyproofError } from '@polyproof/base';
import { type QueuedDeposit, RENT_EXEMPT_MINIMUM } from '@polyproof/svm';
import fc from 'fast-check';
import { expect } from 'vitest';
import { batchCircuitInputs, inputsWithin } from '../../packages/svm/src/circuit-inputs.js';
import { callsTransaction } from '../../packages/svm/test/calls.js';
import { randomCalls } from '../../packages/svm/test/random-calls.js';
import { address } from '../../packages/svm/test/wire.js';
import { newStateless, openBatchBank } from './batch-bank.js';
import { artifactsForTests, executor } from './circuits.js';
import { batchExecutor, MINI, TINY } from './svm-batch-sizes.js';

function fitting<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof PolyproofError && error.code === 'CIRCUIT_FULL') return undefined;
    throw error;
  }
}

/** One or two, to accounts that are there, that may be, and of a program. */
function randomDeposits(first: bigint, seed: number): QueuedDeposit[] {
  const names = ['a', 'new 1', 'token a', 'new 3'];
  return Array.from({ length: 1 + (seed % 2) }, (_, i) => ({
    index: first + BigInt(i),
    recipient: address(names[(seed >> 2) % names.length]!),
    lamports: RENT_EXEMPT_MINIMUM + BigInt(seed),
  }));
}

/** Whether a transaction stores before it fails. */
function saves(inputs: Record<string, unknown>): boolean {
  const { transactions } = inputs.batch as { transactions: { saved: { used: boolean }[] } };
  return transactions.saved[0]!.used;
}

/**
 * Has the engine and the circuit execute random batches.
 * @param options - `first`: of the seeds that they are made from
 */
export async function compareBatches(options: { first: number; batches: number }): Promise<void> {
  // Most batches fit in a circuit that is solved in half the time.
  const small = await batchExecutor(MINI);
  const large = await batchExecutor(TINY);
  const test = await openBatchBank();
  const stateless = newStateless();
  const outcomes = { ok: 0, failed: 0 };
  let undone = 0;
  let seed = options.first;
  try {
    const { bank } = test;
    while (bank.lastBatch < BigInt(options.batches)) {
      if (seed % 4 === 1) await test.bank.creditDeposits(randomDeposits(test.bank.nextDeposit, seed));
      const [payer, ...calls] = fc.sample(randomCalls, { numRuns: 3, seed: ++seed });
      const transactions = [payer!, ...calls]
        .slice(0, 1 + (seed % 2))
        .map((parts) => callsTransaction(parts.payer, parts.calls, bank.latestBlockhash, parts.version));
      if (seed % 3 === 0) await test.produce(...transactions);
      else for (const transaction of transactions) await test.produce(transaction);
      const batch = await bank.closeBatch();
      if (batch === undefined) continue;
      const witness = bank.getWitness(batch.number)!;
      const result = await stateless.execute(witness);
      for (const { status } of result.outcomes) if (status !== 'rejected') outcomes[status] += 1;
      // The circuit computes the new root itself: it runs only if it agrees with litesvm's.
      const mini = fitting(() => inputsWithin(witness, result.accounts, MINI));
      const tiny = mini ?? fitting(() => inputsWithin(witness, result.accounts, TINY));
      const full = tiny === undefined ? batchCircuitInputs(witness, result.accounts) : undefined;
      const inputs = tiny ?? full!.inputs;
      if (full !== undefined) await executor(await artifactsForTests(), full.circuit)(inputs);
      else await (mini === undefined ? large : small)(inputs);
      if (saves(inputs)) undone += 1;
    }
    // The workload must have reached both sides of the rules.
    expect(outcomes.ok).toBeGreaterThan(options.batches / 3);
    expect(outcomes.failed).toBeGreaterThan(options.batches / 6);
    expect(undone).toBeGreaterThan(options.batches / 30);
  } finally {
    await stateless.close();
    await test.close();
  }
}
