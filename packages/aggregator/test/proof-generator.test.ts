import { fieldToHex } from '@polyproof/base';
import { statementToPublicInputs } from '@polyproof/proofs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faults } from '../src/database/schema.js';
import type { LeasedTask } from '../src/proof-generator/proof-generator.js';
import { RIVAL } from './support/fake-chain.js';
import { circuitOf, fakeBatchSource, makeProof, PROGRAMS, statementOf } from './support/fake-rollup.js';
import { Harness, LEASE_MS } from './support/harness.js';

const clock = { now: 0 };
let h: Harness;
beforeEach(async () => {
  clock.now = 1_000_000;
  h = await Harness.open({ clock });
});
afterEach(() => h.close());

const METRICS = { gates: 1, witnessSeconds: 0, proveSeconds: 0, peakMemoryBytes: 0n };

describe('proof generator', () => {
  it('proves a sequence of five batches: batches first, then aggregations, then the final proof', async () => {
    h.chain.submit(5);
    await h.watcher.poll();
    expect(await h.proveAll()).toEqual([
      ...['1-0-0', '1-0-1', '1-0-2', '1-0-3', '1-0-4'],
      ...['1-1-0', '1-1-1', '1-2-0', '1-3-0', '1-4-0'],
    ]);
    const report = await h.report(1n);
    expect(report).toMatchObject({ status: 'proved', batches: 5, submission: 'none' });
    expect(report.proofs.map(({ kind }) => kind).join(' ')).toBe(
      'batch batch batch batch batch aggregation aggregation aggregation aggregation final',
    );
    expect(report.proofs[5]).toMatchObject({
      label: 'sequence 1, batches 1 to 2',
      prover: 'prover',
      gates: 1 << 19,
      witnessSeconds: 0.5,
      proveSeconds: 1.5,
    });
  });

  it('gives the lowest sequence out first', async () => {
    h.chain.submit(2);
    h.chain.submit(1);
    await h.watcher.poll();
    const [a, b] = [h.register('a'), h.register('b')];
    const first = await h.lease(a);
    expect(first?.label).toBe('sequence 1, batch 1');
    expect((await h.lease(b))?.label).toBe('sequence 1, batch 2');
    expect((await h.lease(b))?.label).toBe('sequence 2, batch 3');
    expect(await h.lease(b)).toBeUndefined();
  });

  it('wakes a waiting prover when there is work', async () => {
    const waiting = h.generator.lease(h.register(), 60_000);
    h.chain.submit(1);
    await h.watcher.poll();
    expect((await waiting)?.label).toBe('sequence 1, batch 1');
  });

  it('answers waiting provers when it closes, and no one after', async () => {
    const prover = h.register();
    const waiting = h.generator.lease(prover, 60_000);
    await h.generator.close();
    expect(await waiting).toBeUndefined();
    await expect(h.lease(prover)).rejects.toMatchObject({ code: 'CLOSING' });
  });

  it('keeps no lease for a prover that hung up', async () => {
    h.chain.submit(1);
    await h.watcher.poll();
    const prover = h.register();
    expect(await h.generator.lease(prover, 0, AbortSignal.abort())).toBeUndefined();
    expect(await h.lease(prover)).toBeDefined();
  });

  it('turns a prover away that holds other circuits', () => {
    const programs = [{ name: 'final', hash: 'other' }];
    expect(() =>
      h.generator.register({ name: 'old', programs, cores: 1, memoryBytes: 1n, accelerator: '' }),
    ).toThrow(expect.objectContaining({ code: 'PROGRAM_MISMATCH' }));
  });

  it('offers a prover only the circuits that it holds', async () => {
    h.chain.submit(1);
    await h.watcher.poll();
    const programs = [{ name: 'final', hash: 'cc' }];
    const prover = h.generator.register({
      name: 'finals',
      programs,
      cores: 1,
      memoryBytes: 1n,
      accelerator: '',
    });
    expect(await h.lease(prover)).toBeUndefined();
    const other = h.register();
    await h.prove(other, (await h.lease(other))!);
    // The other one is expected back for a moment.
    expect(await h.lease(prover)).toBeUndefined();
    clock.now += 1_001;
    expect((await h.lease(prover))?.task.kind).toBe('final');
  });
});

