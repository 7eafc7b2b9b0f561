import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasPostgres, LocalPostgres } from '../src/database/local-postgres.js';
import { proofs, sequences } from '../src/database/schema.js';
import { FakeChain } from './support/fake-chain.js';
import { makeProof, statementOf } from './support/fake-rollup.js';
import { Harness, LEASE_MS } from './support/harness.js';

const METRICS = { gates: 1, witnessSeconds: 0, proveSeconds: 0, peakMemoryBytes: 0n };
const clock = { now: 1_000_000 };

describe.skipIf(!hasPostgres)('replicas on one PostgreSQL server', () => {
  let server: LocalPostgres;
  let chain: FakeChain;
  let url: string;
  let a: Harness;
  let b: Harness;
  beforeAll(async () => {
    server = await LocalPostgres.open();
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    url = await server.createDatabase();
    chain = new FakeChain();
    a = await Harness.open({ chain, clock, url, mostCopies: 2 });
    b = await Harness.open({ chain, clock, url, mostCopies: 2 });
  });
  afterEach(async () => {
    await a.close();
    await b.close();
  });

  it('read each sequence once, whoever looks first', async () => {
    for (let i = 0; i < 20; i++) chain.submit(2);
    const seen: bigint[] = [];
    for (const replica of [a, b]) replica.events.on('sequenceSeen', ({ sequence }) => seen.push(sequence));
    await Promise.all([a.watcher.poll(), b.watcher.poll()]);
    expect(seen.sort((x, y) => Number(x - y))).toEqual(Array.from({ length: 20 }, (_, i) => BigInt(i + 1)));
    expect(await b.watcher.checkpoint()).toBe(chain.block);
  });

  it('prove all sequences together, no task twice but as a copy', async () => {
    const SEQUENCES = 12;
    for (let i = 0; i < SEQUENCES; i++) chain.submit(3);
    await a.watcher.poll();
    const given: string[] = [];
    const work = async (replica: Harness, name: string) => {
      const prover = replica.register(name);
      for (;;) {
        const leased = await replica.lease(prover);
        if (leased !== undefined) {
          given.push(leased.task.id);
          await replica.prove(prover, leased);
        } else if ((await replica.report(BigInt(SEQUENCES))).status === 'proved') return;
      }
    };
    const names = ['1', '2', '3', '4'];
    await Promise.all([...names.map((n) => work(a, `a${n}`)), ...names.map((n) => work(b, `b${n}`))]);
    // Three batches, two aggregations, one final proof.
    const stored = await a.database.connection.select().from(proofs);
    expect(stored).toHaveLength(6 * SEQUENCES);
    expect(new Set(stored.map(({ prover }) => prover[0]))).toEqual(new Set(['a', 'b']));
    for (const id of new Set(given))
      expect(given.filter((other) => other === id).length, id).toBeLessThanOrEqual(2);
    const rows = await a.database.connection.select({ status: sequences.status }).from(sequences);
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['proved']));
  }, 60_000);

  it('wake each other: what one stores makes work for a prover that waits at the other', async () => {
    const waiting = b.generator.lease(b.register('waits'), 60_000);
    chain.submit(1);
    await a.watcher.poll();
    expect((await waiting)?.label).toBe('sequence 1, batch 1');
  });

  it('take a heartbeat and the proof of a task that the other one gave out', async () => {
    chain.submit(1);
    await a.watcher.poll();
    const leased = (await a.lease(a.register('moves')))!;
    const moved = b.register('moves');
    clock.now += LEASE_MS - 1;
    expect(await b.generator.heartbeat(moved, leased.task.id, 'proving')).toBe(true);
    clock.now += LEASE_MS - 1;
    await a.generator.checkLeases();
    expect(await b.prove(moved, leased)).toBe(true);
    expect(b.names()).toEqual(['taskDone']);
    expect(a.names()).toEqual([]);
  });

  it('end the leases of a replica that died', async () => {
    chain.submit(1);
    await a.watcher.poll();
    await a.lease(a.register('lost with its replica'));
    clock.now += LEASE_MS;
    await b.generator.checkLeases();
    expect((await b.lease(b.register('heir')))?.label).toBe('sequence 1, batch 1');
    await a.generator.checkLeases();
    expect(b.log).toMatchObject([['taskFailed', { prover: 'lost with its replica', code: 'LEASE_EXPIRED' }]]);
    expect(a.log).toEqual([]);
  });

  it('start a copy of what is late at the other one, but not a third', async () => {
    chain.submit(1);
    await a.watcher.poll();
    const slow = a.register('slow', 1);
    const late = (await a.lease(slow))!;
    const quick = b.register('quick', 32);
    const copy = (await b.lease(quick))!;
    expect(copy.task.id).toBe(late.task.id);
    expect(await a.lease(a.register('third', 32))).toBeUndefined();
    expect(await b.prove(quick, copy)).toBe(true);
    expect(await a.generator.heartbeat(slow, late.task.id, 'proving')).toBe(false);
  });

  it('give a prover that lied to one of them no task at any, until it is let out at any', async () => {
    for (let i = 0; i < 3; i++) chain.submit(1);
    await a.watcher.poll();
    for (let i = 0; i < 3; i++) {
      clock.now += 1_000_000;
      await a.generator.checkLeases();
      const liar = a.register('liar');
      const { task } = (await a.lease(liar))!;
      const lie = { ...METRICS, ...makeProof('svm_batch', statementOf(99n)) };
      await expect(a.generator.complete(liar, task.id, lie)).rejects.toMatchObject({
        code: 'WRONG_STATEMENT',
      });
    }
    clock.now += 1_000_000_000;
    const liar = b.register('liar');
    await b.generator.checkLeases();
    expect(await b.lease(liar)).toBeUndefined();
    expect(await b.generator.releaseProver('liar')).toBe(true);
    expect(await b.lease(liar)).toBeDefined();
    await a.generator.checkLeases();
    expect(await a.lease(a.register('liar'))).toBeDefined();
  });

  it('go by what the other one measured of a prover', async () => {
    chain.submit(2);
    await a.watcher.poll();
    const prover = a.register('measured', 64);
    const leased = (await a.lease(prover))!;
    clock.now += 25_000;
    await a.prove(prover, leased);
    await b.generator.checkLeases();
    b.register('measured', 64);
    const known = b.generator.provers.find(({ name }) => name === 'measured')!;
    expect(known.record.attemptMs(leased.task.program, 250_000)).toBe(25_000);
  });

  it('do not miss that two parts of a proof are stored at the same instant', async () => {
    const [left, right] = [a.register('left'), b.register('right')];
    for (let i = 1n; i <= 10n; i++) {
      chain.submit(2);
      await a.watcher.poll();
      const first = (await a.lease(left))!;
      const second = (await b.lease(right))!;
      expect([first.task.id, second.task.id]).toEqual([`${i}-0-0`, `${i}-0-1`]);
      await Promise.all([a.prove(left, first), b.prove(right, second)]);
      expect((await a.tasksOf(i)).get('aggregation')).toBe('ready');
      await a.proveAll(left);
    }
  });
});
