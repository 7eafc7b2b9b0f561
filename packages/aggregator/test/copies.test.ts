import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LeasedTask } from '../src/proof-generator/proof-generator.js';
import { Harness, LEASE_MS } from './support/harness.js';

const clock = { now: 0 };
let h: Harness;
let slow: string;
let quick: string;
let late: LeasedTask;
beforeEach(async () => {
  clock.now = 1_000_000;
  h = await Harness.open({ clock, mostCopies: 2 });
  slow = h.register('slow', 1);
  h.chain.submit(1);
  await h.watcher.poll();
  late = (await h.lease(slow))!;
  quick = h.register('quick', 32);
});
afterEach(() => h.close());

describe('a task that another prover is late with', () => {
  it('is proved by whoever is first; the other one is told to stop', async () => {
    const copy = (await h.lease(quick))!;
    expect(copy.task.id).toBe(late.task.id);
    expect(await h.generator.heartbeat(quick, copy.task.id, 'proving')).toBe(true);
    expect(await h.generator.heartbeat(slow, late.task.id, 'proving')).toBe(true);
    expect(await h.prove(quick, copy)).toBe(true);
    expect(await h.generator.heartbeat(slow, late.task.id, 'proving')).toBe(false);
    // The same proof a second time is no harm.
    await h.prove(slow, late);
    expect(await h.proveAll(quick)).toEqual(['1-1-0']);
    expect((await h.report(1n)).proofs.map((proof) => proof.prover)).toEqual(['quick', 'quick']);
  });

  it('goes on with the copy when the first one fails, and is ready again when that fails too', async () => {
    const copy = (await h.lease(quick))!;
    const reason = { code: 'X', message: 'out of memory', retryable: true };
    await h.generator.fail(slow, late.task.id, reason);
    expect(await h.generator.heartbeat(quick, copy.task.id, 'proving')).toBe(true);
    await h.generator.fail(quick, copy.task.id, reason);
    expect((await h.lease(h.register('third', 32)))?.task).toMatchObject({ id: late.task.id, attempts: 2 });
  });

  it('is given to no third one', async () => {
    await h.lease(quick);
    expect(await h.lease(h.register('third', 32))).toBeUndefined();
  });

  it('goes on with the copy when the first one dies', async () => {
    const copy = (await h.lease(quick))!;
    clock.now += LEASE_MS;
    await h.generator.heartbeat(quick, copy.task.id, 'proving');
    await h.generator.checkLeases();
    expect(h.names()).toEqual(['taskFailed']);
    expect(await h.generator.heartbeat(quick, copy.task.id, 'proving')).toBe(true);
    clock.now += LEASE_MS - 1;
    await h.generator.checkLeases();
    expect(h.names()).toEqual(['taskFailed']);
    expect(await h.prove(quick, copy)).toBe(true);
  });

  it('stays with the first one when the copy fails, even for good: whether that is so is seen when both have', async () => {
    const copy = (await h.lease(quick))!;
    await h.generator.fail(quick, copy.task.id, { code: 'X', message: 'impossible', retryable: false });
    expect(h.log).toMatchObject([['taskFailed', { prover: 'quick', retry: true }]]);
    // Whoever gave it up does not get it again.
    expect(await h.lease(quick)).toBeUndefined();
    expect(await h.generator.heartbeat(slow, late.task.id, 'proving')).toBe(true);
    expect(await h.prove(slow, late)).toBe(true);
  });
});

describe('a slow prover', () => {
  it('is not given what a fast one, who has just delivered, will be done with before it', async () => {
    clock.now += 10_000;
    await h.prove(slow, late);
    const final = (await h.lease(quick))!;
    clock.now += 100;
    await h.prove(quick, final);
    h.chain.submit(1);
    await h.watcher.poll();
    expect(await h.lease(slow)).toBeUndefined();
    expect((await h.lease(quick))?.label).toBe('sequence 2, batch 2');
  });

  it('gets it when the fast one does not come back', async () => {
    clock.now += 10_000;
    await h.prove(slow, late);
    const final = (await h.lease(quick))!;
    await h.prove(quick, final);
    h.chain.submit(1);
    await h.watcher.poll();
    expect(await h.lease(slow)).toBeUndefined();
    clock.now += 1_001;
    expect((await h.lease(slow))?.label).toBe('sequence 2, batch 2');
  });
});
