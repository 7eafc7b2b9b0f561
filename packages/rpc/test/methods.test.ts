import { PolyproofError } from '@polyproof/base';
import { type Batch, encodeBase58, type TransactionRecord } from '@polyproof/svm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFake } from './fakes.js';

const ADDRESS = encodeBase58(new Uint8Array(32).fill(5));
const OWNER = encodeBase58(new Uint8Array(32));
const SIGNATURE = encodeBase58(new Uint8Array(64).fill(6));

let node: Awaited<ReturnType<typeof openFake>>;

beforeEach(async () => {
  node = await openFake({ faucet: { secretKey: new Uint8Array(32).fill(1), maxLamports: 1_000n } });
});
afterEach(() => node.server.close());

describe('the node and the chain', () => {
  it('reports health, and the reason when there is a problem', async () => {
    expect(await node.call('getHealth')).toBe('ok');
    node.sequencer.unhealthyReason = 'the mempool is full';
    expect(await node.refusal('getHealth')).toMatchObject({
      code: -32005,
      message: 'Node is unhealthy: the mempool is full',
    });
  });

  it('counts slots by commitment: finalized is what the base chain has verified', async () => {
    node.bank.batches.set(1n, { number: 1n, lastSlot: 4n } as Batch);
    expect(await node.call('getSlot', { commitment: 'processed' })).toBe(7);
    expect(await node.call('getBlockHeight', { commitment: 'confirmed' })).toBe(7);
    expect(await node.call('getSlot', { commitment: 'finalized' })).toBe(4);
    expect(await node.call('getSlot')).toBe(4);
    node.settlement.verified = 0n;
    expect(await node.call('getSlot')).toBe(0);
  });

  it('answers the rest of the basics', async () => {
    expect(await node.call('getVersion')).toEqual({ 'solana-core': '4.3.0', 'feature-set': 0 });
    expect(await node.call('getGenesisHash')).toBe(encodeBase58(new Uint8Array(32).fill(3)));
    expect(await node.call('getTransactionCount')).toBe(3);
    expect(await node.call('getEpochInfo', { commitment: 'confirmed' })).toEqual({
      absoluteSlot: 7,
      blockHeight: 7,
      epoch: 0,
      slotIndex: 7,
      slotsInEpoch: 432_000,
      transactionCount: 3,
    });
  });

  it('gives and checks blockhashes', async () => {
    const { context, value } = await node.call('getLatestBlockhash', { commitment: 'confirmed' });
    expect(context).toEqual({ apiVersion: '4.3.0', slot: 7 });
    expect(value).toEqual({ blockhash: encodeBase58(node.bank.latestBlockhash), lastValidBlockHeight: 157 });
    expect((await node.call('isBlockhashValid', value.blockhash)).value).toBe(true);
    expect((await node.call('isBlockhashValid', OWNER)).value).toBe(false);
  });

  it('refuses to answer from an older state than the client asks for', async () => {
    expect(await node.refusal('getSlot', { minContextSlot: 8 })).toMatchObject({
      code: -32016,
      data: { contextSlot: 7 },
    });
    expect(await node.call('getSlot', { minContextSlot: 7, commitment: 'confirmed' })).toBe(7);
  });
});

