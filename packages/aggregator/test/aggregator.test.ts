import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@polyproof/base';
import type { ProgramName } from '@polyproof/proofs';
import { afterEach, describe, expect, it } from 'vitest';
import { ProverWorker } from '../../prover/src/index.js';
import { Aggregator, type AggregatorEvents } from '../src/index.js';
import { FakeChain, WE } from './support/fake-chain.js';
import {
  CONFIG_HASH,
  FakeProofSystem,
  fakeBatchSource,
  fakeComposer,
  HELD,
  PROGRAMS,
} from './support/fake-rollup.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(
  chain: FakeChain,
  options: { port?: number; directory?: string } = {},
): Promise<Aggregator> {
  const aggregator = await Aggregator.open(
    {
      ...options,
      operator: WE,
      chainId: 31_337n,
      settlementId: '31337:0x01',
      startBlock: 1n,
      configHash: CONFIG_HASH,
      programs: PROGRAMS,
      intervalMs: 25,
      retryDelayMs: 10,
    },
    {
      settlement: chain.port(),
      batchSource: fakeBatchSource,
      composer: fakeComposer,
      verifier: new FakeProofSystem(),
      logger: silentLogger,
    },
  );
  closers.push(() => aggregator.close());
  return aggregator;
}

function work(
  url: string,
  name: string,
  proofSystem: Pick<FakeProofSystem, 'prove'> = new FakeProofSystem(),
) {
  const worker = ProverWorker.start(
    {
      aggregatorUrl: url,
      name,
      programs: HELD,
      heartbeatMs: 20,
      minBackoffMs: 10,
      maxBackoffMs: 50,
      graceMs: 0,
    },
    { proofSystem, logger: silentLogger },
  );
  closers.push(() => worker.close());
  return worker;
}

/** Resolves with the first event that fits. */
function event<Name extends keyof AggregatorEvents>(
  aggregator: Aggregator,
  name: Name,
  fits: (payload: AggregatorEvents[Name]) => boolean = () => true,
): Promise<AggregatorEvents[Name]> {
  return new Promise((resolve) => {
    const off = aggregator.events.on(name, (payload) => {
      if (!fits(payload)) return;
      off();
      resolve(payload);
    });
  });
}

/** A chain that makes a block whenever something waits for one. */
function mine(aggregator: Aggregator, chain: FakeChain): void {
  const toReveal = (sequence: bigint) => chain.mineTo(chain.windows(sequence).firstRevealBlock);
  aggregator.events.on('proofCommitted', ({ sequence }) => toReveal(sequence));
  // Now the round of the next one has its blocks, if there is one.
  aggregator.events.on('sequenceVerified', ({ sequence }) => toReveal(sequence + 1n));
}

describe('aggregator with workers over HTTP', { timeout: 60_000 }, () => {
  it('brings sequences from the base chain to verified proofs, with two provers', async () => {
    const chain = new FakeChain();
    const aggregator = await open(chain);
    mine(aggregator, chain);
    const done = event(aggregator, 'sequenceVerified', ({ sequence }) => sequence === 2n);
    work(aggregator.url, 'a');
    work(aggregator.url, 'b');
    chain.submit(3);
    chain.submit(1);
    expect(await done).toMatchObject({ mine: true });
    expect(chain.verifiedSequence).toBe(2n);
    expect(chain.reverts).toEqual([]);
    expect(await aggregator.sequenceReport(1n)).toMatchObject({ status: 'verified', submission: 'verified' });
    expect((await aggregator.sequenceReport(1n)).proofs).toHaveLength(6);
    const { provers, sequences } = await aggregator.status();
    expect(provers.map(({ name }) => name).sort()).toEqual(['a', 'b']);
    expect(provers.reduce((sum, { proofs }) => sum + proofs, 0)).toBe(8);
    expect(sequences).toEqual([]);
    await expect(aggregator.sequenceReport(9n)).rejects.toMatchObject({ code: 'UNKNOWN_SEQUENCE' });
  });

  it('has a task proved by another when a prover sends nonsense', async () => {
    const chain = new FakeChain();
    const aggregator = await open(chain);
    const honest = new FakeProofSystem();
    const lie = async (program: ProgramName, inputs: Record<string, unknown>) => {
      const result = await honest.prove(program, inputs);
      return { ...result, proof: result.proof.map((byte) => byte ^ 1) };
    };
    const refused = event(aggregator, 'taskFailed');
    const proved = event(aggregator, 'sequenceProved');
    work(aggregator.url, 'liar', { prove: lie });
    chain.submit(1);
    expect(await refused).toMatchObject({ prover: 'liar', code: 'INVALID_PROOF', retry: true });
    work(aggregator.url, 'honest');
    await proved;
    const { proofs } = await aggregator.sequenceReport(1n);
    expect(proofs.map(({ prover }) => prover)).toEqual(['honest', 'honest']);
  });

  it('tells what provers do, and why one failed', async () => {
    const chain = new FakeChain();
    const aggregator = await open(chain);
    const failed = event(aggregator, 'sequenceFailed');
    const leased = event(aggregator, 'taskLeased');
    const prove = async () => {
      throw Object.assign(new Error('the circuit says no'), { code: 'X' });
    };
    const broken = work(aggregator.url, 'broken', { prove });
    chain.submit(1);
    expect(await leased).toMatchObject({ prover: 'broken', kind: 'batch', label: 'sequence 1, batch 1' });
    expect(await failed).toEqual({ sequence: 1n, reason: 'the circuit says no' });
    expect((await aggregator.status()).sequences).toMatchObject([
      { sequence: 1n, status: 'failed', error: 'the circuit says no', tasks: { failed: 1, cancelled: 1 } },
    ]);
    await broken.close();
    const proved = event(aggregator, 'sequenceProved');
    await aggregator.retrySequence(1n);
    await expect(aggregator.retrySequence(1n)).rejects.toMatchObject({ code: 'NOT_FAILED' });
    work(aggregator.url, 'mended');
    expect(await proved).toEqual({ sequence: 1n });
  });

  it('is found again by its provers after a restart, which then deliver what they were proving', async () => {
    const chain = new FakeChain();
    const directory = mkdtempSync(join(tmpdir(), 'polyproof-aggregator-'));
    closers.push(async () => rmSync(directory, { recursive: true }));
    const first = await open(chain, { directory });
    const port = Number(new URL(first.url).port);
    let finish = () => {};
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const system = new FakeProofSystem();
    work(first.url, 'steady', {
      async prove(program, inputs) {
        const result = await system.prove(program, inputs);
        await gate;
        return result;
      },
    });
    const leased = event(first, 'taskLeased');
    chain.submit(1);
    await leased;
    await first.close();
    const second = await open(chain, { port, directory });
    const done = event(second, 'sequenceProved');
    finish();
    await done;
    const { proofs } = await second.sequenceReport(1n);
    expect(proofs.map(({ prover }) => prover)).toEqual(['steady', 'steady']);
    expect(system.proved).toEqual(['svm_batch_small 1-1', 'final 1-1']);
  });
});
