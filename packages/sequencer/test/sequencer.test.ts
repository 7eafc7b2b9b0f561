import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceStack, silentLogger } from '@polyproof/base';
import { CIRCUIT_LIMITS, type ExecutionMode } from '@polyproof/svm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NoSettlement, Sequencer, type SubmittedSequence } from '../src/index.js';
import { FakeSettlement } from './support/fake-settlement.js';
import { openBank } from './support/open-bank.js';
import { signer, transferTransaction } from './support/wire.js';

/** The sequencer with the real bank and engine. */

const SOL = 1_000_000_000n;
const alice = signer('alice');
const signatures = { verify: async () => true };

let directory: string;
let settlement: FakeSettlement;
let services: ServiceStack;

async function open(execution: ExecutionMode = 'zk') {
  const logger = silentLogger;
  services = new ServiceStack();
  const config = {
    rollupId: 1n,
    execution,
    collector: signer('collector').address,
    lamportsPerSignature: 5_000n,
    genesis: [{ address: alice.address, lamports: 100n * SOL }],
  };
  const { bank, executor } = await openBank({ directory, config });
  services.add(bank);
  const sequencer = services.add(
    await Sequencer.open(
      { automatic: false },
      { bank, signatures, logger, ...(execution === 'zk' ? { settlement } : {}) },
    ),
  );
  const transfer = (to: Uint8Array, lamports: bigint, payer = alice) =>
    transferTransaction({ payer, to, lamports, blockhash: bank.latestBlockhash });
  return { bank, sequencer, executor, transfer };
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'polyproof-sequencer-'));
  settlement = new FakeSettlement();
});
afterEach(async () => {
  await services.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('Sequencer', () => {
  it('brings many transfers to the base chain, batch by batch within the limits of the circuit', async () => {
    const { bank, sequencer, transfer } = await open();
    const sequences: SubmittedSequence[] = [];
    sequencer.on('sequenceSubmitted', (sequence) => sequences.push(sequence));
    const receivers = Array.from({ length: 40 }, (_, i) => signer(`receiver ${i}`).address);
    const sent: Uint8Array[] = [];
    for (const to of receivers) sent.push(await sequencer.submitTransaction(transfer(to, SOL)));
    expect(sequencer.status()).toMatchObject({ waitingTransactions: 40, lastBatch: 0n });

    expect(await sequencer.flush()).toEqual(sequences);
    expect(sequencer.status().waitingTransactions).toBe(0);
    expect(receivers.every((to) => bank.getAccount(to)?.lamports === SOL)).toBe(true);
    expect(sent.every((signature) => bank.getSignatureStatus(signature)?.error === undefined)).toBe(true);
    const batches = Array.from({ length: Number(bank.lastBatch) }, (_, i) => bank.getBatch(BigInt(i + 1))!);
    expect(batches.length).toBeGreaterThan(1);
    for (const batch of batches) {
      expect(batch.transactions).toBeLessThanOrEqual(CIRCUIT_LIMITS.transactions);
      expect(batch.data.length).toBeLessThanOrEqual(CIRCUIT_LIMITS.dataBytes);
    }
    expect(batches.reduce((sum, batch) => sum + batch.transactions, 0)).toBe(40);
    expect(settlement.sequences.flatMap((s) => s.batches)).toEqual(batches.map((b) => b.data));
    expect(settlement.sequences.at(-1)?.claimedRoot).toBe(bank.stateRoot);
  });

  it('makes one block of many transfers where nothing is proved, and needs no base chain', async () => {
    const { bank, sequencer, transfer } = await open('any');
    const finality = new NoSettlement({ genesisStateRoot: bank.stateRoot }, { bank });
    expect(finality.view).toMatchObject({ lastBatch: 0n, verifiedStateRoot: bank.stateRoot });
    const verified: bigint[] = [];
    finality.onVerified((batch) => verified.push(batch));
    const receivers = Array.from({ length: 40 }, (_, i) => signer(`receiver ${i}`).address);
    for (const to of receivers) await sequencer.submitTransaction(transfer(to, SOL));
    await sequencer.produceBlock();
    expect(bank.slot).toBe(1n);
    expect(receivers.every((to) => bank.getAccount(to)?.lamports === SOL)).toBe(true);
    expect(await sequencer.flush()).toEqual([]);
    expect(bank.lastBatch).toBe(1n);
    expect(finality.verifiedBatch()).toBe(1n);
    expect(verified).toEqual([1n]);
    expect(finality.view.verifiedStateRoot).toBe(bank.stateRoot);
    expect(await finality.sequenceOfBatch(1n)).toBeUndefined();
    expect(sequencer.status().lastSubmittedBatch).toBeUndefined();
  });

  it('gives transactions that cannot be included a reason, and goes on', async () => {
    const { bank, sequencer, transfer } = await open();
    const bob = signer('bob');
    await sequencer.submitTransaction(transfer(bob.address, 2_000_000n));
    await sequencer.produceBlock();
    // Bob can pay both fees, but not after the first transfer.
    const first = await sequencer.submitTransaction(transfer(alice.address, 1_995_000n, bob));
    const second = await sequencer.submitTransaction(transfer(alice.address, 1n, bob));
    const dropped: unknown[] = [];
    sequencer.on('transactionDropped', ({ reason }) => dropped.push(reason));
    await sequencer.produceBlock();
    expect(bank.getSignatureStatus(first)).toMatchObject({ slot: 2n });
    expect(bank.getSignatureStatus(second)).toBeUndefined();
    expect(sequencer.droppedReason(first)).toBeUndefined();
    expect(sequencer.droppedReason(second)).toEqual({ reason: 'Rejected', error: 'AccountNotFound' });
    expect(dropped).toEqual(['Rejected']);
    expect(sequencer.status().openBatch.transactions).toBe(2);
  });

  it('survives the death of the engine without losing a transaction', async () => {
    const { bank, sequencer, transfer, executor } = await open();
    const bob = signer('bob').address;
    await sequencer.submitTransaction(transfer(bob, SOL));
    await sequencer.produceBlock();
    await sequencer.submitTransaction(transfer(bob, 2n * SOL));
    process.kill(executor.processId!, 'SIGKILL');
    await sequencer.produceBlock();
    expect(bank.getAccount(bob)?.lamports).toBe(3n * SOL);
  });

  it('refuses after a restart what it processed before, and submits what was closed', async () => {
    const before = await open();
    const bytes = before.transfer(signer('bob').address, SOL);
    await before.sequencer.submitTransaction(bytes);
    await before.sequencer.produceBlock();
    const batch = await before.sequencer.closeBatch();
    await services.close();
    const { sequencer } = await open();
    await expect(sequencer.submitTransaction(bytes)).rejects.toMatchObject({ code: 'ALREADY_PROCESSED' });
    expect(await sequencer.submitSequence()).toMatchObject({ firstBatch: 1n, lastBatch: 1n });
    expect(await sequencer.submitSequence()).toBeUndefined();
    expect(settlement.sequences.flatMap((s) => s.batches)).toEqual([batch?.data]);
  });
});
