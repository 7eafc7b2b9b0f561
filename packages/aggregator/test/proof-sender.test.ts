import { PolyproofError } from '@polyproof/base';
import type { JournaledTransaction } from '@polyproof/chain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../src/database/database.js';
import { TransactionTable } from '../src/proof-sender/transaction-table.js';
import { FakeChain, PENALTY_WEI, proofHash, REWARD_WEI, RIVAL, WE } from './support/fake-chain.js';
import { makeProof, rootAfter, statementOf } from './support/fake-rollup.js';
import { Harness } from './support/harness.js';

let chain: FakeChain;
let h: Harness;
beforeEach(async () => {
  chain = new FakeChain();
  h = await Harness.open({ chain });
});
afterEach(async () => {
  await h.close();
  // Whatever happened, no transaction of ours was sent at a time at which the contract refuses it.
  expect(chain.reverts).toEqual([]);
});

/** Submits sequences of one batch each and proves them all. */
async function proved(sequences: number): Promise<void> {
  for (let i = 0; i < sequences; i++) chain.submit(1);
  await h.watcher.poll();
  await h.proveAll();
}

const state = async (sequence: bigint) => (await h.report(sequence)).submission;
const toReveal = (sequence: bigint) => chain.mineTo(chain.windows(sequence).firstRevealBlock - 1n);
const crash = () => {
  throw new PolyproofError('DIED', 'the process died');
};
const journal = (database: Database) => new TransactionTable({ database });
const PENDING: JournaledTransaction = {
  id: '0x01',
  chainId: 1,
  account: WE,
  nonce: 0,
  what: 'revealing a proof',
  sequence: 1n,
  to: WE,
  data: '0x',
  valueWei: 0n,
  gas: 1_000_000n,
  mustReturn: null,
  versions: [],
  state: 'pending',
  reason: null,
  inclusion: null,
};
/** The whole way of another operator's proof, as far as the blocks have come. */
const rivalProof = (sequence: bigint) => makeProof('final', statementOf(sequence)).proof.slice().fill(7);
const rivalCommits = (sequence: bigint) =>
  chain.commit(RIVAL, sequence, proofHash(rivalProof(sequence), RIVAL));
const rivalReveals = (sequence: bigint) =>
  chain.reveal(RIVAL, sequence, rivalProof(sequence), rootAfter(sequence));

