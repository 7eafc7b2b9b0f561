import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceStack, silentLogger } from '@polyproof/base';
import { Bank, CIRCUIT_LIMITS, ProcessExecutor } from '@polyproof/svm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sequencer, type SubmittedSequence } from '../src/index.js';
import { FakeSettlement } from './fakes.js';
import { signer, transferTransaction } from './wire.js';

/** The sequencer with the real bank and engine. */

const SOL = 1_000_000_000n;
const alice = signer('alice');
const config = {
  rollupId: 1n,
  collector: signer('collector').address,
  lamportsPerSignature: 5_000n,
  genesis: [{ address: alice.address, lamports: 100n * SOL }],
};

let directory: string;
let settlement: FakeSettlement;
let services: ServiceStack;

async function open() {
  const logger = silentLogger;
  services = new ServiceStack();
  const executor = services.add(new ProcessExecutor({}, { logger }));
  const bank = services.add(await Bank.open({ directory, config }, { executor, logger }));
  const sequencer = services.add(
    await Sequencer.open({ lamportsPerSignature: 5_000n, automatic: false }, { bank, settlement, logger }),
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
    const signatures: Uint8Array[] = [];
    for (const to of receivers) signatures.push(await sequencer.submitTransaction(transfer(to, SOL)));
    expect(sequencer.status()).toMatchObject({ waitingTransactions: 40, lastBatch: 0n });

    expect(await sequencer.flush()).toEqual(sequences);
    expect(sequencer.status().waitingTransactions).toBe(0);
    expect(receivers.every((to) => bank.getAccount(to)?.lamports === SOL)).toBe(true);
    expect(signatures.every((s) => bank.getTransactionStatus(s)?.status === 'ok')).toBe(true);
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

  it('gives transactions that cannot be included a reason, and goes on', async () => {
    const { bank, sequencer, transfer } = await open();
    const bob = signer('bob');
    await sequencer.submitTransaction(transfer(bob.address, 2_000_000n));
    await sequencer.produceBlock();
    // Both are admitted, but after the first one Bob cannot pay the fee of the second.
    const first = await sequencer.submitTransaction(transfer(alice.address, 1_995_000n, bob));
    const second = await sequencer.submitTransaction(transfer(alice.address, 1n, bob));
    await sequencer.produceBlock();
    expect(bank.getTransactionStatus(first)?.status).toBe('ok');
    expect(bank.getTransactionStatus(second)?.status).toBe('rejected');
    expect(sequencer.status().openBatch.transactions).toBe(2);
  });

  it('survives the death of the engine without losing a transaction', async () => {
    const { bank, sequencer, transfer, executor } = await open();
    const bob = signer('bob').address;
    await sequencer.submitTransaction(transfer(bob, SOL));
    await sequencer.produceBlock();
    await sequencer.submitTransaction(transfer(bob, 2n * SOL));
    process.kill(executor.processId!, 'SIGKILL');
    // Whether the bank notices in this call or the engine is back by then, the transaction stays.
    await sequencer.produceBlock().catch(() => undefined);
    await sequencer.produceBlock();
    expect(bank.getAccount(bob)?.lamports).toBe(3n * SOL);
  });

  it('submits after a restart what was closed before it', async () => {
    const before = await open();
    await before.sequencer.submitTransaction(before.transfer(signer('bob').address, SOL));
    await before.sequencer.produceBlock();
    const batch = await before.sequencer.closeBatch();
    await services.close();
    const { sequencer } = await open();
    expect(await sequencer.submitSequence()).toMatchObject({ firstBatch: 1n, lastBatch: 1n });
    expect(await sequencer.submitSequence()).toBeUndefined();
    expect(settlement.sequences.flatMap((s) => s.batches)).toEqual([batch?.data]);
  });
});
