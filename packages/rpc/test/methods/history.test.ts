import { encodeBase58 } from '@polyproof/svm';
import { ComputeBudgetProgram, MessageV0, SystemProgram, VersionedTransaction } from '@solana/web3.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFake } from '../fakes.js';
import { BLOCKHASH, base64, key, keypair, legacy, signatureOf, TOKEN, text, version0 } from './fixtures.js';

const SYSTEM = '11111111111111111111111111111111';
const CONFIRMED = { commitment: 'confirmed' };
const V0 = { ...CONFIRMED, maxSupportedTransactionVersion: 0 };
const transfer = (lamports: number) =>
  SystemProgram.transfer({ fromPubkey: key(1), toPubkey: key(2), lamports });

let node: Awaited<ReturnType<typeof openFake>>;

beforeEach(async () => {
  node = await openFake();
});
afterEach(() => node.server.close());

describe('getTransaction', () => {
  const get = (signature: string, config?: object) => node.call('getTransaction', signature, config);

  it('answers in every encoding', async () => {
    const bytes = legacy([transfer(5)]);
    node.bank.commit([
      [bytes, { meta: { logs: ['log'], preBalances: [9n, 0n, 1n], postBalances: [4n, 5n, 1n] } }],
    ]);
    const signature = signatureOf(bytes);
    const raw = await get(signature, CONFIRMED);
    expect(raw).toEqual({
      slot: 1,
      blockTime: 1_700_000_001,
      transactionIndex: 0,
      transaction: {
        signatures: [signature],
        message: {
          header: {
            numRequiredSignatures: 1,
            numReadonlySignedAccounts: 0,
            numReadonlyUnsignedAccounts: 1,
          },
          accountKeys: [text(1), text(2), SYSTEM],
          recentBlockhash: BLOCKHASH,
          instructions: [
            {
              programIdIndex: 2,
              accounts: [0, 1],
              data: encodeBase58(transfer(5).data),
              stackHeight: 1,
            },
          ],
        },
      },
      meta: {
        err: null,
        status: { Ok: null },
        fee: 5_000,
        preBalances: [9, 0, 1],
        postBalances: [4, 5, 1],
        innerInstructions: [],
        logMessages: ['log'],
        preTokenBalances: [],
        postTokenBalances: [],
        rewards: [],
        loadedAddresses: { writable: [], readonly: [] },
        computeUnitsConsumed: 150,
      },
    });
    const encoded = async (encoding: string) =>
      (await get(signature, { ...CONFIRMED, encoding })).transaction;
    expect(await encoded('base64')).toEqual([base64(bytes), 'base64']);
    expect(await encoded('base58')).toEqual([encodeBase58(bytes), 'base58']);
    expect(await encoded('binary')).toBe(encodeBase58(bytes));
    // Only an encoding in place of the configuration: as old clients have it.
    node.settlement.verified = node.bank.closeBatch();
    expect((await get(signature, 'base64' as unknown as object)).transaction[1]).toBe('base64');
  });

  it('puts instructions into words, inner ones too', async () => {
    const bytes = version0([transfer(5), ComputeBudgetProgram.setComputeUnitLimit({ units: 7 })]);
    const keys = [text(1), text(2), SYSTEM, 'ComputeBudget111111111111111111111111111111'];
    const inner = {
      index: 0,
      instructions: [
        {
          programIdIndex: 2,
          accountIndexes: Uint8Array.of(0, 1),
          data: transfer(6).data,
          stackHeight: 2,
        },
      ],
    };
    node.bank.commit([[bytes, { meta: { innerInstructions: [inner] } }]]);
    const parsedTransfer = (lamports: number, stackHeight: number) => ({
      program: 'system',
      programId: SYSTEM,
      parsed: { type: 'transfer', info: { source: text(1), destination: text(2), lamports } },
      stackHeight,
    });
    const { transaction, meta, version } = await get(signatureOf(bytes), {
      ...V0,
      encoding: 'jsonParsed',
    });
    expect(version).toBe(0);
    expect(transaction.message).toEqual({
      accountKeys: keys.map((pubkey, i) => ({
        pubkey,
        signer: i === 0,
        writable: i < 2,
        source: 'transaction',
      })),
      recentBlockhash: BLOCKHASH,
      instructions: [
        parsedTransfer(5, 1),
        // Agave has no parser for the compute budget.
        {
          programId: keys[3],
          accounts: [],
          data: encodeBase58(Uint8Array.of(2, 7, 0, 0, 0)),
          stackHeight: 1,
        },
      ],
      addressTableLookups: [],
    });
    expect(meta.innerInstructions).toEqual([{ index: 0, instructions: [parsedTransfer(6, 2)] }]);
    expect(meta).not.toHaveProperty('loadedAddresses');
  });

  it('shows accounts from lookup tables', async () => {
    const table = { key: key(9), state: { addresses: [key(3), key(4)] } };
    const message = new MessageV0({
      header: {
        numRequiredSignatures: 1,
        numReadonlySignedAccounts: 0,
        numReadonlyUnsignedAccounts: 1,
      },
      staticAccountKeys: [key(1), SystemProgram.programId],
      recentBlockhash: BLOCKHASH,
      compiledInstructions: [{ programIdIndex: 1, accountKeyIndexes: [0, 2], data: transfer(5).data }],
      addressTableLookups: [{ accountKey: table.key, writableIndexes: [0], readonlyIndexes: [1] }],
    });
    const signed = new VersionedTransaction(message);
    signed.sign([keypair(1)]);
    const bytes = signed.serialize();
    const loadedAddresses = { writable: [key(3).toBytes()], readonly: [key(4).toBytes()] };
    node.bank.commit([[bytes, { meta: { loadedAddresses } }]]);
    const lookups = [{ accountKey: text(9), writableIndexes: [0], readonlyIndexes: [1] }];

    const json = await get(signatureOf(bytes), V0);
    expect(json.transaction.message.addressTableLookups).toEqual(lookups);
    expect(json.meta.loadedAddresses).toEqual({ writable: [text(3)], readonly: [text(4)] });
    const parsed = await get(signatureOf(bytes), { ...V0, encoding: 'jsonParsed' });
    expect(parsed.transaction.message.addressTableLookups).toEqual(lookups);
    expect(parsed.transaction.message.accountKeys.slice(2)).toEqual([
      { pubkey: text(3), signer: false, writable: true, source: 'lookupTable' },
      { pubkey: text(4), signer: false, writable: false, source: 'lookupTable' },
    ]);
    expect(parsed.transaction.message.instructions[0].parsed.info.destination).toBe(text(3));
  });

  it('shows token balances, return data and errors', async () => {
    const bytes = legacy([transfer(5)]);
    const balance = {
      accountIndex: 1,
      mint: key(7).toBytes(),
      owner: key(1).toBytes(),
      programId: TOKEN.toBytes(),
      amount: 2n ** 64n - 1n,
      decimals: 9,
    };
    const error = { InstructionError: [0, { Custom: 1 }] };
    node.bank.commit([
      [
        bytes,
        {
          error,
          meta: {
            preTokenBalances: [balance],
            returnData: { programId: key(3).toBytes(), data: Uint8Array.of(1, 2) },
          },
        },
      ],
    ]);
    const { meta } = await get(signatureOf(bytes), CONFIRMED);
    expect(meta).toMatchObject({
      err: error,
      status: { Err: error },
      returnData: { programId: text(3), data: ['AQI=', 'base64'] },
      preTokenBalances: [
        {
          accountIndex: 1,
          mint: text(7),
          owner: text(1),
          programId: TOKEN.toBase58(),
          uiTokenAmount: {
            amount: '18446744073709551615',
            decimals: 9,
            uiAmount: 18_446_744_073.709_553,
            uiAmountString: '18446744073.709551615',
          },
        },
      ],
    });
  });

  it('respects versions and commitments', async () => {
    const bytes = version0([transfer(5)]);
    const signature = signatureOf(bytes);
    node.bank.commit([[bytes]]);
    expect(await node.refusal('getTransaction', signature, CONFIRMED)).toEqual({
      code: -32015,
      message:
        'Transaction version (0) is not supported by the requesting client. Please try the request again ' +
        'with the following configuration parameter: "maxSupportedTransactionVersion": 0',
    });
    expect(await get(signature, { maxSupportedTransactionVersion: 0 })).toBeNull();
    node.settlement.verified = node.bank.closeBatch();
    expect(await get(signature, { maxSupportedTransactionVersion: 0 })).toMatchObject({ version: 0 });
    expect(await get(encodeBase58(new Uint8Array(64).fill(8)))).toBeNull();
    expect((await node.refusal('getTransaction', signature, { commitment: 'processed' })).message).toBe(
      'Method does not support commitment below `confirmed`',
    );
  });
});