describe('circuits of batches', () => {
  it('gives each batch to a prover that has the smallest circuit it fits in, and proves it with that', async () => {
    h.chain.submit(3);
    await h.watcher.poll();
    const small = h.register('small', 2, ['svm_batch_small', 'aggregate', 'final']);
    const large = h.register('large', 2, ['svm_batch']);
    // What each batch needs is known once its inputs are there: until then it counts as large.
    const waiting = h.generator.lease(small, 20_000);
    const third = (await h.lease(large))!;
    expect([third.label, third.task.program]).toEqual(['sequence 1, batch 3', 'svm_batch']);
    const first = (await waiting)!;
    expect([first.label, first.task.program]).toEqual(['sequence 1, batch 1', 'svm_batch_small']);
    expect(first.programHash).toBe(PROGRAMS.hashes.svm_batch_small);
    expect(await h.lease(large)).toBeUndefined();
    for (const [prover, leased] of [
      [large, third],
      [small, first],
    ] as const)
      expect(await h.prove(prover, leased)).toBe(true);
    await h.proveAll(small);
    expect((await h.report(1n)).status).toBe('proved');
    expect(h.system.proved.slice(0, 3)).toEqual([
      'svm_batch 3-3',
      'svm_batch_small 1-1',
      'svm_batch_small 2-2',
    ]);
  });

  it('refuses a proof of the other batch circuit', async () => {
    h.chain.submit(1);
    await h.watcher.poll();
    const prover = h.register();
    const { task } = (await h.lease(prover))!;
    const delivery = { ...METRICS, ...makeProof('svm_batch', statementOf(1n)) };
    await expect(h.generator.complete(prover, task.id, delivery)).rejects.toMatchObject({
      code: 'INVALID_PROOF',
    });
  });
});

describe('lying provers', () => {
  let liar: string;
  let leased: LeasedTask;
  beforeEach(async () => {
    h.chain.submit(2);
    await h.watcher.poll();
    liar = h.register('liar');
    leased = (await h.lease(liar))!;
  });

  const deliver = (statement = statementOf(1n), bytes?: Uint8Array) => {
    const { proof, publicInputs } = makeProof(circuitOf(1n), statement);
    return h.generator.complete(liar, leased.task.id, { ...METRICS, publicInputs, proof: bytes ?? proof });
  };
  const provedByAnother = async () => {
    const recorded = await h.database.connection.select().from(faults);
    expect(recorded).toMatchObject([{ prover: 'liar', task: '1-0-0' }]);
    expect(await h.generator.heartbeat(liar, leased.task.id, 'proving')).toBe(false);
    expect(await h.lease(liar)).toBeUndefined();
    await h.proveAll(h.register('honest'));
    const { status, proofs } = await h.report(1n);
    expect(status).toBe('proved');
    expect(new Set(proofs.map(({ prover }) => prover))).toEqual(new Set(['honest']));
  };

  it('refuses a proof that is not valid', async () => {
    await expect(deliver(statementOf(1n), new Uint8Array(32))).rejects.toMatchObject({
      code: 'INVALID_PROOF',
      message: 'sequence 1, batch 1: the proof is not valid.',
    });
    await provedByAnother();
  });

  it.each([
    ['another batch', statementOf(2n)],
    ['another state before', { ...statementOf(1n), prevStateRoot: 1n }],
    ['another state after', { ...statementOf(1n), newStateRoot: 1n }],
    ['other data', { ...statementOf(1n), newDataHash: 1n }],
    ['another configuration', { ...statementOf(1n), configHash: 1n }],
    ['other keys', { ...statementOf(1n), keySetRoot: 1n }],
    ['withdrawals', { ...statementOf(1n), exitRoot: 1n }],
  ])('refuses a valid proof of %s', async (_what, statement) => {
    await expect(deliver(statement)).rejects.toMatchObject({ code: 'WRONG_STATEMENT' });
    await provedByAnother();
  });

  it('refuses too few, too many, and no public inputs', async () => {
    const { proof, publicInputs } = makeProof(circuitOf(1n), statementOf(1n));
    for (const inputs of [[], publicInputs.slice(1), [...publicInputs, fieldToHex(0n)]])
      await expect(
        h.generator.complete(liar, leased.task.id, { ...METRICS, proof, publicInputs: inputs }),
      ).rejects.toMatchObject({ code: 'WRONG_STATEMENT' });
  });

  it('gives the prover tasks again after a while, and believes it after a good proof', async () => {
    await expect(deliver(statementOf(2n))).rejects.toThrow();
    clock.now += 59_999;
    expect(await h.lease(liar)).toBeUndefined();
    clock.now += 1;
    expect(await h.proveAll(liar)).toContain('1-0-0');
  });

  it('does not forget the suspension when the prover registers anew', async () => {
    await expect(deliver(statementOf(2n))).rejects.toThrow();
    expect(await h.lease(h.register('liar'))).toBeUndefined();
  });

  it('lets it out again after a while, but after the third bad proof only when told to', async () => {
    await expect(deliver(statementOf(9n))).rejects.toThrow();
    const honest = h.register('honest');
    for (const [i, waitMs] of [60_000, 120_000].entries()) {
      clock.now += waitMs;
      leased = (await h.lease(liar))!;
      await expect(deliver(statementOf(9n)), `bad proof ${i + 2}`).rejects.toThrow();
      await h.prove(honest, (await h.lease(honest))!);
      h.chain.submit(1);
      await h.watcher.poll();
    }
    clock.now += 1_000_000_000;
    await h.generator.checkLeases();
    liar = h.register('liar');
    expect(await h.lease(liar)).toBeUndefined();
    const reason = expect.stringContaining('public input');
    expect(await h.generator.knownProvers()).toContainEqual(
      expect.objectContaining({ name: 'liar', suspendedMs: Number.POSITIVE_INFINITY, faults: 3, reason }),
    );
    expect(await h.generator.releaseProver('liar')).toBe(true);
    expect(await h.lease(liar)).toBeDefined();
    expect(await h.generator.releaseProver('stranger')).toBe(false);
  });

  it('does not take a proof for a task that is not known or not due', async () => {
    const { proof, publicInputs } = makeProof('final', statementOf(1n, 2n));
    for (const id of ['9-0-0', '1-2-0'])
      await expect(h.generator.complete(liar, id, { ...METRICS, proof, publicInputs })).rejects.toMatchObject(
        { code: 'UNKNOWN_TASK' },
      );
  });
});

