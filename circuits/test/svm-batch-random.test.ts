import '../../packages/svm/test/fixed-seed.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inputsWithin } from '../../packages/svm/src/circuit-inputs.js';
import { callsTransaction } from '../../packages/svm/test/calls.js';
import { randomCalls } from '../../packages/svm/test/random-calls.js';
import { newStateless, openBatchBank } from './batch-bank.js';
import { batchExecutor, TINY } from './svm-batch-sizes.js';

const BATCHES = 300;

it('agrees with the engine on random batches', async () => {
  const run = await batchExecutor(TINY);
  const test = await openBatchBank();
  const stateless = newStateless();
  const outcomes = { ok: 0, failed: 0 };
  let seed = 0;
  try {
    const { bank } = test;
    while (bank.lastBatch < BigInt(BATCHES)) {
      if (bank.lastBatch % 50n === 0n) console.log(bank.lastBatch, process.uptime());
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
      await run(inputsWithin(witness, result.accounts, TINY));
    }
    // The workload must have reached both sides of the rules.
    expect(outcomes.ok).toBeGreaterThan(100);
    expect(outcomes.failed).toBeGreaterThan(50);
  } finally {
    await stateless.close();
    await test.close();
  }
}, 600_000);
