import { PolyproofError } from '@polyproof/base';
import { encodeBase58 } from '@polyproof/svm';
import { SystemProgram } from '@solana/web3.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMPTY_META } from '../fake-bank.js';
import { openFake } from '../fakes.js';
import { BLOCKHASH, base64, key, legacy, putMint, putTokenAccount, signatureOf, text } from './fixtures.js';

const transfer = SystemProgram.transfer({ fromPubkey: key(1), toPubkey: key(2), lamports: 5 });
const bytes = legacy([transfer]);
const wire = base64(bytes);
const BASE64 = { encoding: 'base64' };

let node: Awaited<ReturnType<typeof openFake>>;

beforeEach(async () => {
  node = await openFake({ faucet: { secretKey: new Uint8Array(32).fill(1), maxLamports: 1_000n } });
});
afterEach(() => node.server.close());

describe('sendTransaction', () => {
  const send = (config: object = BASE64, transaction = wire) =>
    node.call('sendTransaction', transaction, config);
  const refusal = (config: object = BASE64, transaction = wire) =>
    node.refusal('sendTransaction', transaction, config);

  it('simulates first, hands the bytes to the sequencer, and answers with the signature', async () => {
    expect(await send()).toBe(signatureOf(bytes));
    expect(await node.call('sendTransaction', encodeBase58(bytes))).toBe(signatureOf(bytes));
    expect(node.sequencer.submitted).toEqual([bytes, bytes]);
    expect(node.bank.simulated.map(({ options }) => options)).toEqual([
      { verifySignatures: true },
      { verifySignatures: true },
    ]);
  });

  it('does not simulate where it is not to', async () => {
    node.bank.simulation = { error: 'BlockhashNotFound' };
    expect(await send({ ...BASE64, skipPreflight: true, maxRetries: 3 })).toBe(signatureOf(bytes));
    expect(node.bank.simulated).toEqual([]);
  });

  it('tells what the simulation came to, in the shape and the words of Agave', async () => {
    node.bank.simulation = {
      error: { InstructionError: [0, { Custom: 1 }] },
      computeUnits: 150n,
      meta: {
        ...EMPTY_META,
        logs: ['Program 11111111111111111111111111111111 failed: custom program error: 0x1'],
        preBalances: [1n, 2n, 3n],
        postBalances: [1n, 2n, 3n],
        returnData: { programId: key(3).toBytes(), data: Uint8Array.of(1) },
      },
    };
    expect(await refusal()).toEqual({
      code: -32002,
      message: 'Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1',
      data: {
        err: { InstructionError: [0, { Custom: 1 }] },
        logs: ['Program 11111111111111111111111111111111 failed: custom program error: 0x1'],
        accounts: null,
        unitsConsumed: 150,
        loadedAccountsDataSize: 0,
        returnData: { programId: text(3), data: ['AQ==', 'base64'] },
        innerInstructions: null,
        replacementBlockhash: null,
        fee: 5_000,
        preBalances: null,
        postBalances: null,
        preTokenBalances: null,
        postTokenBalances: null,
        loadedAddresses: null,
      },
    });
    expect(node.sequencer.submitted).toEqual([]);
  });

  it.each([
    ['BlockhashNotFound', 'Blockhash not found'],
    ['AlreadyProcessed', 'This transaction has already been processed'],
    ['AccountNotFound', 'Attempt to debit an account but found no record of a prior credit.'],
    ['InsufficientFundsForFee', 'Insufficient funds for fee'],
    [{ DuplicateInstruction: 2 }, 'Transaction contains a duplicate instruction (2) that is not allowed'],
    [
      { InsufficientFundsForRent: { account_index: 3 } },
      'Transaction results in an account (3) with insufficient funds for rent',
    ],
    [
      { InstructionError: [1, 'InvalidAccountData'] },
      'Error processing Instruction 1: invalid account data for instruction',
    ],
    ['SomethingNew', 'SomethingNew'],
  ])('explains %j', async (error, message) => {
    node.bank.simulation = { error };
    expect(await refusal()).toMatchObject({
      code: -32002,
      message: `Transaction simulation failed: ${message}`,
      data: { err: error, logs: [] },
    });
  });

  it('has a code of its own for wrong signatures', async () => {
    node.bank.simulation = { error: 'SignatureFailure' };
    expect(await refusal()).toEqual({
      code: -32003,
      message: 'Transaction signature verification failure',
    });
    node.bank.simulation = {};
    node.sequencer.refuseWith = new PolyproofError('SIGNATURE_FAILURE', 'bad');
    expect((await refusal({ ...BASE64, skipPreflight: true })).code).toBe(-32003);
  });

  it('refuses what is no transaction', async () => {
    for (const [config, text] of [
      [BASE64, 'A'],
      [{}, '0OIl'],
      [BASE64, 'A'.repeat(5_000)],
      [BASE64, base64(new Uint8Array(100).fill(1))],
      [BASE64, base64(Uint8Array.from([...bytes, 0]))],
      [{ encoding: 'json' }, wire],
      [{ ...BASE64, skipPreflight: 1 }, wire],
      [{ ...BASE64, preflightCommitment: 'recent' }, wire],
    ] as const)
      expect((await refusal(config, text)).code, text.slice(0, 20)).toBe(-32602);
    expect(node.sequencer.submitted).toEqual([]);
  });

  it.each([
    ['BLOCKHASH_NOT_FOUND', 'BlockhashNotFound'],
    ['ALREADY_PROCESSED', 'AlreadyProcessed'],
    ['TRANSACTION_REFUSED', { InstructionError: [0, 'InvalidArgument'] }],
  ])('passes on the refusal %s of the sequencer', async (code, err) => {
    node.sequencer.refuseWith = Object.assign(new PolyproofError(code, 'why'), { transactionError: err });
    expect(await refusal()).toMatchObject({
      code: -32002,
      message: 'Transaction simulation failed: why',
      data: { err, logs: [] },
    });
  });

  it('acknowledges again what is in a block already, where preflight is skipped', async () => {
    node.sequencer.refuseWith = new PolyproofError('ALREADY_PROCESSED', 'late');
    const sent = await node.call('sendTransaction', wire, { ...BASE64, skipPreflight: true });
    expect(sent).toBe(signatureOf(bytes));
  });

  it('tells load and defects apart', async () => {
    node.sequencer.refuseWith = new PolyproofError('MEMPOOL_FULL', 'full');
    expect((await refusal()).code).toBe(-32005);
    node.sequencer.refuseWith = new TypeError('oops');
    expect((await refusal()).code).toBe(-32603);
  });

  it('names program and reason of what a zk rollup cannot prove, without executing it', async () => {
    node.bank.execution = 'zk';
    const memo = { programId: key(9), keys: [], data: Buffer.of(1) };
    expect(await refusal(BASE64, base64(legacy([memo])))).toMatchObject({
      code: -32002,
      message: expect.stringMatching(/^Transaction refused: /),
      data: { err: { polyproof: 'NOT_PROVABLE', program: text(9) }, logs: [expect.any(String)] },
    });
    expect(node.bank.simulated).toEqual([]);
    expect(await send()).toBe(signatureOf(bytes));
  });
});