describe('provers that die or fail', () => {
  beforeEach(async () => {
    h.chain.submit(1);
    await h.watcher.poll();
  });

  it('gives a task to another prover when the lease has expired', async () => {
    const dead = h.register('dead');
    await h.lease(dead);
    clock.now += LEASE_MS - 1;
    await h.generator.checkLeases();
    const heir = h.register('heir');
    expect(await h.lease(heir)).toBeUndefined();
    clock.now += 1;
    await h.generator.checkLeases();
    expect((await h.lease(heir))?.label).toBe('sequence 1, batch 1');
    expect(h.log[0]).toMatchObject(['taskFailed', { prover: 'dead', code: 'LEASE_EXPIRED', retry: true }]);
  });

  it('keeps a lease alive by heartbeats', async () => {
    const prover = h.register();
    const { task } = (await h.lease(prover))!;
    for (let i = 0; i < 5; i++) {
      clock.now += LEASE_MS - 1;
      expect(await h.generator.heartbeat(prover, task.id, 'proving')).toBe(true);
      await h.generator.checkLeases();
    }
    expect(h.log).toEqual([]);
  });

  it('ends the lease of a prover that lives on but does not come to an end', async () => {
    await h.close();
    h = await Harness.open({ clock, timeoutMs: { batch: 2 * LEASE_MS } });
    h.chain.submit(1);
    await h.watcher.poll();
    const stuck = h.register('stuck');
    const { task } = (await h.lease(stuck))!;
    for (let i = 0; i < 2; i++) {
      clock.now += LEASE_MS - 1;
      expect(await h.generator.heartbeat(stuck, task.id, 'proving')).toBe(true);
      await h.generator.checkLeases();
    }
    clock.now += 2;
    await h.generator.checkLeases();
    expect(h.log).toMatchObject([['taskFailed', { prover: 'stuck', code: 'TIMEOUT' }]]);
    const heir = h.register('heir');
    expect(await h.lease(heir)).toBeDefined();
    expect(await h.generator.heartbeat(stuck, task.id, 'proving')).toBe(false);
  });

  it('takes the proof of a prover whose lease has expired, and tells its successor to stop', async () => {
    const [slow, heir] = [h.register('slow'), h.register('heir')];
    const leased = (await h.lease(slow))!;
    clock.now += LEASE_MS;
    await h.generator.checkLeases();
    await h.lease(heir);
    expect(await h.prove(slow, leased)).toBe(true);
    expect(await h.generator.heartbeat(heir, leased.task.id, 'proving')).toBe(false);
    expect(
      await h.generator.complete(heir, leased.task.id, {
        ...makeProof(circuitOf(2n), statementOf(2n)),
        ...METRICS,
      }),
    ).toBe(false);
  });

  it('takes the same proof twice as once', async () => {
    const prover = h.register();
    const leased = (await h.lease(prover))!;
    expect(await h.prove(prover, leased)).toBe(true);
    expect(await h.prove(prover, leased)).toBe(true);
    expect((await h.report(1n)).proofs).toHaveLength(1);
  });

  it('fails the sequence, with the reason, after the last attempt, and tries again when told to', async () => {
    const prover = h.register();
    for (let attempt = 0; attempt < 3; attempt++) {
      const { task } = (await h.lease(prover))!;
      await h.generator.fail(prover, task.id, {
        code: 'PROVING_FAILED',
        message: 'no memory',
        retryable: true,
      });
    }
    expect(await h.lease(prover)).toBeUndefined();
    expect(await h.report(1n)).toMatchObject({ status: 'failed', error: 'no memory' });
    expect(h.names()).toEqual(['taskFailed', 'taskFailed', 'taskFailed', 'sequenceFailed']);
  });

  it('does not try again what no prover can prove', async () => {
    const prover = h.register();
    const { task } = (await h.lease(prover))!;
    await h.generator.fail(prover, task.id, { code: 'INPUTS_REFUSED', message: 'no', retryable: false });
    expect(await h.report(1n)).toMatchObject({ status: 'failed', error: 'no' });
  });

  it('does not take one prover’s word for it that nobody can prove a task, while another is there', async () => {
    const [liar, honest] = [h.register('liar'), h.register('honest')];
    const { task } = (await h.lease(liar))!;
    await h.generator.fail(liar, task.id, { code: 'INPUTS_REFUSED', message: 'no', retryable: false });
    expect(await h.lease(liar)).toBeUndefined();
    expect((await h.proveAll(honest)).length).toBeGreaterThan(1);
    expect(await h.report(1n)).toMatchObject({ status: 'proved' });
    expect(await h.lease(liar)).toBeUndefined();
  });

  it('believes two provers, and holds it against neither', async () => {
    const [first, second] = [h.register('first'), h.register('second')];
    const { task } = (await h.lease(first))!;
    const refusal = { code: 'INPUTS_REFUSED', message: 'no', retryable: false };
    await h.generator.fail(first, task.id, refusal);
    expect((await h.lease(second))!.task.id).toBe(task.id);
    await h.generator.fail(second, task.id, refusal);
    expect(await h.report(1n)).toMatchObject({ status: 'failed', error: 'no' });
    h.chain.submit(1);
    await h.watcher.poll();
    expect(await h.lease(first)).toBeDefined();
  });

  it('takes a task back, without blame, from a prover that is shut down', async () => {
    const prover = h.register();
    for (let i = 0; i < 10; i++) {
      const { task } = (await h.lease(prover))!;
      await h.generator.fail(prover, task.id, { code: 'SHUTTING_DOWN', message: '', retryable: true });
      expect(await h.generator.heartbeat(prover, task.id, 'late')).toBe(false);
    }
    expect(h.log).toEqual([]);
  });

  it('ignores the failure of a task that is no longer the prover’s', async () => {
    const [slow, heir] = [h.register('slow'), h.register('heir')];
    const { task } = (await h.lease(slow))!;
    clock.now += LEASE_MS;
    await h.generator.checkLeases();
    await h.lease(heir);
    await h.generator.fail(slow, task.id, { code: 'X', message: 'x', retryable: false });
    expect(await h.generator.heartbeat(heir, task.id, 'proving')).toBe(true);
  });

  it('stops the provers of a sequence that another operator proved first', async () => {
    const prover = h.register();
    const { task } = (await h.lease(prover))!;
    const { proof } = makeProof('final', statementOf(1n));
    const { proofHash } = h.chain.port();
    h.chain.commit(RIVAL, 1n, proofHash(proof, RIVAL));
    h.chain.mineTo(h.chain.windows(1n).firstRevealBlock);
    h.chain.reveal(RIVAL, 1n, proof, statementOf(1n).newStateRoot);
    await h.watcher.poll();
    expect(await h.generator.heartbeat(prover, task.id, 'proving')).toBe(false);
    expect(await h.report(1n)).toMatchObject({ status: 'verified', verifiedBy: RIVAL, submission: null });
  });
});