describe('accounts', () => {
  beforeEach(() => {
    node.bank.accounts.set(ADDRESS, {
      lamports: 18_446_744_073_709_551_615n,
      data: Uint8Array.from([0, 1, 2, 3]),
      owner: new Uint8Array(32),
      executable: false,
      rentEpoch: 18_446_744_073_709_551_615n,
    });
  });

  it('keeps every digit of a balance', async () => {
    expect((await node.call('getBalance', ADDRESS)).value).toBe(18_446_744_073_709_551_615n);
    expect((await node.call('getBalance', OWNER)).value).toBe(0);
  });

  it('encodes account data as it is asked to', async () => {
    const data = async (config?: object) => (await node.call('getAccountInfo', ADDRESS, config)).value.data;
    expect(await data()).toBe('1Ldp');
    expect(await data({ encoding: 'base58' })).toEqual(['1Ldp', 'base58']);
    expect(await data({ encoding: 'base64' })).toEqual(['AAECAw==', 'base64']);
    expect(await data({ encoding: 'jsonParsed' })).toEqual(['AAECAw==', 'base64']);
    expect(await data({ encoding: 'base64', dataSlice: { offset: 1, length: 2 } })).toEqual([
      'AQI=',
      'base64',
    ]);
    expect(await data({ encoding: 'base64', dataSlice: { offset: 9, length: 2 } })).toEqual(['', 'base64']);
    expect(await node.call('getAccountInfo', ADDRESS, { encoding: 'base64' })).toMatchObject({
      value: { owner: OWNER, executable: false, space: 4, rentEpoch: 18_446_744_073_709_551_615n },
    });
  });

  it('answers null for accounts that do not exist', async () => {
    expect((await node.call('getAccountInfo', OWNER)).value).toBeNull();
    expect((await node.call('getMultipleAccounts', [OWNER, ADDRESS])).value).toEqual([
      null,
      expect.objectContaining({ data: ['AAECAw==', 'base64'] }),
    ]);
  });

  it('computes the rent-exempt minimum', async () => {
    expect(await node.call('getMinimumBalanceForRentExemption', 0)).toBe(890_880);
    expect(await node.call('getMinimumBalanceForRentExemption', 165)).toBe(2_039_280);
  });

  it('proves an account', async () => {
    expect(await node.call('polyproof_getAccountProof', ADDRESS)).toMatchObject({
      address: ADDRESS,
      root: `0x${'1234'.padStart(64, '0')}`,
      account: { lamports: 18_446_744_073_709_551_615n, owner: OWNER },
      proof: { siblings: [expect.stringMatching(/5$/), expect.stringMatching(/^0x0+$/)] },
    });
    expect(await node.call('polyproof_getAccountProof', OWNER, { root: '0xff' })).toMatchObject({
      account: null,
      root: `0x${'ff'.padStart(64, '0')}`,
    });
  });

  it('names the parameter that is wrong', async () => {
    const cases: [string, unknown[], RegExp][] = [
      ['getBalance', [], /address \(parameter 1\) must be a string/],
      ['getBalance', ['abc'], /address must be 32 bytes in base 58; got "abc"/],
      ['getBalance', [`${ADDRESS}0`], /address must be 32 bytes/],
      ['getBalance', [ADDRESS, 'confirmed'], /configuration \(parameter 2\) must be an object/],
      ['getBalance', [ADDRESS, { minContextSlot: -1 }], /minContextSlot must be an integer/],
      [
        'getSlot',
        [{ commitment: 'sure' }],
        /commitment must be one of processed, confirmed, finalized; got "sure"/,
      ],
      ['getAccountInfo', [ADDRESS, { encoding: 'base32' }], /encoding must be one of/],
      ['getAccountInfo', [ADDRESS, { dataSlice: { offset: -1 } }], /dataSlice must be/],
      ['getMultipleAccounts', [Array(101).fill(ADDRESS)], /Too many inputs provided; max 100/],
      ['getMultipleAccounts', [[5]], /list of strings/],
      ['getMinimumBalanceForRentExemption', ['5'], /data length \(parameter 1\) must be an integer/],
      ['polyproof_getAccountProof', [ADDRESS, { root: 'ff' }], /root must be 0x/],
      ['polyproof_getAccountProof', [ADDRESS, { root: `0x${'f'.repeat(64)}` }], /root must be/],
    ];
    for (const [method, params, message] of cases) {
      const error = await node.refusal(method, ...params);
      expect(error.code, method).toBe(-32602);
      expect(error.message).toMatch(message);
    }
  });
});

