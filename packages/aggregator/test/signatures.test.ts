import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProof, SIGNED_PROGRAMS, signatureStatementOf, statementOf } from './support/fake-rollup.js';
import { Harness } from './support/harness.js';

let h: Harness;
beforeEach(async () => {
  h = await Harness.open({ programs: SIGNED_PROGRAMS });
});
afterEach(() => h.close());

const METRICS = { gates: 1, witnessSeconds: 0, proveSeconds: 0, peakMemoryBytes: 0n };

describe('a rollup whose signatures are proved', () => {
  it('is settled by a final proof of batches and signatures', async () => {
    h.chain.submit(3);
    await h.watcher.poll();
    await h.proveAll();
    expect(h.system.proved).toEqual([
      ...['svm_batch_small 1-1', 'svm_batch_small 2-2', 'svm_batch 3-3'],
      ...['svm_signatures 1-1', 'svm_signatures 2-2', 'svm_signatures 3-3'],
      ...['aggregate 1-2', 'aggregate 1-2', 'aggregate 1-3', 'aggregate 1-3', 'final_signed 1-3'],
    ]);
    expect(await h.report(1n)).toMatchObject({ status: 'proved', batches: 3 });
    expect(await h.submissions.finalProof(1n)).toMatchObject({ program: 'final_signed' });
  });

  it('waits for the signatures of every batch', async () => {
    h.chain.submit(1);
    await h.watcher.poll();
    const without = h.register('one', 2, ['svm_batch', 'svm_batch_small', 'final_signed']);
    await h.prove(without, (await h.lease(without))!);
    expect(await h.lease(without)).toBeUndefined();
    expect((await h.tasksOf(1n)).get('final')).toBe('waiting');
  });

  it.each([
    ['of other data', { newDataHash: 7n }],
    ['of another batch', { firstBatch: 2n, lastBatch: 2n }],
    ['of the key set of batches', { keySetRoot: SIGNED_PROGRAMS.keySetRoot }],
    ['that say something of the state', { newStateRoot: statementOf(1n).newStateRoot }],
    ['that say something of the rollup', { configHash: statementOf(1n).configHash }],
  ])('refuses signatures %s', async (_, change) => {
    h.chain.submit(1);
    await h.watcher.poll();
    const prover = h.register('liar', 2, ['svm_signatures']);
    const leased = (await h.lease(prover))!;
    expect(leased.label).toBe('sequence 1, signatures of batch 1');
    const lie = makeProof('svm_signatures', { ...signatureStatementOf(1n), ...change });
    await expect(h.generator.complete(prover, leased.task.id, { ...METRICS, ...lie })).rejects.toMatchObject({
      code: 'WRONG_STATEMENT',
    });
  });

  it('refuses a final proof that says nothing of signatures', async () => {
    h.chain.submit(1);
    await h.watcher.poll();
    const prover = h.register();
    for (let i = 0; i < 2; i++) await h.prove(prover, (await h.lease(prover))!);
    const leased = (await h.lease(prover))!;
    expect(leased.task.program).toBe('final_signed');
    const lie = makeProof('final_signed', statementOf(1n));
    await expect(h.generator.complete(prover, leased.task.id, { ...METRICS, ...lie })).rejects.toMatchObject({
      code: 'WRONG_STATEMENT',
    });
  });
});