describe('blocks', () => {
  const [one, two] = [legacy([transfer(1)]), version0([transfer(2)])];

  beforeEach(() => {
    node.bank.commit([[one], [two]]);
    node.bank.commit();
  });

  it('are given with as many details as are asked for', async () => {
    const block = (config: object) => node.call('getBlock', 1, { ...V0, ...config });
    const header = {
      previousBlockhash: encodeBase58(node.bank.getBlock(0n)!.blockhash),
      blockhash: encodeBase58(node.bank.getBlock(1n)!.blockhash),
      parentSlot: 0,
      blockTime: 1_700_000_001,
      blockHeight: 1,
    };
    expect(await block({ transactionDetails: 'none', rewards: false })).toEqual(header);
    expect(await block({ transactionDetails: 'signatures' })).toEqual({
      ...header,
      rewards: [],
      signatures: [signatureOf(one), signatureOf(two)],
    });
    const accounts = await block({ transactionDetails: 'accounts' });
    expect(accounts.transactions[1]).toEqual({
      version: 0,
      transaction: {
        signatures: [signatureOf(two)],
        accountKeys: [
          { pubkey: text(1), signer: true, writable: true, source: 'transaction' },
          { pubkey: text(2), signer: false, writable: true, source: 'transaction' },
          { pubkey: SYSTEM, signer: false, writable: false, source: 'transaction' },
        ],
      },
      meta: {
        err: null,
        status: { Ok: null },
        fee: 5_000,
        preBalances: [],
        postBalances: [],
        preTokenBalances: [],
        postTokenBalances: [],
        rewards: [],
      },
    });
    const full = await block({ encoding: 'base64' });
    expect(full.transactions.map(({ transaction }: { transaction: unknown }) => transaction)).toEqual([
      [base64(one), 'base64'],
      [base64(two), 'base64'],
    ]);
    expect((await node.refusal('getBlock', 1, CONFIRMED)).code).toBe(-32015);
  });

  it('are not there before their time, and not after it', async () => {
    expect(await node.refusal('getBlock', 3, CONFIRMED)).toEqual({
      code: -32004,
      message: 'Block not available for slot 3',
    });
    expect((await node.refusal('getBlock', 1)).code).toBe(-32004); // not verified yet
    node.settlement.verified = node.bank.closeBatch();
    expect(await node.call('getBlock', 2, V0)).toMatchObject({ blockHeight: 2 });
    node.bank.firstAvailableSlot = 2n;
    expect(await node.refusal('getBlock', 1, CONFIRMED)).toEqual({
      code: -32001,
      message: 'Block 1 cleaned up, does not exist on node. First available block: 2',
    });
    expect(await node.call('getBlockTime', 2)).toBe(1_700_000_002);
    expect((await node.refusal('getBlockTime', 3)).code).toBe(-32004);
  });

  it('are listed', async () => {
    expect(await node.call('getBlocks', 0, null, CONFIRMED)).toEqual([0, 1, 2]);
    expect(await node.call('getBlocks', 1, 1, CONFIRMED)).toEqual([1]);
    expect(await node.call('getBlocks', 1, CONFIRMED)).toEqual([1, 2]);
    expect(await node.call('getBlocks', 1)).toEqual([]);
    expect(await node.call('getBlocks', 9, 10, CONFIRMED)).toEqual([]);
    expect(await node.call('getBlocksWithLimit', 1, 1, CONFIRMED)).toEqual([1]);
    expect(await node.call('getBlocksWithLimit', 1, 9, CONFIRMED)).toEqual([1, 2]);
    expect((await node.refusal('getBlocksWithLimit', 1, 500_001, CONFIRMED)).message).toBe(
      'Limit too large; max 500000',
    );
    expect((await node.call('getBlockCommitment', 1)).commitment).toHaveLength(32);
    expect(await node.call('getBlockCommitment', 9)).toEqual({ commitment: null, totalStake: 0 });
  });
});

