import { silentLogger } from '@polyproof/base';
import { describe, expect, it } from 'vitest';
import { SettlementMonitor } from '../src/index.js';
import { FakeSettlement } from './support/fake-settlement.js';

async function withSequences(...sizes: number[]): Promise<FakeSettlement> {
  const settlement = new FakeSettlement();
  let next = 1n;
  for (const size of sizes) {
    await settlement.sequence(next, Array(size).fill(Uint8Array.of(1)), 0n);
    next += BigInt(size);
  }
  return settlement;
}

async function open(settlement: FakeSettlement): Promise<SettlementMonitor> {
  return SettlementMonitor.open({ intervalMs: 60_000 }, { settlement, logger: silentLogger });
}

describe('SettlementMonitor', () => {
  it('knows the verified batch and follows it', async () => {
    const settlement = await withSequences(2, 3);
    const monitor = await open(settlement);
    expect(monitor.verifiedBatch()).toBe(0n);
    const heard: bigint[] = [];
    const end = monitor.onVerified((batch) => heard.push(batch));
    await monitor.refresh();
    settlement.verifiedSequence = 2n;
    await monitor.refresh();
    await monitor.refresh();
    end();
    expect(heard).toEqual([5n]);
    expect(monitor.verifiedBatch()).toBe(5n);
    expect(monitor.view).toMatchObject({ verifiedSequence: 2n, lastSequence: 2n, lastBatch: 5n });
    await monitor.close();
  });

  it('knows the transactions of a sequence', async () => {
    const settlement = await withSequences(2, 3);
    settlement.verifiedSequence = 1n;
    const monitor = await open(settlement);
    const verified = { submitted: '0x11', committed: ['0x21'], verified: '0x31' };
    expect(await monitor.sequenceTransactions(1n)).toEqual(verified);
    expect(await monitor.sequenceTransactions(2n)).toMatchObject({ committed: [], verified: undefined });
    await monitor.close();
  });

  it('finds the sequence of every batch', async () => {
    const monitor = await open(await withSequences(1, 3, 1, 2));
    const found: (bigint | undefined)[] = [];
    for (let batch = 0n; batch <= 8n; batch++) found.push(await monitor.sequenceOfBatch(batch));
    expect(found).toEqual([undefined, 1n, 2n, 2n, 2n, 3n, 4n, 4n, undefined]);
    await monitor.close();
  });
});
