import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { proofs, sequences } from '../src/database/schema.js';
import type { SettlementPort } from '../src/index.js';
import { FakeChain, proofHash, RIVAL } from './support/fake-chain.js';
import { circuitOf, makeProof, rootAfter, statementOf } from './support/fake-rollup.js';
import { Harness } from './support/harness.js';

let chain: FakeChain;
let h: Harness;
beforeEach(async () => {
  chain = new FakeChain();
  h = await Harness.open({ chain });
});
afterEach(() => h.close());

const stored = async () =>
  (await h.database.connection.select().from(sequences).orderBy(sequences.number)).map(
    ({ number, firstBatch, lastBatch, status, blockNumber }) => ({
      ...{ number, firstBatch, lastBatch, status, blockNumber },
    }),
  );

describe('what the chain says after a reorganisation', () => {
  it('is read, also in blocks that were read before', async () => {
    chain.submit(1);
    chain.mine(5);
    await h.watcher.poll();
    const checkpoint = await h.watcher.checkpoint();
    chain.reorganise(3);
    chain.mine(-3); // the other branch is not longer yet
    const sequence = chain.submit(2);
    expect(chain.block).toBeLessThan(checkpoint);
    chain.mine(5);
    await h.watcher.poll();
    expect((await stored()).map(({ number }) => number)).toEqual([1n, sequence]);
  });

  it('leaves the work for a sequence alone that is the same', async () => {
    chain.submit(2);
    await h.watcher.poll();
    const ids = await h.proveAll();
    chain.reorganise(1);
    chain.mine(1);
    chain.submit(2);
    await h.watcher.poll();
    expect(await stored()).toMatchObject([{ status: 'proved', lastBatch: 2n, blockNumber: chain.block }]);
    expect(await h.database.connection.select().from(proofs)).toHaveLength(ids.length);
    expect(await h.proveAll()).toEqual([]);
  });

  it('has another sequence of the same number proved, and is held against no prover', async () => {
    chain.submit(1);
    await h.watcher.poll();
    const prover = h.register('follows the rules');
    const before = (await h.lease(prover))!;
    chain.reorganise(1);
    chain.submit(3);
    await h.watcher.poll();
    expect(await stored()).toMatchObject([{ status: 'proving', lastBatch: 3n }]);
    await expect(h.generator.heartbeat(prover, before.task.id, 'proving')).rejects.toMatchObject({
      code: 'UNKNOWN_TASK',
    });
    await expect(h.prove(prover, before)).rejects.toMatchObject({ code: 'UNKNOWN_TASK' });
    expect(await h.generator.knownProvers()).not.toMatchObject([{ faults: 1 }]);
    expect(await h.proveAll(prover)).toHaveLength(6);
    expect(await stored()).toMatchObject([{ status: 'proved' }]);
  });

  it('may take a sequence away whose proof is being verified', async () => {
    chain.submit(1);
    await h.watcher.poll();
    const prover = h.register();
    const { task } = (await h.lease(prover))!;
    const { proof, publicInputs } = makeProof(circuitOf(1n), statementOf(1n));
    const metrics = { gates: 1, witnessSeconds: 0, proveSeconds: 0, peakMemoryBytes: 1n };
    chain.reorganise(1);
    chain.submit(2);
    await Promise.allSettled([
      h.generator.complete(prover, task.id, { ...metrics, proof, publicInputs }),
      h.watcher.poll(),
    ]);
    expect(await h.proveAll(prover)).toHaveLength(4);
    expect(await stored()).toMatchObject([{ status: 'proved', lastBatch: 2n }]);
  });

  it('opens a sequence again whose proof, another operator’s, is gone', async () => {
    chain.submit(1);
    chain.submit(2);
    chain.mine(8);
    await h.watcher.poll();
    const prover = h.register();
    await h.prove(prover, (await h.lease(prover))!);
    const rivalProof = makeProof('final', statementOf(1n)).proof.slice().fill(7);
    chain.commit(RIVAL, 1n, proofHash(rivalProof, RIVAL));
    chain.mineTo(chain.windows(1n).firstRevealBlock - 1n);
    chain.reveal(RIVAL, 1n, rivalProof, rootAfter(1n));
    await h.watcher.poll();
    expect(await stored()).toMatchObject([{ status: 'verified' }, { status: 'proving' }]);
    chain.reorganise(8);
    await h.watcher.poll();
    expect(await stored()).toMatchObject([{ status: 'proving' }, { status: 'proving' }]);
    expect((await h.proveAll(prover)).slice(0, 1)).toEqual(['1-1-0']);
    for (let i = 0; i < 40 && chain.verifiedSequence < 2n; i++) {
      await h.step();
      chain.mine(1);
    }
    expect(chain.verifiedSequence).toBe(2n);
  });

  it('is read from 32 blocks back when none of the known blocks is left', async () => {
    chain.mine(60);
    await h.watcher.poll();
    chain.reorganise(20);
    chain.mine(-15);
    chain.submit(1);
    chain.mine(40);
    await h.watcher.poll();
    expect(await stored()).toMatchObject([{ number: 1n }]);
  });

  it('is waited for when the RPC lags behind: that changes nothing', async () => {
    let lag = 0n;
    const behind: SettlementPort = {
      ...chain.port(),
      blockNumber: async () => chain.block - lag,
      blockHash: async (block) => (block > chain.block - lag ? undefined : chain.port().blockHash(block)),
    };
    await h.close();
    h = await Harness.open({ chain, settlement: behind });
    chain.submit(1);
    chain.mine(4);
    await h.watcher.poll();
    chain.submit(1);
    await h.watcher.poll();
    const checkpoint = await h.watcher.checkpoint();
    for (lag = 4n; lag > 0n; lag--) {
      await h.watcher.poll();
      expect(await h.watcher.checkpoint()).toBe(checkpoint);
    }
    expect(await stored()).toHaveLength(2);
  });

  it('is what is stored, whatever happened', async () => {
    const move = fc.oneof(
      fc.record({ submit: fc.integer({ min: 1, max: 2 }) }),
      fc.record({ mine: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ reorganise: fc.integer({ min: 1, max: 8 }), shorter: fc.integer({ min: 0, max: 2 }) }),
      fc.constant('poll' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 25 }), async (moves) => {
        await h.close();
        chain = new FakeChain();
        chain.mine(10);
        h = await Harness.open({ chain });
        await h.watcher.poll();
        for (const one of moves) {
          if (one === 'poll') await h.watcher.poll();
          else if ('submit' in one) chain.submit(one.submit);
          else if ('mine' in one) chain.mine(one.mine);
          else {
            chain.reorganise(one.reorganise);
            chain.mine(-Math.min(one.shorter, one.reorganise));
          }
        }
        // The branch that wins is longer than what was read, sooner or later.
        chain.mine(10);
        await h.watcher.poll();
        const events = await chain.port().getEvents(0n, chain.block);
        const wanted = events.flatMap((event) =>
          event.type === 'SequenceSubmitted'
            ? [{ number: event.sequence, lastBatch: event.lastBatch, blockNumber: event.blockNumber }]
            : [],
        );
        expect((await stored()).slice(0, wanted.length)).toMatchObject(wanted);
      }),
      { numRuns: 30 },
    );
  }, 60_000);
});
