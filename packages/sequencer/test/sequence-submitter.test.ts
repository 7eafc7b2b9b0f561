import { EventHub, silentLogger } from '@polyproof/base';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type SequencerEvents, SequenceSubmitter, type SubmittedSequence } from '../src/index.js';
import './fixed-seed.js';
import { FakeBank } from './support/fake-bank.js';
import { FakeSettlement } from './support/fake-settlement.js';
import { fakeTransaction } from './support/fake-transactions.js';

let bank: FakeBank;
let settlement: FakeSettlement;
let now: number;

async function closeBatches(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await bank.produceBlock([fakeTransaction(Number(bank.lastBatch) + 1)]);
    await bank.closeBatch();
  }
}

function open(options = {}) {
  const events = new EventHub<SequencerEvents>(silentLogger);
  const submitted: SubmittedSequence[] = [];
  events.on('sequenceSubmitted', (sequence) => submitted.push(sequence));
  const submitter = new SequenceSubmitter(
    { maxBatchesPerSequence: 3, sequenceTimeoutMs: 1_000, retryMs: 100, ...options },
    { bank, settlement, events, logger: silentLogger, now: () => now },
  );
  return { submitter, submitted };
}

beforeEach(() => {
  bank = new FakeBank();
  settlement = new FakeSettlement();
  now = 0;
});

describe('SequenceSubmitter', () => {
  it('groups closed batches, at most the configured number', async () => {
    await closeBatches(5);
    const { submitter, submitted } = open();
    await submitter.submit();
    await submitter.submit();
    expect(await submitter.submit()).toBeUndefined();
    expect(submitted).toEqual([
      { sequence: 1n, firstBatch: 1n, lastBatch: 3n, transactionHash: '0x1' },
      { sequence: 2n, firstBatch: 4n, lastBatch: 5n, transactionHash: '0x2' },
    ]);
    expect(settlement.sequences.map((s) => s.claimedRoot)).toEqual([3n, 5n]);
    expect(settlement.sequences.flatMap((s) => s.batches)).toEqual(bank.batches.map((b) => b.data));
  });

  it('submits when enough batches wait, without waiting for their age', async () => {
    const { submitter, submitted } = open();
    await closeBatches(2);
    await submitter.step();
    expect(submitted).toEqual([]);
    await closeBatches(1);
    await submitter.step();
    expect(submitted).toMatchObject([{ firstBatch: 1n, lastBatch: 3n }]);
  });

  it('submits a lone batch once it is old enough', async () => {
    const { submitter, submitted } = open();
    await closeBatches(1);
    await submitter.step();
    now = 999;
    await submitter.step();
    expect(submitted).toEqual([]);
    now = 1_000;
    await submitter.step();
    expect(submitted).toMatchObject([{ firstBatch: 1n, lastBatch: 1n }]);
  });

  it('leaves the base chain alone while nothing is due', async () => {
    const { submitter } = open();
    await submitter.step();
    const { calls } = settlement;
    await submitter.step();
    await submitter.step();
    expect(settlement.calls).toBe(calls);
  });

  it('repeats a failed submission with the same content, although more batches wait by then', async () => {
    settlement.fail.push('before');
    await closeBatches(1);
    const { submitter, submitted } = open();
    await expect(submitter.submit()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await closeBatches(2);
    now = 99;
    await submitter.step(); // too early for the next attempt
    expect(settlement.attempts).toHaveLength(1);
    now = 100;
    await submitter.step();
    expect(settlement.attempts[1]).toEqual(settlement.attempts[0]);
    expect(submitted).toMatchObject([{ firstBatch: 1n, lastBatch: 1n }]);
  });

  it('does not repeat a submission that reached the chain although its answer was lost', async () => {
    settlement.fail.push('after');
    await closeBatches(2);
    const { submitter, submitted } = open();
    await expect(submitter.submit()).rejects.toMatchObject({ code: 'TIMEOUT' });
    await submitter.submit();
    expect(settlement.sequences).toHaveLength(1);
    expect(submitted).toEqual([{ sequence: 1n, firstBatch: 1n, lastBatch: 2n, transactionHash: undefined }]);
    expect(await submitter.submit()).toBeUndefined();
  });

  it('looks at the chain again when a submission of before got there first', async () => {
    settlement.fail.push('waiting');
    await closeBatches(2);
    const { submitter, submitted } = open();
    await expect(submitter.submit()).rejects.toMatchObject({ code: 'TRANSACTION_PENDING' });
    settlement.onRefusal = () => settlement.land();
    await submitter.submit();
    expect(settlement.refusals).toBe(1);
    expect(settlement.sequences).toHaveLength(1);
    expect(submitted).toEqual([{ sequence: 1n, firstBatch: 1n, lastBatch: 2n, transactionHash: undefined }]);
  });

  it('waits for a submission of before that is not in a block yet, and goes on after it', async () => {
    settlement.fail.push('waiting');
    await closeBatches(2);
    await expect(open().submitter.submit()).rejects.toMatchObject({ code: 'TRANSACTION_PENDING' });
    await closeBatches(2);
    // Another process: it knows nothing of the submission and sees nothing of it on the chain.
    const { submitter, submitted } = open();
    await expect(submitter.step()).rejects.toMatchObject({ code: 'UnexpectedBatch' });
    const { calls } = settlement;
    await submitter.step(); // not before the wait between attempts is over
    expect(settlement.calls).toBe(calls);
    settlement.land();
    now = 100;
    await submitter.step();
    expect(submitted).toMatchObject([{ sequence: 2n, firstBatch: 3n, lastBatch: 4n }]);
    expect(settlement.sequences.flatMap((s) => s.batches)).toEqual(bank.batches.map((b) => b.data));
  });

  it('continues after a restart from what the chain says', async () => {
    await closeBatches(2);
    settlement.fail.push('after');
    await expect(open().submitter.submit()).rejects.toThrow();
    await closeBatches(1);
    const { submitter, submitted } = open();
    await submitter.submit();
    expect(submitted).toMatchObject([{ sequence: 2n, firstBatch: 3n, lastBatch: 3n }]);
  });

  it('refuses a chain that has more batches than the bank', async () => {
    await closeBatches(2);
    await open().submitter.submit();
    bank = new FakeBank();
    await expect(open().submitter.submit()).rejects.toMatchObject({ code: 'CHAIN_AHEAD' });
  });

  it('refuses a chain that holds other data under the same number', async () => {
    await closeBatches(1);
    await open().submitter.submit();
    bank = new FakeBank();
    await bank.produceBlock([fakeTransaction(99)]);
    await bank.closeBatch();
    await expect(open().submitter.submit()).rejects.toMatchObject({ code: 'CHAIN_DIVERGED' });
  });

  it('submits every batch once and in order under any interleaving of failures and restarts', async () => {
    const step = fc.constantFrom('batch', 'submit', 'before', 'after', 'waiting', 'land', 'restart');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        bank = new FakeBank();
        settlement = new FakeSettlement();
        let { submitter } = open();
        for (const action of steps) {
          if (action === 'batch') await closeBatches(1);
          else if (action === 'submit') await submitter.submit().catch(() => undefined);
          else if (action === 'restart') ({ submitter } = open());
          else if (action === 'land') settlement.land();
          else settlement.fail.push(action);
        }
        settlement.fail.length = 0;
        settlement.land();
        while ((await submitter.submit()) !== undefined);
        expect(settlement.sequences.flatMap((s) => s.batches)).toEqual(bank.batches.map((b) => b.data));
        expect(settlement.sequences.every((s) => s.claimedRoot === s.lastBatch)).toBe(true);
      }),
    );
  });
});