describe('simulateTransaction', () => {
  const simulate = (config?: object, transaction = wire) =>
    node.call('simulateTransaction', transaction, { ...BASE64, ...config });

  it('answers in the shape of Agave', async () => {
    node.bank.put(text(1), { lamports: 10n });
    node.bank.put(text(2), { data: new Uint8Array(36) });
    node.bank.simulation = {
      meta: {
        ...EMPTY_META,
        logs: ['log'],
        preBalances: [10n, 1n, 1n],
        postBalances: [5n, 6n, 1n],
      },
    };
    expect(await simulate()).toEqual({
      context: { apiVersion: '4.3.0', slot: 0 },
      value: {
        err: null,
        logs: ['log'],
        accounts: null,
        unitsConsumed: 150,
        // SIMD-0186: 64 bytes for each account that exists, and its data.
        loadedAccountsDataSize: 64 + 64 + 36,
        returnData: null,
        innerInstructions: null,
        replacementBlockhash: null,
        fee: 5_000,
        preBalances: [10, 1, 1],
        postBalances: [5, 6, 1],
        preTokenBalances: [],
        postTokenBalances: [],
        loadedAddresses: { writable: [], readonly: [] },
      },
    });
  });

  it('passes its options on, and refuses a contradiction', async () => {
    expect((await simulate({ replaceRecentBlockhash: true })).value.replacementBlockhash).toEqual({
      blockhash: encodeBase58(node.bank.latestBlockhash),
      lastValidBlockHeight: 150,
    });
    await simulate({ sigVerify: true });
    expect(node.bank.simulated.map(({ options }) => options)).toEqual([
      { verifySignatures: false, replaceRecentBlockhash: true },
      { verifySignatures: true, replaceRecentBlockhash: false },
    ]);
    const both = { ...BASE64, sigVerify: true, replaceRecentBlockhash: true };
    expect(await node.refusal('simulateTransaction', wire, both)).toEqual({
      code: -32602,
      message: 'sigVerify may not be used with replaceRecentBlockhash',
    });
    expect((await node.refusal('simulateTransaction', base64(bytes.subarray(1)), BASE64)).code).toBe(-32602);
  });

  it('shows accounts as they are after the transaction', async () => {
    putMint(node.bank, key(7));
    putTokenAccount(node.bank, key(8), { mint: key(7), owner: key(1), amount: 150n });
    const after = node.bank.getAccount(key(8).toBytes())!;
    const data = Uint8Array.from(after.data);
    data[64] = 250;
    node.bank.simulation = {
      account: (address) =>
        Buffer.compare(address, key(8).toBytes()) === 0 ? { ...after, data } : node.bank.getAccount(address),
    };
    const accounts = { addresses: [text(8), text(9)], encoding: 'jsonParsed' };
    const { value } = await simulate({ accounts });
    expect(value.accounts[0].data.parsed.info.tokenAmount.uiAmountString).toBe('2.5');
    expect(value.accounts[1]).toBeNull();
    expect((await simulate({ accounts: { addresses: [text(8)] } })).value.accounts[0].data[1]).toBe('base64');

    node.bank.simulation = { error: 'BlockhashNotFound' };
    expect((await simulate({ accounts })).value).toMatchObject({
      err: 'BlockhashNotFound',
      accounts: [null, null],
      fee: null,
    });
    const refused = async (accounts: object) =>
      (await node.refusal('simulateTransaction', wire, { ...BASE64, accounts })).message;
    expect(await refused({ addresses: [], encoding: 'base58' })).toBe('base58 encoding not supported');
    expect(await refused({ addresses: Array(4).fill(text(1)) })).toBe('Too many accounts provided; max 3');
  });

  it('shows inner instructions in words', async () => {
    node.bank.simulation = {
      meta: {
        ...EMPTY_META,
        preBalances: [1n, 1n, 1n],
        innerInstructions: [
          {
            index: 0,
            instructions: [
              {
                programIdIndex: 2,
                accountIndexes: Uint8Array.of(0, 1),
                data: transfer.data,
                stackHeight: 2,
              },
              { programIdIndex: 1, accountIndexes: Uint8Array.of(0), data: Uint8Array.of(1), stackHeight: 3 },
            ],
          },
        ],
      },
    };
    expect((await simulate({ innerInstructions: true })).value.innerInstructions).toEqual([
      {
        index: 0,
        instructions: [
          {
            program: 'system',
            programId: '11111111111111111111111111111111',
            parsed: { type: 'transfer', info: { source: text(1), destination: text(2), lamports: 5 } },
            stackHeight: 2,
          },
          { programId: text(2), accounts: [text(1)], data: '2', stackHeight: 3 },
        ],
      },
    ]);
  });
});