describe('inputs', () => {
  it('waits for batches that the node does not have yet, without counting attempts', async () => {
    await h.close();
    let ready = false;
    const getBatchInputs = async (batch: bigint) => {
      if (!ready) throw new RangeError('no such batch');
      return fakeBatchSource.getBatchInputs(batch);
    };
    h = await Harness.open({ batchSource: { ...fakeBatchSource, getBatchInputs }, maxAttempts: 1, clock });
    h.chain.submit(1);
    await h.watcher.poll();
    const prover = h.register();
    for (let i = 0; i < 3; i++) {
      expect(await h.lease(prover)).toBeUndefined();
      clock.now += 1;
    }
    ready = true;
    expect(await h.lease(prover)).toBeDefined();
    expect((await h.report(1n)).status).toBe('proving');
  });

  it('gives a sequence up whose claimed root is not what its data give', async () => {
    h.chain.submit(2, 4711n);
    await h.watcher.poll();
    await h.proveAll();
    const { status, error, proofs } = await h.report(1n);
    expect(status).toBe('failed');
    expect(error).toContain(`newStateRoot is ${fieldToHex(1002n)}, but the claim of the sequencer says`);
    expect(proofs).toHaveLength(1);
  });

  it('asks of a proof exactly the statement of its inputs', async () => {
    h.chain.submit(2);
    await h.watcher.poll();
    await h.proveAll();
    const proof = await h.submissions.finalProof(1n);
    expect(proof?.publicInputs).toEqual(statementToPublicInputs(statementOf(1n, 2n), 0n));
  });
});
