import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Hex, silentLogger } from '@polyproof/base';
import { operatorOf } from '@polyproof/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Aggregator, type AggregatorEvents, type AggregatorOptions, type BatchSource } from '../src/index.js';
import { FakeChain, WE } from './support/fake-chain.js';
import {
  CONFIG_HASH,
  FakeProofSystem,
  fakeBatchSource,
  fakeComposer,
  PROGRAMS,
} from './support/fake-rollup.js';
import { ProverProcess } from './support/prover-process.js';

const LEASE_MS = 1_000;
const KEY: Hex = `0x${'11'.repeat(32)}`;

let directory: string;
const closers: (() => unknown)[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'polyproof-provers-'));
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  rmSync(directory, { recursive: true, force: true });
});

interface Network {
  aggregator: Aggregator;
  failed: AggregatorEvents['taskFailed'][];
  leased: AggregatorEvents['taskLeased'][];
  /** the sequence has its final proof */
  proved: Promise<unknown>;
  start(
    name: string,
    mode: ConstructorParameters<typeof ProverProcess>[0]['mode'],
    keyFile?: string,
  ): ProverProcess;
}

/** An aggregator with one sequence of two batches to prove: four tasks. */
async function open(
  options: Partial<AggregatorOptions> = {},
  batchSource: BatchSource = fakeBatchSource,
): Promise<Network> {
  const chain = new FakeChain();
  const aggregator = await Aggregator.open(
    {
      operator: WE,
      chainId: 31_337n,
      settlementId: '31337:0x01',
      startBlock: 1n,
      configHash: CONFIG_HASH,
      programs: PROGRAMS,
      intervalMs: 25,
      retryDelayMs: 10,
      leaseMs: LEASE_MS,
      blobs: { directory },
      ...options,
    },
    {
      settlement: chain.port(),
      batchSource,
      composer: fakeComposer,
      verifier: new FakeProofSystem(),
      logger: silentLogger,
    },
  );
  closers.push(() => aggregator.close());
  const [failed, leased]: [Network['failed'], Network['leased']] = [[], []];
  aggregator.events.on('taskFailed', (event) => failed.push(event));
  aggregator.events.on('taskLeased', (event) => leased.push(event));
  const proved = new Promise((resolve) => aggregator.events.on('sequenceProved', resolve));
  chain.submit(2);
  const start: Network['start'] = (name, mode, keyFile) => {
    const prover = new ProverProcess({
      url: aggregator.url,
      name,
      mode,
      ...(keyFile === undefined ? {} : { keyFile }),
    });
    closers.push(() => prover.close());
    return prover;
  };
  return { aggregator, failed, leased, proved, start };
}

const of = (events: { prover: string; taskId: string }[], prover: string) =>
  events.filter((event) => event.prover === prover).map(({ taskId }) => taskId);

it('a prover that is killed costs the time of one lease', async () => {
  const { failed, leased, proved, start } = await open({ mostCopies: 1 });
  const victim = start('victim', 'waiting');
  await victim.says(/proving/);
  victim.signal('SIGKILL');
  await victim.exited;
  start('other', 'honest');
  await proved;
  expect(failed).toMatchObject([{ prover: 'victim', code: 'LEASE_EXPIRED', retry: true }]);
  expect(of(leased, 'victim')).toHaveLength(1);
  expect(of(leased, 'other')).toHaveLength(4);
});

it('a prover that is frozen costs the time of one lease, and works again when it thaws', async () => {
  const { failed, leased, proved, start, aggregator } = await open({ mostCopies: 1 });
  const victim = start('victim', 'waiting');
  await victim.says(/proving/);
  victim.signal('SIGSTOP');
  start('other', 'honest');
  await proved;
  expect(failed).toMatchObject([{ prover: 'victim', code: 'LEASE_EXPIRED' }]);
  expect(of(leased, 'other')).toHaveLength(4);
  // What it was proving is not wanted any more, and it hears so.
  victim.signal('SIGCONT');
  victim.finish();
  victim.signal('SIGTERM');
  await victim.says(/ended/);
  expect((await aggregator.sequenceReport(1n)).proofs.every(({ prover }) => prover === 'other')).toBe(true);
});

it('a slow prover is overtaken', async () => {
  const { leased, proved, start } = await open();
  const slow = start('slow', 'waiting');
  await slow.says(/proving/);
  start('fast', 'honest');
  await proved;
  // It kept its lease to the end: another was given a copy.
  expect(of(leased, 'fast')).toEqual(expect.arrayContaining(of(leased, 'slow')));
});

it('a lying prover costs nobody more than the time of its task, and is asked no more', async () => {
  const { aggregator, failed, leased, proved, start } = await open({ mostCopies: 1 });
  const liar = start('liar', 'lying');
  await liar.says(/proving/);
  if (failed.length === 0) await new Promise((resolve) => aggregator.events.on('taskFailed', resolve));
  start('honest', 'honest');
  await proved;
  expect(failed).toMatchObject([{ prover: 'liar', code: 'INVALID_PROOF', retry: true }]);
  expect(of(leased, 'liar')).toHaveLength(1);
});

it('a prover that is asked to end finishes its task and takes no other', async () => {
  const { failed, leased, proved, start } = await open({ mostCopies: 1 });
  const leaving = start('leaving', 'waiting');
  await leaving.says(/proving/);
  leaving.signal('SIGTERM');
  leaving.finish();
  await leaving.says(/ended/);
  expect(await leaving.exited).toBe(0);
  expect(of(leased, 'leaving')).toHaveLength(1);
  start('other', 'honest');
  await proved;
  expect(of(leased, 'other')).toHaveLength(3);
  expect(failed).toEqual([]);
});

it('provers log in with the key of an operator on the list, and bear its name', async () => {
  const authentication = { allowed: [operatorOf(KEY)] };
  const { proved, start, leased } = await open({ authentication });
  const keyFile = join(directory, 'key');
  writeFileSync(keyFile, `${KEY}\n`);
  start('mine', 'honest', keyFile);
  await proved;
  expect(new Set(leased.map(({ prover }) => prover))).toEqual(new Set([`${operatorOf(KEY)}/mine`]));
});

/** Inputs that are too large for a message. */
const largeSource: BatchSource = {
  ...fakeBatchSource,
  async getBatchInputs(batch) {
    const { program, inputs } = await fakeBatchSource.getBatchInputs(batch);
    return { program, inputs: { ...inputs, padding: 'x'.repeat(200_000) } };
  },
};

it('large inputs are blobs, made again when they were erased', async () => {
  const { proved, start, failed } = await open({ mostCopies: 1, leaseMs: 500 }, largeSource);
  const victim = start('victim', 'waiting');
  await victim.says(/proving/);
  const blobs = join(directory, 'blobs');
  expect(readdirSync(blobs)).toHaveLength(1);
  for (const name of readdirSync(blobs)) rmSync(join(blobs, name));
  victim.signal('SIGKILL');
  start('other', 'honest');
  await proved;
  expect(failed).toMatchObject([{ code: 'LEASE_EXPIRED' }]);
  expect(readdirSync(blobs)).toHaveLength(2);
});