describe('blockhashes and fees', () => {
  it('are given and checked', async () => {
    const { context, value } = await node.call('getLatestBlockhash', { commitment: 'confirmed' });
    expect(context).toEqual({ apiVersion: '4.3.0', slot: 0 });
    expect(value).toEqual({ blockhash: encodeBase58(node.bank.latestBlockhash), lastValidBlockHeight: 150 });
    expect((await node.call('isBlockhashValid', value.blockhash)).value).toBe(true);
    expect((await node.call('isBlockhashValid', BLOCKHASH)).value).toBe(false);
    node.bank.commit();
    expect((await node.call('getLatestBlockhash')).value.blockhash).not.toBe(value.blockhash);

    const fee = async (blockhash: string) => {
      const message = legacy([transfer], blockhash).subarray(65);
      return (await node.call('getFeeForMessage', base64(message))).value;
    };
    expect(await fee(encodeBase58(node.bank.latestBlockhash))).toBe(5_000);
    expect(await fee(BLOCKHASH)).toBeNull();
    expect((await node.refusal('getFeeForMessage', base64(bytes))).code).toBe(-32602);
  });

  it('of recent blocks are told for the accounts that are written', async () => {
    expect(await node.call('getRecentPrioritizationFees')).toEqual([{ slot: 0, prioritizationFee: 0 }]);
    expect(await node.call('getRecentPrioritizationFees', [text(1), text(2)])).toEqual([
      { slot: 0, prioritizationFee: 2 },
    ]);
    expect((await node.refusal('getRecentPrioritizationFees', Array(129).fill(text(1)))).message).toBe(
      'Too many inputs provided; max 128',
    );
  });

  it('include the rent-exempt minimum', async () => {
    expect(await node.call('getMinimumBalanceForRentExemption', 0)).toBe(890_880);
    expect(await node.call('getMinimumBalanceForRentExemption', 165)).toBe(2_039_280);
    expect((await node.refusal('getMinimumBalanceForRentExemption', 10 * 1024 * 1024 + 1)).code).toBe(-32600);
  });
});

describe('the faucet', () => {
  it('sends a signed transfer, another one for every request', async () => {
    const first = await node.call('requestAirdrop', text(5), 5);
    const second = await node.call('requestAirdrop', text(5), 6);
    const third = node.call('requestAirdrop', text(5), 5); // the same again: waits for the next blockhash
    node.bank.commit();
    expect(new Set([first, second, await third]).size).toBe(3);
    expect(node.sequencer.submitted.map(({ length }) => length)).toEqual([215, 215, 215]);
  });

  it('has a limit, and passes refusals on', async () => {
    expect(await node.refusal('requestAirdrop', text(5), 1_001)).toMatchObject({ code: -32602 });
    node.sequencer.refuseWith = new PolyproofError('MEMPOOL_FULL', 'full');
    expect(await node.refusal('requestAirdrop', text(5), 1)).toMatchObject({ code: -32005 });
  });

  it('does not exist unless it is configured', async () => {
    const without = await openFake();
    expect(await without.refusal('requestAirdrop', text(5), 1)).toMatchObject({ code: -32601 });
    await without.server.close();
  });

  it('refuses a key of the wrong length', async () => {
    await expect(openFake({ faucet: { secretKey: new Uint8Array(31) } })).rejects.toMatchObject({
      code: 'FAUCET_KEY',
    });
  });
});