describe('two-step submission', () => {
  it('commits, waits for the reveal window, reveals, and records what it cost and earned', async () => {
    await proved(1);
    await h.step();
    const committed = chain.block;
    expect(chain.commitment(1n, WE)).toBeDefined();
    expect(await state(1n)).toBe('committed');
    while (chain.block < chain.windows(1n).firstRevealBlock - 1n) {
      await h.step();
      expect(chain.verifiedSequence).toBe(0n);
      chain.mine(1);
    }
    await h.step();
    expect(chain.verifiedSequence).toBe(1n);
    expect(await h.report(1n)).toMatchObject({
      status: 'verified',
      submission: 'verified',
      commitGas: 60_000n,
      commitBlock: committed,
      revealGas: 900_000n,
      revealBlock: chain.block,
      rewardWei: 10n ** 20n,
      verifiedBy: WE,
    });
    const { commitTx, revealTx } = await h.report(1n);
    expect(commitTx).toMatch(/^0x[0-9a-f]{64}$/);
    expect(revealTx).toMatch(/^0x[0-9a-f]{64}$/);
    expect(h.log.slice(-2)).toEqual([
      ['sequenceVerified', { sequence: 1n, operator: WE, mine: true }],
      ['rewardEarned', { sequence: 1n, amountWei: REWARD_WEI }],
    ]);
  });

  it('commits in a round that another operator opened', async () => {
    await proved(1);
    rivalCommits(1n);
    chain.mineTo(chain.windows(1n).lastCommitBlock - 1n);
    await h.step();
    expect(chain.commitment(1n, WE)?.round).toBe(1n);
  });

  it.each([0n, 1n, 3n])('does not commit %i blocks after the last that lands in time', async (late) => {
    await proved(1);
    rivalCommits(1n);
    chain.mineTo(chain.windows(1n).lastCommitBlock + late);
    await h.step();
    expect(chain.commitment(1n, WE)).toBeUndefined();
    expect(await state(1n)).toBe('none');
  });

  it('opens a new round when the last one has passed', async () => {
    await proved(1);
    rivalCommits(1n);
    chain.mineTo(chain.windows(1n).lastRevealBlock - 1n);
    await h.step();
    expect(chain.commitment(1n, WE)).toBeUndefined();
    chain.mine(1);
    await h.step();
    expect(chain.commitment(1n, WE)?.round).toBe(2n);
  });

  it('commits and reveals many sequences in order', async () => {
    await proved(3);
    for (let i = 0; i < 40 && chain.verifiedSequence < 3n; i++) {
      await h.step();
      chain.mine(1);
    }
    expect(chain.verifiedSequence).toBe(3n);
    for (const n of [1n, 2n, 3n]) expect(await state(n)).toBe('verified');
  });

  it('does not commit a sequence before those before it', async () => {
    chain.submit(1);
    chain.submit(1);
    await h.watcher.poll();
    const [slow, fast] = [h.register('slow'), h.register('fast')];
    const first = (await h.lease(slow))!;
    await h.proveAll(fast);
    await h.step();
    expect(chain.commitment(2n, WE)).toBeUndefined();
    await h.prove(slow, first);
    await h.proveAll(fast);
    await h.step();
    expect(chain.commitment(1n, WE)).toBeDefined();
    expect(chain.commitment(2n, WE)).toBeDefined();
  });

  it('does not reveal a sequence before those before it are verified', async () => {
    await h.close();
    let stuck = true;
    const settlement = chain.port({
      reveal(send) {
        if (stuck) throw new PolyproofError('RPC_FAILED', 'no connection');
        return send();
      },
    });
    h = await Harness.open({ chain, settlement });
    await proved(2);
    await h.step();
    toReveal(1n);
    await h.step();
    expect(chain.verifiedSequence).toBe(0n);
    stuck = false;
    await h.step();
    await h.step();
    expect(chain.verifiedSequence).toBe(2n);
  });

  it('commits again when the reveal window was missed', async () => {
    await proved(1);
    await h.step();
    chain.mineTo(chain.windows(1n).lastRevealBlock);
    await h.step();
    expect(h.names()).toContain('roundMissed');
    expect(h.log).toContainEqual([
      'penalised',
      { sequence: 1n, round: 1n, offence: 'failedRound', amountWei: PENALTY_WEI },
    ]);
    expect(chain.commitment(1n, WE, 1n)?.status).toBe('settled');
    expect(chain.commitment(1n, WE)?.round).toBe(2n);
    toReveal(1n);
    await h.step();
    expect(await state(1n)).toBe('verified');
  });

  it('reveals for a share when another operator’s proof landed first', async () => {
    await proved(1);
    rivalCommits(1n);
    await h.step();
    toReveal(1n);
    rivalReveals(1n);
    await h.step();
    expect(await h.report(1n)).toMatchObject({
      status: 'verified',
      submission: 'verified',
      verifiedBy: RIVAL,
      revealBlock: chain.block,
      revealGas: 900_000n,
      rewardWei: REWARD_WEI / 2n,
    });
  });

  it('has its share booked when another operator did not reveal', async () => {
    await proved(1);
    rivalCommits(1n);
    await h.step();
    toReveal(1n);
    await h.step();
    const { lastShareBlock } = chain.windows(1n);
    while (chain.block < lastShareBlock) {
      expect(await h.report(1n)).toMatchObject({ submission: 'verified', rewardWei: null });
      chain.mine(1);
      await h.step();
    }
    expect(await h.report(1n)).toMatchObject({ submission: 'verified', rewardWei: REWARD_WEI });
  });

  it('is lost, and frees its stake, when it could not reveal in time', async () => {
    await h.close();
    const settlement = chain.port({ reveal: () => crash() });
    h = await Harness.open({ chain, settlement });
    await proved(1);
    rivalCommits(1n);
    await h.step();
    toReveal(1n);
    rivalReveals(1n);
    while (chain.block < chain.windows(1n).lastShareBlock) {
      await h.step();
      expect(await state(1n)).toBe('committed');
      chain.mine(1);
    }
    await h.step();
    expect(await h.report(1n)).toMatchObject({ submission: 'lost', revealTx: null, rewardWei: null });
    expect(h.log).toContainEqual([
      'penalised',
      { sequence: 1n, round: 1n, offence: 'missedReveal', amountWei: PENALTY_WEI },
    ]);
  });

  it('does not send a proof again that the contract does not accept', async () => {
    await h.close();
    let calls = 0;
    const settlement = chain.port({
      reveal() {
        calls++;
        throw new PolyproofError('PROOF_REFUSED', 'the verifier says no');
      },
    });
    h = await Harness.open({ chain, settlement });
    await proved(1);
    await h.step();
    toReveal(1n);
    for (let i = 0; i < 20; i++) {
      await h.step();
      chain.mine(1);
    }
    expect(calls).toBe(1);
    expect(await state(1n)).toBe('refused');
    expect(h.log).toContainEqual(['proofRefused', { sequence: 1n, reason: 'the verifier says no' }]);
    expect(chain.windows(1n).round).toBe(1n);
  });

  it('claims what was booked once the contract has it', async () => {
    await proved(1);
    await h.step();
    toReveal(1n);
    await h.step();
    await h.step();
    expect(chain.claimedWei).toBe(0n);
    chain.availableWei = REWARD_WEI;
    await h.step();
    await h.step();
    expect(chain.claimedWei).toBe(REWARD_WEI);
    expect(h.names().filter((name) => name === 'rewardsClaimed')).toHaveLength(1);
  });

  it('is lost, and commits nothing, when the sequence was verified before', async () => {
    await proved(1);
    rivalCommits(1n);
    toReveal(1n);
    rivalReveals(1n);
    await h.step();
    expect(await state(1n)).toBe('lost');
    expect(chain.commitment(1n, WE)).toBeUndefined();
  });

  it('goes on with the next sequence after one that another operator verified', async () => {
    await proved(2);
    rivalCommits(1n);
    await h.step();
    toReveal(1n);
    rivalReveals(1n);
    for (let i = 0; i < 30 && chain.verifiedSequence < 2n; i++) {
      await h.step();
      chain.mine(1);
    }
    expect(await state(1n)).toBe('verified');
    expect(await state(2n)).toBe('verified');
  });
});

