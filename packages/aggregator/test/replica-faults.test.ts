import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fieldToHex, silentLogger, trackChild } from '@polyproof/base';
import { count, eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProverWorker } from '../../prover/src/index.js';
import { hasPostgres, LocalPostgres } from '../src/database/local-postgres.js';
import { leases, proofs, sequences, tasks } from '../src/database/schema.js';
import { Database } from '../src/index.js';
import { FakeChain, WE } from './support/fake-chain.js';
import {
  CONFIG_HASH,
  circuitOf,
  FakeProofSystem,
  HELD,
  makeProof,
  PROGRAMS,
  statementOf,
} from './support/fake-rollup.js';
import { Harness } from './support/harness.js';

const SETTLEMENT_ID = '31337:0x01';
const LEASE_MS = 2_000;
const entry = fileURLToPath(new URL('./support/replica-process.mjs', import.meta.url));
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 60_000, interval: 50 });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Replica {
  url: string;
  process: ChildProcess;
}

async function startReplica(database: { databaseUrl: string } | { directory: string }): Promise<Replica> {
  const options = {
    ...database,
    ...{ operator: WE, settlementId: SETTLEMENT_ID, configHash: fieldToHex(CONFIG_HASH) },
    programs: { ...PROGRAMS, keySetRoot: fieldToHex(PROGRAMS.keySetRoot) },
    ...{ intervalMs: 100, retryDelayMs: 10, leaseMs: LEASE_MS },
  };
  const child = trackChild(fork(entry, [JSON.stringify(options)]));
  closers.push(() => child.kill('SIGKILL'));
  const [url] = (await once(child, 'message')) as [string];
  return { url, process: child };
}

/** A replica in this process. */
async function openReplica(url: string, chain = new FakeChain()): Promise<Harness> {
  const harness = await Harness.open({ url, chain, settlementId: SETTLEMENT_ID, databaseClock: true });
  closers.push(() => harness.close());
  return harness;
}

async function kill({ process }: Replica): Promise<void> {
  process.kill('SIGKILL');
  await once(process, 'exit');
}

/** What was proved, by all provers of a test. */
let proved: string[] = [];
beforeEach(() => {
  proved = [];
});

/** A prover that takes as long as `pace` says for each proof. */
function work(url: string, name: string, pace: () => Promise<void> = async () => undefined): ProverWorker {
  const system = new FakeProofSystem();
  const prove: FakeProofSystem['prove'] = async (program, inputs) => {
    await pace();
    const result = await system.prove(program, inputs);
    proved.push(system.proved.at(-1)!);
    return result;
  };
  const worker = ProverWorker.start(
    {
      ...{ aggregatorUrl: url, name, programs: HELD, cores: 2, memoryBytes: 1 << 30 },
      ...{ heartbeatMs: 200, minBackoffMs: 20, maxBackoffMs: 200, graceMs: 0 },
    },
    { proofSystem: { prove }, logger: silentLogger },
  );
  closers.push(() => worker.close());
  return worker;
}

