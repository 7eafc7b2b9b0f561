import { encodeBase58 } from '@polyproof/svm';
import { SystemProgram } from '@solana/web3.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFake } from '../fakes.js';
import { key, legacy, signatureOf, text } from './fixtures.js';

const hex = (value: string) => `0x${value.padStart(64, '0')}`;
const transfer = SystemProgram.transfer({ fromPubkey: key(1), toPubkey: key(2), lamports: 5 });

let node: Awaited<ReturnType<typeof openFake>>;

beforeEach(async () => {
  node = await openFake();
});
afterEach(() => node.server.close());

describe('polyproof_getTransactionStage', () => {
  const bytes = legacy([transfer]);
  const stage = () => node.call('polyproof_getTransactionStage', signatureOf(bytes));

  it('follows a transaction to the base chain', async () => {
    node.settlement.view.lastBatch = 0n;
    expect(await stage()).toBeNull();
    node.bank.commit([[bytes, { error: 'AccountInUse' }]]);
    const inBlock = {
      stage: 'block',
      slot: 1,
      batch: 1,
      sequence: null,
      proved: false,
      verified: false,
      err: 'AccountInUse',
      baseChainTransactions: null,
    };
    expect(await stage()).toEqual(inBlock);
    node.bank.closeBatch();
    expect(await stage()).toEqual({ ...inBlock, stage: 'batch' });
    node.settlement.view.lastBatch = 1n;
    const inSequence = {
      ...inBlock,
      stage: 'sequence',
      sequence: 1,
      baseChainTransactions: { sequence: '0x51', commits: [], verify: null },
    };
    expect(await stage()).toEqual(inSequence);
    node.settlement.transactions = { submitted: '0x51', committed: ['0xc0'], verified: undefined };
    expect(await stage()).toEqual({
      ...inSequence,
      stage: 'proved',
      proved: true,
      baseChainTransactions: { sequence: '0x51', commits: ['0xc0'], verify: null },
    });
    node.settlement.transactions = { submitted: '0x51', committed: ['0xc0'], verified: '0x4e' };
    node.settlement.verified = 1n;
    expect(await stage()).toEqual({
      ...inSequence,
      stage: 'verified',
      proved: true,
      verified: true,
      baseChainTransactions: { sequence: '0x51', commits: ['0xc0'], verify: '0x4e' },
    });
  });

  it('tells why a transaction was dropped', async () => {
    node.sequencer.dropped = { reason: 'Expired' };
    expect(await stage()).toEqual({ stage: 'dropped', reason: 'Expired', err: null });
    node.sequencer.dropped = { reason: 'Rejected', error: 'AccountNotFound' };
    expect(await stage()).toEqual({ stage: 'dropped', reason: 'Rejected', err: 'AccountNotFound' });
    node.bank.commit([[bytes]]);
    expect(await stage()).toMatchObject({ stage: 'block' });
  });
});

describe('polyproof_getAccountProof', () => {
  beforeEach(() => node.bank.put(text(5), { lamports: 18_446_744_073_709_551_615n }));
  const prove = (address: string, config?: object) => node.call('polyproof_getAccountProof', address, config);

  it('proves an account, or that there is none', async () => {
    expect(await prove(text(5))).toMatchObject({
      address: text(5),
      root: hex('1234'),
      account: {
        lamports: 18_446_744_073_709_551_615n,
        owner: encodeBase58(new Uint8Array(32)),
        data: ['', 'base64'],
      },
      proof: {
        siblings: [[hex('5'), hex('0'), hex('6')]],
        terminal: { kind: 'leaf', key: hex('1'), value: hex('2') },
      },
    });
    expect((await prove(text(6))).account).toBeNull();
  });

  it('takes the verified root unless it is told another, or that one is not kept', async () => {
    node.settlement.verified = 1n;
    expect((await prove(text(5))).root).toBe(hex('1234'));
    node.bank.keptRoots.add(0xabcn);
    expect((await prove(text(5))).root).toBe(hex('abc'));
    expect((await prove(text(5), { root: '0x1234' })).root).toBe(hex('1234'));
    expect(await node.refusal('polyproof_getAccountProof', text(5), { root: '0xff' })).toMatchObject({
      code: -32602,
      message: expect.stringContaining('never had the root'),
    });
  });
});

describe('batches', () => {
  it('and all else are reported', async () => {
    node.bank.commit();
    node.bank.closeBatch();
    node.settlement.verified = 1n;
    expect(await node.call('polyproof_status')).toEqual({
      slot: 1,
      execution: 'any',
      stateRoot: hex('1234'),
      waitingTransactions: 2,
      openBatch: { number: 2, transactions: 1, blocks: 1, deposits: 0 },
      lastBatch: 1,
      lastSubmittedBatch: 2,
      lastSequence: 1,
      verifiedSequence: 1,
      verifiedBatch: 1,
      verifiedStateRoot: hex('abc'),
    });
    expect(await node.call('polyproof_getBatch', 1)).toMatchObject({
      number: 1,
      firstSlot: 1,
      lastSlot: 1,
      data: '0x01',
      newStateRoot: hex('2'),
      sequence: 1,
    });
    expect(await node.call('polyproof_getBatch', 1)).toMatchObject({
      deposits: [{ recipient: encodeBase58(new Uint8Array(32).fill(1)), lamports: '9223372036854775808' }],
      exits: [{ recipient: `0x${'02'.repeat(20)}`, lamports: '9223372036854775808' }],
    });
    expect(await node.call('polyproof_getExits', 1)).toEqual([
      { recipient: `0x${'02'.repeat(20)}`, lamports: '9223372036854775808' },
    ]);
    expect(await node.call('polyproof_getExits', 9)).toEqual([]);
    expect(await node.call('polyproof_getBatch', 9)).toBeNull();
    expect(await node.call('polyproof_getBatchWitness', 1)).toBeNull();
  });
});