describe('recovery', () => {
  it('knows the gas of a reveal also when its event is read before the answer comes', async () => {
    await proved(1);
    await h.step();
    toReveal(1n);
    await h.close();
    let readEvents = async () => {};
    const port = chain.port();
    const settlement = {
      ...port,
      async reveal(...args: Parameters<typeof port.reveal>) {
        const inclusion = await port.reveal(...args);
        await readEvents();
        return inclusion;
      },
    };
    h = await Harness.open({ chain, settlement, keep: true });
    readEvents = () => h.watcher.poll();
    await h.manager.submitPendingProof();
    await h.step();
    expect(await h.report(1n)).toMatchObject({ revealGas: 900_000n, rewardWei: 10n ** 20n });
  });

  it('knows the gas of a reveal whose answer was lost by its own journal', async () => {
    await proved(1);
    await h.step();
    toReveal(1n);
    await h.close();
    const port = chain.port();
    const settlement = {
      ...port,
      async reveal(...args: Parameters<typeof port.reveal>) {
        const { transactionHash: hash, blockNumber } = await port.reveal(...args);
        const inclusion = {
          hash,
          blockNumber,
          blockHash: hash,
          gasUsed: 900_001n,
          feeWei: 1n,
          reverted: false,
        };
        await journal(h.database).save({ ...PENDING, id: hash, state: 'included', inclusion });
        return crash();
      },
    };
    h = await Harness.open({ chain, settlement, keep: true });
    await h.manager.submitPendingProof();
    await h.step();
    await h.step();
    expect(await h.report(1n)).toMatchObject({ submission: 'verified', revealGas: 900_001n });
  });

  it('recognises a commitment whose answer was lost', async () => {
    await h.close();
    let calls = 0;
    const settlement = chain.port({
      commit(send) {
        calls++;
        send();
        return crash();
      },
    });
    h = await Harness.open({ chain, settlement });
    await proved(1);
    await h.step();
    expect(await state(1n)).toBe('committed');
    expect((await h.report(1n)).commitTx).toMatch(/^0x/); // from its event
    toReveal(1n);
    await h.step();
    expect(await state(1n)).toBe('verified');
    expect(calls).toBe(1);
  });

  it('recognises a reveal whose answer was lost', async () => {
    await h.close();
    const settlement = chain.port({
      reveal(send) {
        send();
        return crash();
      },
    });
    h = await Harness.open({ chain, settlement });
    await proved(1);
    await h.step();
    toReveal(1n);
    await h.step();
    await h.step();
    expect(await h.report(1n)).toMatchObject({ submission: 'verified', rewardWei: 10n ** 20n });
    expect((await h.report(1n)).revealTx).toMatch(/^0x/);
  });

  it('sends again what never reached the chain', async () => {
    await h.close();
    let broken = true;
    const settlement = chain.port({ commit: (send) => (broken ? crash() : send()) });
    h = await Harness.open({ chain, settlement });
    await proved(1);
    await h.step();
    expect(await state(1n)).toBe('none');
    broken = false;
    await h.step();
    expect(await state(1n)).toBe('committed');
  });

  it('stays out of a round in which it committed to another proof, and commits in the next', async () => {
    await proved(1);
    chain.commit(WE, 1n, '0x01');
    await h.step();
    expect(await state(1n)).toBe('none');
    chain.mineTo(chain.windows(1n).lastRevealBlock + 1n);
    await h.step();
    expect(chain.commitment(1n, WE)?.round).toBe(2n);
    expect(chain.commitment(1n, WE, 1n)?.status).toBe('settled');
  });
});

