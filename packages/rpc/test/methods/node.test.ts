import { encodeBase58 } from '@polyproof/svm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COLLECTOR, openFake } from '../fakes.js';
import { text } from './fixtures.js';

const IDENTITY = encodeBase58(COLLECTOR);

let node: Awaited<ReturnType<typeof openFake>>;

beforeEach(async () => {
  node = await openFake();
  for (let i = 0; i < 7; i++) node.bank.commit();
});
afterEach(() => node.server.close());

describe('the node', () => {
  it('reports health, and the reason when there is a problem', async () => {
    expect(await node.call('getHealth')).toBe('ok');
    node.sequencer.unhealthyReason = 'the mempool is full';
    expect(await node.refusal('getHealth')).toEqual({
      code: -32005,
      message: 'Node is unhealthy: the mempool is full',
      data: { numSlotsBehind: null },
    });
  });

  it('says who and where it is', async () => {
    expect(await node.call('getVersion')).toEqual({ 'solana-core': '4.3.0', 'feature-set': 0 });
    expect(await node.call('getIdentity')).toEqual({ identity: IDENTITY });
    expect(await node.call('getGenesisHash')).toBe(encodeBase58(new Uint8Array(32).fill(3)));
    const { host, port } = new URL(node.server.url);
    expect(await node.call('getClusterNodes')).toEqual([
      expect.objectContaining({
        pubkey: IDENTITY,
        rpc: host,
        pubsub: `127.0.0.1:${Number(port) + 1}`,
        gossip: null,
        tpu: null,
        version: '4.3.0',
      }),
    ]);
  });

  it('leads every slot, and is the only validator', async () => {
    expect(await node.call('getSlotLeader')).toBe(IDENTITY);
    expect(await node.call('getSlotLeaders', 3, 2)).toEqual([IDENTITY, IDENTITY]);
    expect(await node.refusal('getSlotLeaders', 3, 5_001)).toEqual({
      code: -32602,
      message: 'Invalid limit; max 5000',
    });
    const schedule = await node.call('getLeaderSchedule', null, { identity: IDENTITY });
    expect(schedule[IDENTITY]).toHaveLength(432_000);
    expect(await node.call('getLeaderSchedule', { identity: text(1) })).toEqual({});
    const { current, delinquent } = await node.call('getVoteAccounts');
    expect(delinquent).toEqual([]);
    expect(current).toEqual([
      expect.objectContaining({ nodePubkey: IDENTITY, lastVote: 7, rootSlot: 0, epochCredits: [[0, 7, 0]] }),
    ]);
    expect((await node.call('getVoteAccounts', { votePubkey: text(1) })).current).toEqual([]);
  });

  it('has made every block', async () => {
    const production = (config?: object) => node.call('getBlockProduction', config);
    expect((await production({ commitment: 'confirmed' })).value).toEqual({
      byIdentity: { [IDENTITY]: [8, 8] },
      range: { firstSlot: 0, lastSlot: 7 },
    });
    const range = { firstSlot: 2, lastSlot: 3 };
    const confirmed = { commitment: 'confirmed', range };
    expect((await production(confirmed)).value).toEqual({ byIdentity: { [IDENTITY]: [2, 2] }, range });
    expect((await production({ ...confirmed, identity: text(1) })).value.byIdentity).toEqual({});
    expect((await node.refusal('getBlockProduction', { range: { firstSlot: 3, lastSlot: 2 } })).message).toBe(
      'lastSlot, 2, cannot be less than firstSlot, 3',
    );
  });

  it('has no snapshots and no stake', async () => {
    expect(await node.refusal('getHighestSnapshotSlot')).toEqual({ code: -32008, message: 'No snapshot' });
    expect((await node.call('getStakeMinimumDelegation')).value).toBe(1);
  });
});

describe('slots and epochs', () => {
  it('are counted by commitment: finalized is what the base chain has verified', async () => {
    expect(await node.call('getSlot', { commitment: 'processed' })).toBe(7);
    expect(await node.call('getBlockHeight', { commitment: 'confirmed' })).toBe(7);
    expect(await node.call('getSlot')).toBe(0);
    node.settlement.verified = node.bank.closeBatch();
    node.bank.commit();
    expect(await node.call('getSlot')).toBe(7);
    expect(await node.call('getSlot', { commitment: 'confirmed' })).toBe(8);
    // The base chain has gone back.
    node.settlement.verified = 0n;
    expect(await node.call('getSlot')).toBe(0);
  });

  it('answer the rest of the basics', async () => {
    expect(await node.call('getTransactionCount')).toBe(0);
    expect(await node.call('getEpochInfo', { commitment: 'confirmed' })).toEqual({
      absoluteSlot: 7,
      blockHeight: 7,
      epoch: 0,
      slotIndex: 7,
      slotsInEpoch: 432_000,
      transactionCount: 0,
    });
    expect(await node.call('getEpochSchedule')).toEqual({
      firstNormalEpoch: 0,
      firstNormalSlot: 0,
      leaderScheduleSlotOffset: 432_000,
      slotsPerEpoch: 432_000,
      warmup: false,
    });
    const none = { foundation: 0, total: 0, validator: 0 };
    expect(await node.call('getInflationRate')).toEqual({ ...none, epoch: 0 });
    expect(await node.call('getInflationGovernor')).toEqual({
      foundation: 0,
      foundationTerm: 0,
      initial: 0,
      taper: 0,
      terminal: 0,
    });
    expect(await node.call('getInflationReward', [text(1), text(2)])).toEqual([null, null]);
    node.bank.firstAvailableSlot = 2n;
    expect(await node.call('getFirstAvailableBlock')).toBe(2);
    expect(await node.call('minimumLedgerSlot')).toBe(2);
    expect(await node.call('getMaxRetransmitSlot')).toBe(7);
    expect(await node.call('getMaxShredInsertSlot')).toBe(7);
  });

  it('refuses to answer from an older state than the client asks for', async () => {
    expect(await node.refusal('getSlot', { minContextSlot: 8 })).toEqual({
      code: -32016,
      message: 'Minimum context slot has not been reached',
      data: { contextSlot: 7 },
    });
    expect(await node.call('getSlot', { minContextSlot: 7, commitment: 'confirmed' })).toBe(7);
  });

  it('samples of performance cover a minute each', async () => {
    expect(await node.call('getRecentPerformanceSamples')).toEqual([]);
    for (let i = 0; i < 130; i++) node.bank.commit();
    const samples = await node.call('getRecentPerformanceSamples', 5);
    expect(samples).toHaveLength(2);
    expect(samples[0]).toEqual({
      slot: samples[1].slot + samples[0].numSlots,
      numTransactions: 0,
      numNonVoteTransactions: 0,
      numSlots: 60,
      samplePeriodSecs: 60,
    });
    expect((await node.refusal('getRecentPerformanceSamples', 721)).message).toBe('Invalid limit; max 720');
  });
});

describe('the supply', () => {
  it('circulates', async () => {
    expect((await node.call('getSupply', { commitment: 'finalized' })).value).toEqual({
      total: 1_000_000_000,
      circulating: 1_000_000_000,
      nonCirculating: 0,
      nonCirculatingAccounts: [],
    });
  });
});
