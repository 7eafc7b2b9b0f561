import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SubmissionState } from '../src/index.js';
import { FakeChain, proofHash, REWARD_WEI, RIVAL, WE } from './support/fake-chain.js';
import { rootAfter } from './support/fake-rollup.js';
import { Harness } from './support/harness.js';

let chain: FakeChain;
let h: Harness;
beforeEach(() => {
  chain = new FakeChain();
});
afterEach(async () => {
  await h.close();
  expect(chain.reverts).toEqual([]);
});

/** Ends the aggregator between two steps and starts it again on its directory. */
async function restart(): Promise<void> {
  await h.close();
  h = await Harness.open({ chain, keep: true });
}

describe('restart', () => {
  it('keeps proofs, gives unfinished tasks out again, and does no work twice', async () => {
    h = await Harness.open({ chain });
    chain.submit(3);
    await h.watcher.poll();
    const before = h.register('before');
    const first = (await h.lease(before))!;
    const second = (await h.lease(before))!;
    await h.prove(before, second);
    await restart();
    await expect(h.generator.heartbeat(before, first.task.id, 'proving')).rejects.toMatchObject({
      code: 'UNKNOWN_PROVER',
    });
    await h.watcher.poll();
    expect(await h.proveAll(h.register('after'))).toEqual(['1-0-0', '1-0-2', '1-1-0', '1-2-0', '1-3-0']);
    const makers = (await h.report(1n)).proofs.map(({ prover }) => prover);
    expect(makers).toEqual(['after', 'before', 'after', 'after', 'after', 'after']);
  });

  it('lets a prover finish, under its new name, what it was proving', async () => {
    h = await Harness.open({ chain });
    chain.submit(1);
    await h.watcher.poll();
    const leased = (await h.lease(h.register('same')))!;
    await restart();
    const again = h.register('same');
    expect(await h.generator.heartbeat(again, leased.task.id, 'proving')).toBe(true);
    expect(await h.lease(h.register('other'))).toBeUndefined();
    expect(await h.prove(again, leased)).toBe(true);
  });

  it.each<[SubmissionState, SubmissionState]>([
    ['none', 'verified'],
    ['committing', 'verified'],
    ['committed', 'verified'],
    ['revealing', 'verified'],
  ])('goes on with a submission that was %s', async (state, end) => {
    h = await Harness.open({ chain });
    chain.submit(1);
    await h.watcher.poll();
    await h.proveAll();
    if (state !== 'none') await h.step();
    // What the last write before the process died may have been.
    if (state === 'committing') await h.submissions.update(1n, { state, round: null });
    if (state === 'revealing') await h.submissions.update(1n, { state });
    await restart();
    await h.manager.submitPendingProof();
    for (let i = 0; i < 20 && chain.verifiedSequence === 0n; i++) {
      await h.step();
      chain.mine(1);
    }
    await h.step();
    expect((await h.report(1n)).submission).toBe(end);
    expect(chain.windows(1n).round).toBe(1n);
  });

  it('forgets an intention to commit that never reached the chain', async () => {
    h = await Harness.open({ chain });
    chain.submit(1);
    await h.watcher.poll();
    await h.proveAll();
    await h.submissions.update(1n, { state: 'committing' });
    await restart();
    await h.manager.submitPendingProof();
    await h.step();
    expect(chain.commitment(1n, WE)).toBeDefined();
  });

  it('finds that another operator’s proof was verified meanwhile', async () => {
    h = await Harness.open({ chain });
    chain.submit(1);
    await h.watcher.poll();
    await h.proveAll();
    await h.step();
    const proof = new Uint8Array(32);
    chain.commit(RIVAL, 1n, proofHash(proof, RIVAL));
    chain.mineTo(chain.windows(1n).firstRevealBlock);
    chain.reveal(RIVAL, 1n, proof, rootAfter(1n));
    await restart();
    await h.manager.submitPendingProof();
    await h.step();
    // Our commitment is in time: the proof is revealed for a share.
    expect(await h.report(1n)).toMatchObject({
      submission: 'verified',
      verifiedBy: RIVAL,
      rewardWei: REWARD_WEI / 2n,
    });
  });

  it('is too late when the share window passed meanwhile, and frees its stake', async () => {
    h = await Harness.open({ chain });
    chain.submit(1);
    await h.watcher.poll();
    await h.proveAll();
    await h.step();
    const proof = new Uint8Array(32);
    chain.commit(RIVAL, 1n, proofHash(proof, RIVAL));
    chain.mineTo(chain.windows(1n).firstRevealBlock);
    chain.reveal(RIVAL, 1n, proof, rootAfter(1n));
    chain.mineTo(chain.windows(1n).lastShareBlock);
    await restart();
    await h.manager.submitPendingProof();
    await h.step();
    expect((await h.report(1n)).submission).toBe('lost');
    expect(chain.commitment(1n, WE)?.status).toBe('settled');
  });

  it('refuses the database of another settlement contract', async () => {
    h = await Harness.open({ chain });
    await expect(Harness.open({ chain, keep: true, settlementId: '1:0x02' })).rejects.toMatchObject({
      code: 'WRONG_SETTLEMENT',
    });
  });

  it('goes on from a directory', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'polyproof-aggregator-'));
    h = await Harness.open({ chain, directory });
    chain.submit(2);
    await h.watcher.poll();
    const prover = h.register();
    await h.prove(prover, (await h.lease(prover))!);
    await h.lease(prover);
    await h.close();
    h = await Harness.open({ chain, directory });
    expect(await h.proveAll()).toEqual(['1-0-1', '1-1-0', '1-2-0']);
    await h.close();
    rmSync(directory, { recursive: true });
  });
});

describe('a fresh database on an old chain', () => {
  it('does not prove what is verified', async () => {
    chain.submit(1);
    const proof = new Uint8Array(32);
    chain.commit(RIVAL, 1n, proofHash(proof, RIVAL));
    chain.mineTo(chain.windows(1n).firstRevealBlock);
    chain.reveal(RIVAL, 1n, proof, rootAfter(1n));
    chain.submit(1);
    h = await Harness.open({ chain });
    await h.watcher.poll();
    expect(await h.proveAll()).toEqual(['2-0-0', '2-1-0']);
    expect(await h.report(1n)).toMatchObject({ status: 'verified', verifiedBy: RIVAL });
  });
});
