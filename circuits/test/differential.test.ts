import { batchCircuitInputs, StatelessExecutor } from '@polyproof/svm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { realRuntime } from '../../packages/svm/test/bank/real-runtime.js';
import { COLLECTOR, SOL, TestBank } from '../../packages/svm/test/bank/test-bank.js';
import { blockArbitrary } from '../../packages/svm/test/workload.js';
import { artifactsForTests, executor } from './circuits.js';

const BATCHES = 24;

it('agrees with the engine on random batches at the edges of the rules', async () => {
  const run = executor(await artifactsForTests(), 'svm_batch');
  const names = [COLLECTOR, 'a', 'b', 'c', ...Array.from({ length: 20 }, (_, i) => `other ${i}`)];
  const test = await TestBank.open(Object.fromEntries(names.map((name) => [name, SOL])), {
    runtime: realRuntime,
  });
  const stateless = new StatelessExecutor({ runtime: realRuntime });
  const outcomes = { ok: 0, failed: 0 };
  try {
    const { bank } = test;
    const samples = fc.sample(fc.array(blockArbitrary, { minLength: 2, maxLength: 4 }), {
      numRuns: 200,
      seed: 7,
    });
    for (const blocks of samples) {
      if (bank.lastBatch >= BigInt(BATCHES)) break;
      for (const block of blocks) {
        const transactions = block.map((parts) => test.transfer(parts));
        if (bank.fits(transactions[0]!, transactions.slice(1))) await test.produce(...transactions);
      }
      const batch = await bank.closeBatch();
      if (batch === undefined) continue;
      const witness = bank.getWitness(batch.number)!;
      const result = await stateless.execute(witness);
      for (const { status } of result.outcomes) if (status !== 'rejected') outcomes[status] += 1;
      // The circuit computes the new root itself: it runs only if it agrees with litesvm's.
      await run(batchCircuitInputs(witness, result.accounts));
    }
    expect(bank.lastBatch).toBe(BigInt(BATCHES));
    // The workload must have reached both sides of the rules.
    expect(outcomes.ok).toBeGreaterThan(10);
    expect(outcomes.failed).toBeGreaterThan(10);
  } finally {
    await stateless.close();
    await test.close();
  }
}, 180_000);