describe.skipIf(!hasPostgres)('replicas as processes, on one PostgreSQL server', () => {
  let server: LocalPostgres;
  let databaseUrl: string;
  let database: Database;
  beforeAll(async () => {
    server = await LocalPostgres.open();
  });
  afterAll(() => server?.close());
  beforeEach(async () => {
    databaseUrl = await server.createDatabase();
    database = await Database.open({ url: databaseUrl, connections: 2 });
    closers.push(() => database.close());
  });

  /** Puts sequences into the database as their events would. */
  const submit = async (sequences: number, batches: number) => {
    const chain = new FakeChain();
    for (let i = 0; i < sequences; i++) chain.submit(batches);
    await (await openReplica(databaseUrl, chain)).watcher.poll();
  };
  const provedSequences = async () => {
    const [row] = await database.connection
      .select({ n: count() })
      .from(sequences)
      .where(eq(sequences.status, 'proved'));
    return row!.n;
  };
  const leasesOf = async (name: string) =>
    (await database.connection.select().from(leases).where(eq(leases.proverName, name))).length;

  it('go on when one is killed that has given tasks out, with nothing lost', async () => {
    await submit(6, 3);
    const [a, b] = await Promise.all([startReplica({ databaseUrl }), startReplica({ databaseUrl })]);
    // Never done with its first task, as one whose machine was switched off together with its replica.
    work(a.url, 'dies', () => new Promise(() => undefined));
    await eventually(async () => expect(await leasesOf('dies')).toBe(1));
    await kill(a);
    work(b.url, 'lives');
    await eventually(async () => expect(await provedSequences()).toBe(6));
    expect(await database.connection.select().from(leases)).toEqual([]);
    const [task] = await database.connection.select().from(tasks).where(eq(tasks.id, '1-0-0'));
    expect(task?.status).toBe('done');
  }, 90_000);

  it('take at another replica the proof of a task that a killed one gave out', async () => {
    await submit(1, 1);
    const [a, b] = await Promise.all([startReplica({ databaseUrl }), startReplica({ databaseUrl })]);
    work(a.url, 'moves', () => new Promise(() => undefined));
    await eventually(async () => expect(await leasesOf('moves')).toBe(1));
    await kill(a);
    work(b.url, 'other');
    // A proxy in front of the replicas brings the prover to the next one.
    const client = await openReplica(databaseUrl);
    const moved = client.register('moves');
    expect(await client.generator.heartbeat(moved, '1-0-0', 'proving')).toBe(true);
    const { proof, publicInputs } = makeProof(circuitOf(1n), statementOf(1n));
    const delivery = { gates: 1, witnessSeconds: 0, proveSeconds: 0, peakMemoryBytes: 1n };
    expect(await client.generator.complete(moved, '1-0-0', { ...delivery, proof, publicInputs })).toBe(true);
    await eventually(async () => expect(await provedSequences()).toBe(1));
    expect(proved).toEqual(['final 1-1']);
  }, 90_000);

  it('outlive the database, and lose nothing', async () => {
    await submit(10, 2);
    const [a, b] = await Promise.all([startReplica({ databaseUrl }), startReplica({ databaseUrl })]);
    for (const [i, { url }] of [a, b, a, b].entries()) work(url, `prover ${i}`);
    await eventually(async () => expect(await provedSequences()).toBeGreaterThan(0));
    await server.kill();
    await expect(provedSequences()).rejects.toThrow();
    await server.start();
    await eventually(async () => expect(await provedSequences()).toBe(10));
    expect([a.process.exitCode, b.process.exitCode]).toEqual([null, null]);
    const [stored] = await database.connection.select({ n: count() }).from(proofs);
    expect(stored!.n).toBe(10 * 4);
  }, 90_000);

  it('drain 500 queued sequences together, and prove no task twice but as a copy', async () => {
    await submit(500, 1);
    const replicas = await Promise.all([startReplica({ databaseUrl }), startReplica({ databaseUrl })]);
    for (const [i, { url }] of replicas.entries())
      for (let worker = 0; worker < 4; worker++) work(url, `${i} ${worker}`);
    await eventually(async () => expect(await provedSequences()).toBe(500));
    const byReplica = await database.connection.select({ prover: proofs.prover }).from(proofs);
    expect(byReplica).toHaveLength(1_000);
    expect(new Set(byReplica.map(({ prover }) => prover[0]))).toEqual(new Set(['0', '1']));
    for (const what of new Set(proved))
      expect(proved.filter((other) => other === what).length, what).toBeLessThanOrEqual(2);
  }, 120_000);
});

describe('an aggregator as a process, on its embedded database', () => {
  it('goes on after kill -9 where it was, and drains its queue', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'polyproof-replica-'));
    closers.push(() => rmSync(directory, { recursive: true, force: true }));
    const chain = new FakeChain();
    for (let i = 0; i < 8; i++) chain.submit(2);
    const harness = await Harness.open({ chain, directory, settlementId: SETTLEMENT_ID });
    await harness.watcher.poll();
    await harness.close();
    const first = await startReplica({ directory });
    let enough = () => {};
    const some = new Promise<void>((resolve) => {
      enough = resolve;
    });
    work(first.url, 'before', async () => {
      if (proved.length >= 5) {
        enough();
        await new Promise(() => undefined);
      }
    });
    await some;
    await kill(first);
    const second = await startReplica({ directory });
    work(second.url, 'after');
    await eventually(() => expect(proved.filter((what) => what.startsWith('final'))).toHaveLength(8));
    expect(proved).toHaveLength(8 * 4);
    await kill(second);
  }, 120_000);
});
