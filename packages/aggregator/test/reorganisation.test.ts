import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeChain, proofHash, RIVAL, WE } from './support/fake-chain.js';
import { makeProof, rootAfter, statementOf } from './support/fake-rollup.js';
import { Harness } from './support/harness.js';

let chain: FakeChain;
let h: Harness;
beforeEach(async () => {
  chain = new FakeChain();
  h = await Harness.open({ chain });
});
afterEach(() => h.close());

async function proved(sequences: number): Promise<void> {
  for (let i = 0; i < sequences; i++) chain.submit(1);
  // Reorganisations of these tests do not reach the sequences themselves.
  chain.mine(8);
  await h.watcher.poll();
  await h.proveAll();
}

const toReveal = (sequence: bigint) => chain.mineTo(chain.windows(sequence).firstRevealBlock - 1n);
const rivalProof = (sequence: bigint) => makeProof('final', statementOf(sequence)).proof.slice().fill(7);

/** Steps and blocks until all sequences are verified, and ours have come to their end. */
async function finish(sequences: bigint): Promise<void> {
  for (let i = 0; i < 200 && chain.verifiedSequence < sequences; i++) {
    await h.step();
    chain.mine(1);
  }
  await h.step();
  expect(chain.verifiedSequence).toBe(sequences);
}

const reorganised = () => h.log.filter(([name]) => name === 'reorganised').map(([, payload]) => payload);

describe.each([1, 3, 8])('a reorganisation of %i blocks', (depth) => {
  it('that takes a commitment out has it sent again', async () => {
    await proved(1);
    await h.step();
    chain.mine(Math.min(depth, 3) - 1);
    chain.reorganise(depth);
    expect(chain.commitment(1n, WE)).toBeUndefined();
    await h.step();
    expect(reorganised()).toEqual([{ sequence: 1n, what: 'commitment' }]);
    expect(h.names()).not.toContain('roundMissed');
    await finish(1n);
    expect((await h.report(1n)).submission).toBe('verified');
  });

  it('that takes a reveal out has it sent again, or committed again when its window has passed', async () => {
    await proved(1);
    await h.step();
    toReveal(1n);
    await h.step();
    expect(chain.verifiedSequence).toBe(1n);
    if (depth > 1) chain.mine(1);
    chain.reorganise(depth);
    expect(chain.verifiedSequence).toBe(0n);
    await finish(1n);
    expect(reorganised()).toHaveLength(1);
    const { revealBlock, submission } = await h.report(1n);
    expect(submission).toBe('verified');
    expect(chain.commitment(1n, WE)?.status).toBe('settled');
    expect(revealBlock).toBeLessThanOrEqual(chain.block);
  });
});

it('before the commitment changes nothing', async () => {
  await proved(1);
  chain.reorganise(3);
  await h.step();
  expect(chain.commitment(1n, WE)).toBeDefined();
  await finish(1n);
  expect(reorganised()).toEqual([]);
});

it('of a rival’s reveal has ours reveal first', async () => {
  await proved(1);
  chain.commit(RIVAL, 1n, proofHash(rivalProof(1n), RIVAL));
  await h.step();
  toReveal(1n);
  chain.reveal(RIVAL, 1n, rivalProof(1n), rootAfter(1n));
  chain.reorganise(1);
  await h.step();
  await h.step();
  expect(chain.verifiedSequence).toBe(1n);
  expect((await h.report(1n)).submission).toBe('verified');
});

type Move = 'step' | 'mine' | 'rival' | 'restart' | 'reorganise';

/** The rival does whatever it can for the sequence that is next. */
function rival(): void {
  const sequence = chain.verifiedSequence + 1n;
  const proof = rivalProof(sequence);
  try {
    if (chain.commitment(sequence, RIVAL) === undefined)
      chain.commit(RIVAL, sequence, proofHash(proof, RIVAL));
    else chain.reveal(RIVAL, sequence, proof, rootAfter(sequence));
  } catch {
    // Not now.
  }
}

async function play(moves: readonly [Move, number][], sequences: bigint): Promise<void> {
  await proved(Number(sequences));
  for (const [move, depth] of moves) {
    if (move === 'step') await h.step();
    else if (move === 'mine') chain.mine(1);
    else if (move === 'rival' && chain.verifiedSequence < sequences) rival();
    else if (move === 'reorganise') chain.reorganise(depth);
    else if (move === 'restart') {
      await h.close();
      h = await Harness.open({ chain, keep: true });
      await h.manager.submitPendingProof();
    }
    // An operator that follows the rules looks at every block.
    if (move !== 'restart') await h.step();
  }
  await finish(sequences);
}

const moves = (kinds: readonly Move[], depth: number) =>
  fc.array(fc.tuple(fc.constantFrom(...kinds), fc.integer({ min: 1, max: depth })), { maxLength: 25 });

async function fresh(): Promise<void> {
  await h.close();
  chain = new FakeChain();
  h = await Harness.open({ chain });
}

describe('whatever happens', { timeout: 120_000 }, () => {
  it('every sequence ends verified, also with deep reorganisations', async () => {
    await fc.assert(
      fc.asyncProperty(moves(['step', 'mine', 'rival', 'restart', 'reorganise'], 8), async (schedule) => {
        await fresh();
        await play(schedule, 2n);
      }),
      { numRuns: 25 },
    );
  });

  it('without reorganisations nothing is refused and no stake of ours is taken', async () => {
    await fc.assert(
      fc.asyncProperty(moves(['step', 'mine', 'rival', 'restart'], 1), async (schedule) => {
        await fresh();
        await play(schedule, 2n);
        expect(chain.reverts).toEqual([]);
        expect(h.names()).not.toContain('penalised');
      }),
      { numRuns: 25 },
    );
  });
});