describe('transactions', () => {
  const send = (config: object = { encoding: 'base64' }, text = Buffer.alloc(100, 1).toString('base64')) =>
    node.refusal('sendTransaction', text, config);

  it('hands the bytes to the sequencer and answers with the signature', async () => {
    const bytes = new Uint8Array(200).fill(6);
    const signature = encodeBase58(bytes.subarray(1, 65));
    const base64 = Buffer.from(bytes).toString('base64');
    expect(await node.call('sendTransaction', base64, { encoding: 'base64' })).toBe(signature);
    expect(await node.call('sendTransaction', encodeBase58(bytes))).toBe(signature);
    expect(node.sequencer.submitted).toEqual([bytes, bytes]);
  });

  it('refuses text that is not what it claims to be', async () => {
    expect(await send({ encoding: 'base64' }, 'A')).toMatchObject({ code: -32602 });
    expect(await send({ encoding: 'base58' }, '0OIl')).toMatchObject({ code: -32602 });
    expect(await send({ encoding: 'base64' }, 'A'.repeat(5_000))).toMatchObject({
      code: -32602,
      message: expect.stringContaining('too large'),
    });
  });

  it.each([
    ['BLOCKHASH_NOT_FOUND', -32002, 'BlockhashNotFound'],
    ['ALREADY_PROCESSED', -32002, 'AlreadyProcessed'],
    ['ACCOUNT_NOT_FOUND', -32002, 'AccountNotFound'],
    ['INSUFFICIENT_FUNDS_FOR_FEE', -32002, 'InsufficientFundsForFee'],
  ])('answers %s as Solana does', async (code, rpcCode, err) => {
    node.sequencer.refuseWith = Object.assign(new PolyproofError(code, 'why'), { transactionError: err });
    expect(await send()).toMatchObject({
      code: rpcCode,
      message: 'Transaction simulation failed: why',
      data: { err, logs: [] },
    });
  });

  it('names program and reason of what cannot be proved', async () => {
    const details = { program: ADDRESS, reason: 'unsupported program' };
    node.sequencer.refuseWith = new PolyproofError('NOT_PROVABLE', 'no circuit for it', details);
    expect(await send()).toMatchObject({
      code: -32002,
      message: 'Transaction refused: no circuit for it',
      data: {
        err: { polyproof: 'NOT_PROVABLE', ...details },
        logs: ['Polyproof refused the transaction (NOT_PROVABLE): no circuit for it'],
      },
    });
  });

  it('tells signatures, load and defects apart', async () => {
    node.sequencer.refuseWith = new PolyproofError('SIGNATURE_FAILURE', 'bad');
    expect((await send()).code).toBe(-32003);
    node.sequencer.refuseWith = new PolyproofError('MEMPOOL_FULL', 'full');
    expect((await send()).code).toBe(-32005);
    node.sequencer.refuseWith = new TypeError('oops');
    expect((await send()).code).toBe(-32603);
  });

  it('calls a transaction finalized once its batch is verified', async () => {
    const record = (batch: bigint, error?: unknown) =>
      ({
        slot: 5n,
        batch,
        status: error === undefined ? 'ok' : 'failed',
        error,
      }) as unknown as TransactionRecord;
    const failed = encodeBase58(new Uint8Array(64).fill(7));
    const unknown = encodeBase58(new Uint8Array(64).fill(8));
    const err = { InstructionError: [0, { Custom: 1 }] };
    node.bank.records.set(SIGNATURE, record(1n));
    node.bank.records.set(failed, record(2n, err));
    const { value } = await node.call('getSignatureStatuses', [SIGNATURE, failed, unknown]);
    expect(value).toEqual([
      { slot: 5, confirmations: null, err: null, status: { Ok: null }, confirmationStatus: 'finalized' },
      { slot: 5, confirmations: 2, err, status: { Err: err }, confirmationStatus: 'confirmed' },
      null,
    ]);
    const stage = async (batch: bigint) => {
      node.bank.records.set(SIGNATURE, record(batch));
      return node.call('polyproof_getTransactionStage', SIGNATURE);
    };
    expect(await stage(3n)).toEqual({ stage: 'block', slot: 5, batch: 3, sequence: null, verified: false });
    node.settlement.view.lastBatch = 1n;
    expect(await stage(2n)).toEqual({ stage: 'batch', slot: 5, batch: 2, sequence: null, verified: false });
    node.settlement.view.lastBatch = 2n;
    expect(await stage(2n)).toEqual({ stage: 'sequence', slot: 5, batch: 2, sequence: 2, verified: false });
    expect(await stage(1n)).toEqual({ stage: 'verified', slot: 5, batch: 1, sequence: 1, verified: true });
    expect(await node.call('polyproof_getTransactionStage', unknown)).toBeNull();
  });

  it('reports how far everything has come', async () => {
    expect(await node.call('polyproof_status')).toMatchObject({
      slot: 7,
      waitingTransactions: 2,
      openBatch: { number: 3, transactions: 1, blocks: 1 },
      lastBatch: 2,
      lastSequence: 1,
      verifiedSequence: 1,
      verifiedBatch: 1,
      verifiedStateRoot: `0x${'abc'.padStart(64, '0')}`,
    });
    expect(await node.call('polyproof_getBatch', 9)).toBeNull();
    expect(await node.call('polyproof_getBatchWitness', 9)).toBeNull();
  });
});

describe('the faucet', () => {
  it('sends a signed transfer, another one for every request', async () => {
    const first = await node.call('requestAirdrop', ADDRESS, 5);
    const second = await node.call('requestAirdrop', ADDRESS, 6);
    const third = node.call('requestAirdrop', ADDRESS, 5); // the same again: waits for the next blockhash
    node.bank.latestBlockhash = new Uint8Array(32).fill(10);
    expect(new Set([first, second, await third]).size).toBe(3);
    expect(node.sequencer.submitted.map((bytes) => bytes.length)).toEqual([215, 215, 215]);
  });

  it('has a limit, and passes refusals on', async () => {
    expect(await node.refusal('requestAirdrop', ADDRESS, 1_001)).toMatchObject({ code: -32602 });
    node.sequencer.refuseWith = new PolyproofError('MEMPOOL_FULL', 'full');
    expect(await node.refusal('requestAirdrop', ADDRESS, 1)).toMatchObject({ code: -32005 });
  });

  it('does not exist unless it is configured', async () => {
    const without = await openFake();
    expect(await without.refusal('requestAirdrop', ADDRESS, 1)).toMatchObject({ code: -32601 });
    await without.server.close();
  });

  it('refuses a key of the wrong length', async () => {
    await expect(openFake({ faucet: { secretKey: new Uint8Array(31) } })).rejects.toMatchObject({
      code: 'FAUCET_KEY',
    });
  });
});