describe('signatures', () => {
  const all = Array.from({ length: 5 }, (_, i) => legacy([transfer(i + 1)]));
  const signatures = all.map(signatureOf);
  const search = async (config?: object) =>
    (await node.call('getSignaturesForAddress', text(2), { ...CONFIRMED, ...config })).map(
      ({ signature }: { signature: string }) => signatures.indexOf(signature),
    );

  beforeEach(() => {
    node.bank.commit([[all[0]!], [all[1]!]]);
    node.bank.commit([[all[2]!, { error: 'AccountInUse' }]]);
    node.bank.closeBatch();
    node.bank.commit([[all[3]!], [all[4]!]]);
  });

  it('have a status: confirmed in a block, finalized once the batch is verified', async () => {
    node.settlement.verified = 1n;
    const unknown = encodeBase58(new Uint8Array(64).fill(8));
    const { value } = await node.call('getSignatureStatuses', [signatures[2], signatures[3], unknown]);
    expect(value).toEqual([
      {
        slot: 2,
        confirmations: null,
        err: 'AccountInUse',
        status: { Err: 'AccountInUse' },
        confirmationStatus: 'finalized',
      },
      {
        slot: 3,
        confirmations: 0,
        err: null,
        status: { Ok: null },
        confirmationStatus: 'confirmed',
      },
      null,
    ]);
    for (let i = 0; i < 40; i++) node.bank.commit();
    const later = await node.call('getSignatureStatuses', [signatures[3]], {
      searchTransactionHistory: true,
    });
    expect(later.value[0].confirmations).toBe(31);
    expect((await node.refusal('getSignatureStatuses', Array(257).fill(unknown))).message).toBe(
      'Too many inputs provided; max 256',
    );
  });

  it('of an address are listed, newest first', async () => {
    expect(await search()).toEqual([4, 3, 2, 1, 0]);
    expect(await search({ limit: 2 })).toEqual([4, 3]);
    expect(await search({ before: signatures[3], limit: 2 })).toEqual([2, 1]);
    expect(await search({ before: signatures[4], until: signatures[1] })).toEqual([3, 2]);
    const [info] = await node.call('getSignaturesForAddress', text(2), {
      ...CONFIRMED,
      before: signatures[3],
    });
    expect(info).toEqual({
      signature: signatures[2],
      slot: 2,
      err: 'AccountInUse',
      memo: null,
      blockTime: 1_700_000_002,
      confirmationStatus: 'confirmed',
      transactionIndex: 0,
    });
  });

  it('of an address are listed up to the commitment', async () => {
    expect(await search({ commitment: 'finalized' })).toEqual([]);
    node.settlement.verified = 1n;
    expect(await search({ commitment: 'finalized' })).toEqual([2, 1, 0]);
    // Further back than one page of the newest.
    expect(await search({ commitment: 'finalized', limit: 1 })).toEqual([2]);
    expect((await node.refusal('getSignaturesForAddress', text(2), { limit: 1_001 })).message).toBe(
      'Invalid limit; max 1000',
    );
    expect((await node.refusal('getSignaturesForAddress', text(2), { limit: 0 })).code).toBe(-32602);
  });
});