describe('bound proofs', () => {
  beforeEach(async () => {
    await h.close();
    h = await Harness.open({ chain, bindsProofs: true });
  });

  it('are shown in one step, in order, and earn the whole reward', async () => {
    await proved(2);
    await h.step();
    expect(chain.verifiedSequence).toBe(2n);
    expect(chain.commitment(1n, WE)).toBeUndefined();
    // Which is no reorganisation.
    await h.step();
    await h.step();
    for (const sequence of [1n, 2n])
      expect(await h.report(sequence)).toMatchObject({
        status: 'verified',
        submission: 'verified',
        commitTx: null,
        revealGas: 900_000n,
        rewardWei: REWARD_WEI,
        verifiedBy: WE,
      });
  });

  it('are given up when another operator was first', async () => {
    await proved(1);
    chain.submitBound(RIVAL, 1n, rivalProof(1n), rootAfter(1n));
    await h.step();
    expect(await state(1n)).toBe('lost');
  });

  it('are found on the chain when the process died as they landed', async () => {
    await h.close();
    const settlement = chain.port({
      submit: (send) => {
        send();
        return crash();
      },
    });
    h = await Harness.open({ chain, settlement, bindsProofs: true });
    await proved(1);
    await h.step();
    await h.step();
    expect(chain.verifiedSequence).toBe(1n);
    expect(await h.report(1n)).toMatchObject({ submission: 'verified', rewardWei: REWARD_WEI });
  });

  it('are sent again when they did not land', async () => {
    await h.close();
    let isDown = true;
    const settlement = chain.port({ submit: (send) => (isDown ? crash() : send()) });
    h = await Harness.open({ chain, settlement, bindsProofs: true });
    await proved(1);
    await h.step();
    expect(await state(1n)).toBe('none');
    isDown = false;
    await h.step();
    expect(chain.verifiedSequence).toBe(1n);
  });

  it('a commitment of ours in a round that a bound proof ended is settled without a new one', async () => {
    await h.close();
    h = await Harness.open({ chain });
    await proved(1);
    await h.step();
    chain.submitBound(RIVAL, 1n, rivalProof(1n), rootAfter(1n));
    await h.step();
    await h.step();
    expect(chain.commitment(1n, WE, 1n)?.status).toBe('settled');
    expect(await state(1n)).toBe('lost');
    expect(h.log.some(([name]) => name === 'penalised')).toBe(false);
  });
});
