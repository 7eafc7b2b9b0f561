import { Zstd } from '@hpcc-js/wasm-zstd';
import {
  type Address,
  address,
  assertAccountExists,
  fetchEncodedAccount,
  fetchEncodedAccounts,
  fetchJsonParsedAccount,
  generateKeyPairSigner,
  getAddressEncoder,
  getBase58Decoder,
  getBase58Encoder,
  getBase64Encoder,
  getTransactionDecoder,
  lamports,
  type Signature,
  type TransactionSigner,
} from '@solana/kit';
import {
  getCreateAccountInstruction,
  getInitializeNonceAccountInstruction,
  getTransferSolInstruction,
} from '@solana-program/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KitClient } from './support/kit-client.js';
import { TestNode } from './support/test-node.js';

const SYSTEM = '11111111111111111111111111111111' as Address;
const TOKEN = address('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
const CLOCK = address('SysvarC1ock11111111111111111111111111111111');
const MAX_U64 = 2n ** 64n - 1n;

interface Clock {
  slot: bigint;
  unixTimestamp: bigint;
}

let node: TestNode;
let client: KitClient;
let payer: TransactionSigner;
/** 80 bytes of data */
let nonce: TransactionSigner;
let destination: Address;
/** a transfer */
let signature: Signature;

beforeAll(async () => {
  node = await TestNode.start();
  client = new KitClient(node);
  payer = await client.fundedSigner();
  nonce = await generateKeyPairSigner();
  await client.send(payer, [
    getCreateAccountInstruction({
      payer,
      newAccount: nonce,
      lamports: await client.rpc.getMinimumBalanceForRentExemption(80n).send(),
      space: 80n,
      programAddress: SYSTEM,
    }),
    getInitializeNonceAccountInstruction({ nonceAccount: nonce.address, nonceAuthority: payer.address }),
  ]);
  destination = (await generateKeyPairSigner()).address;
  signature = await client.send(payer, [
    getTransferSolInstruction({ source: payer, destination, amount: lamports(7_000_000n) }),
  ]);
});
afterAll(() => node?.close());

describe('@solana/kit accounts', () => {
  it('in every encoding', async () => {
    const account = await fetchEncodedAccount(client.rpc, nonce.address, { commitment: 'confirmed' });
    assertAccountExists(account);
    expect(account).toMatchObject({ programAddress: SYSTEM, executable: false, space: 80n });
    expect(account.data.slice(8, 40)).toEqual(getAddressEncoder().encode(payer.address));

    const read = async (encoding: 'base58' | 'base64' | 'base64+zstd') => {
      const { value } = await client.rpc
        .getAccountInfo(nonce.address, { encoding: encoding as 'base64', commitment: 'confirmed' })
        .send();
      return value?.data as unknown as [string, string];
    };
    const [base64, base64Name] = await read('base64');
    expect(base64Name).toBe('base64');
    expect(new Uint8Array(Buffer.from(base64, 'base64'))).toEqual(account.data);
    const [base58, base58Name] = await read('base58');
    expect(base58Name).toBe('base58');
    expect(getBase58Encoder().encode(base58)).toEqual(account.data);
    const [compressed, compressedName] = await read('base64+zstd');
    expect(compressedName).toBe('base64+zstd');
    const zstd = await Zstd.load();
    expect(new Uint8Array(zstd.decompress(Buffer.from(compressed, 'base64')))).toEqual(account.data);

    expect(await fetchJsonParsedAccount(client.rpc, nonce.address)).toMatchObject({
      exists: true,
      data: { authority: payer.address },
    });
  });

  it('in part, several at once, and none where there is none', async () => {
    const { value } = await client.rpc
      .getAccountInfo(nonce.address, { encoding: 'base64', dataSlice: { offset: 8, length: 32 } })
      .send();
    expect(value?.space).toBe(80n);
    expect(new Uint8Array(getBase64Encoder().encode(value!.data[0]))).toEqual(
      getAddressEncoder().encode(payer.address),
    );
    const missing = (await generateKeyPairSigner()).address;
    const accounts = await fetchEncodedAccounts(client.rpc, [nonce.address, missing, destination]);
    expect(accounts.map(({ exists }) => exists)).toEqual([true, false, true]);
    expect((await client.rpc.getBalance(missing).send()).value).toBe(0n);
  });

  it('of programs and sysvars', async () => {
    const token = await fetchEncodedAccount(client.rpc, TOKEN);
    assertAccountExists(token);
    expect(token.executable).toBe(true);
    const clock = await client.rpc.getAccountInfo(CLOCK, { encoding: 'jsonParsed' }).send();
    expect(clock.value?.data).toMatchObject({ program: 'sysvar', parsed: { type: 'clock' } });
    const { slot, unixTimestamp } = (clock.value!.data as unknown as { parsed: { info: Clock } }).parsed.info;
    expect(slot).toBeGreaterThan(0n);
    expect(Math.abs(Number(unixTimestamp) - Date.now() / 1000)).toBeLessThan(60);
  });

  it('of a program, through filters', async () => {
    const owner = address('Watched111111111111111111111111111111111111');
    const [a, b] = await Promise.all([generateKeyPairSigner(), generateKeyPairSigner()]);
    for (const [newAccount, space] of [
      [a, 8n],
      [b, 24n],
    ] as const) {
      const rent = await client.rpc.getMinimumBalanceForRentExemption(space).send();
      await client.send(payer, [
        getCreateAccountInstruction({ payer, newAccount, lamports: rent, space, programAddress: owner }),
      ]);
    }
    const all = await client.rpc
      .getProgramAccounts(owner, { encoding: 'base64', commitment: 'confirmed' })
      .send();
    expect(new Set(all.map(({ pubkey }) => pubkey))).toEqual(new Set([a.address, b.address]));
    const zeros = getBase58Decoder().decode(new Uint8Array(4));
    const filtered = await client.rpc
      .getProgramAccounts(owner, {
        encoding: 'base64',
        commitment: 'confirmed',
        withContext: true,
        dataSlice: { offset: 0, length: 2 },
        filters: [{ dataSize: 24n }, { memcmp: { offset: 20n, bytes: zeros as never, encoding: 'base58' } }],
      })
      .send();
    expect(filtered.value).toHaveLength(1);
    expect(filtered.value[0]).toMatchObject({
      pubkey: b.address,
      account: { data: ['AAA=', 'base64'], space: 24n },
    });
  });

  it('with every digit of large numbers', async () => {
    const params = [nonce.address, { encoding: 'base64' }];
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getAccountInfo', params });
    const headers = { 'content-type': 'application/json' };
    const text = await (await fetch(node.url, { method: 'POST', headers, body })).text();
    expect(text).toContain(`"rentEpoch":${MAX_U64}`);
  });
});

describe('@solana/kit history', () => {
  it('reads a transaction in every encoding', async () => {
    const config = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 } as const;
    const base64 = await client.rpc.getTransaction(signature, { ...config, encoding: 'base64' }).send();
    const bytes = getBase64Encoder().encode(base64!.transaction[0]);
    expect(Object.keys(getTransactionDecoder().decode(bytes).signatures)).toEqual([payer.address]);
    expect(base64).toMatchObject({ version: 0, meta: { err: null, fee: 5000n, computeUnitsConsumed: 150n } });

    const base58 = await client.rpc.getTransaction(signature, { ...config, encoding: 'base58' }).send();
    expect(getBase58Encoder().encode(base58!.transaction[0])).toEqual(bytes);

    const json = await client.rpc.getTransaction(signature, { ...config, encoding: 'json' }).send();
    expect(json?.transaction.message.accountKeys).toEqual([payer.address, destination, SYSTEM]);
    expect(json?.transaction.message.header).toEqual({
      numRequiredSignatures: 1,
      numReadonlySignedAccounts: 0,
      numReadonlyUnsignedAccounts: 1,
    });
    expect(json?.transaction.signatures).toEqual([signature]);

    const parsed = await client.rpc.getTransaction(signature, { ...config, encoding: 'jsonParsed' }).send();
    expect(parsed?.transaction.message.instructions).toMatchObject([
      {
        program: 'system',
        programId: SYSTEM,
        parsed: {
          type: 'transfer',
          info: { source: payer.address, destination, lamports: 7_000_000n },
        },
      },
    ]);
    expect(parsed?.transaction.message.accountKeys).toEqual([
      { pubkey: payer.address, signer: true, source: 'transaction', writable: true },
      { pubkey: destination, signer: false, source: 'transaction', writable: true },
      { pubkey: SYSTEM, signer: false, source: 'transaction', writable: false },
    ]);
    const { preBalances, postBalances } = parsed!.meta!;
    expect(postBalances[1]! - preBalances[1]!).toBe(7_000_000n);
    expect(preBalances[0]! - postBalances[0]!).toBe(7_005_000n);
  });

  it('finds transactions of an address, and their block', async () => {
    const found = await client.rpc.getSignaturesForAddress(destination, { commitment: 'confirmed' }).send();
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ signature, err: null, memo: null });
    const { slot, blockTime } = found[0]!;
    const config = { commitment: 'confirmed', maxSupportedTransactionVersion: 0, rewards: false } as const;
    const full = await client.rpc.getBlock(slot, { ...config, transactionDetails: 'full' }).send();
    expect(full).toMatchObject({ blockHeight: slot, blockTime, parentSlot: slot - 1n });
    expect(full?.transactions.map(({ transaction }) => transaction.signatures[0])).toContain(signature);
    const names = await client.rpc.getBlock(slot, { ...config, transactionDetails: 'signatures' }).send();
    expect(names?.signatures).toContain(signature);
    const none = await client.rpc.getBlock(slot, { ...config, transactionDetails: 'none' }).send();
    expect(none?.blockhash).toBe(full?.blockhash);
    const accounts = await client.rpc.getBlock(slot, { ...config, transactionDetails: 'accounts' }).send();
    expect(accounts?.transactions[0]?.transaction.accountKeys.map(({ pubkey }) => pubkey)).toContain(SYSTEM);
    expect(await client.rpc.getBlockTime(slot).send()).toBe(blockTime);
    expect(await client.rpc.getBlocks(slot, slot, { commitment: 'confirmed' }).send()).toEqual([slot]);
    expect(await client.rpc.getBlocksWithLimit(slot, 2, { commitment: 'confirmed' }).send()).toContain(slot);
    expect(await client.rpc.getTransactionCount({ commitment: 'confirmed' }).send()).toBeGreaterThan(1n);
  });
});

describe('@solana/kit cluster', () => {
  it('tells what it is', async () => {
    const { rpc } = client;
    expect(await rpc.getHealth().send()).toBe('ok');
    expect((await rpc.getVersion().send())['solana-core']).toMatch(/^\d+\.\d+\.\d+/);
    expect(getBase58Encoder().encode(await rpc.getGenesisHash().send())).toHaveLength(32);
    const { identity } = await rpc.getIdentity().send();
    const nodes = await rpc.getClusterNodes().send();
    expect(nodes.map(({ pubkey }) => pubkey)).toEqual([identity]);
    const slot = await rpc.getSlot({ commitment: 'confirmed' }).send();
    expect(await rpc.getSlotLeader().send()).toBe(identity);
    expect(await rpc.getSlotLeaders(slot, 3).send()).toEqual([identity, identity, identity]);
    const votes = await rpc.getVoteAccounts().send();
    expect(votes.delinquent).toEqual([]);
  });

  it('keeps slots, heights and epochs consistent', async () => {
    const { rpc } = client;
    const confirmed = { commitment: 'confirmed' } as const;
    const before = await rpc.getSlot(confirmed).send();
    const info = await rpc.getEpochInfo(confirmed).send();
    const after = await rpc.getBlockHeight(confirmed).send();
    expect(info.absoluteSlot).toBeGreaterThanOrEqual(before);
    expect(info.blockHeight).toBe(info.absoluteSlot);
    expect(after).toBeGreaterThanOrEqual(info.blockHeight);
    const schedule = await rpc.getEpochSchedule().send();
    expect(schedule).toMatchObject({ warmup: false, firstNormalEpoch: 0n });
    expect(info.slotsInEpoch).toBe(schedule.slotsPerEpoch);
    expect(info.epoch * info.slotsInEpoch + info.slotIndex).toBe(info.absoluteSlot);
    const { value } = await rpc.getLatestBlockhash(confirmed).send();
    // A hash is good for 150 blocks after its own.
    expect(value.lastValidBlockHeight - after).toBeGreaterThanOrEqual(148n);
    expect(value.lastValidBlockHeight - before).toBeLessThanOrEqual(400n);
    expect((await rpc.isBlockhashValid(value.blockhash, confirmed).send()).value).toBe(true);
    expect((await rpc.isBlockhashValid(payer.address as never, confirmed).send()).value).toBe(false);
    expect(await rpc.getFirstAvailableBlock().send()).toBeLessThanOrEqual(after);
    expect(await rpc.minimumLedgerSlot().send()).toBeLessThanOrEqual(after);
  });

  it('answers what wallets and explorers ask', async () => {
    const { rpc } = client;
    const { value: supply } = await rpc.getSupply({ excludeNonCirculatingAccountsList: true }).send();
    expect(supply.total).toBe(supply.circulating + supply.nonCirculating);
    expect(await rpc.getMinimumBalanceForRentExemption(0n).send()).toBe(890_880n);
    expect(await rpc.getMinimumBalanceForRentExemption(165n).send()).toBe(2_039_280n);
    const samples = await rpc.getRecentPerformanceSamples(5).send();
    expect(samples.length).toBeLessThanOrEqual(5);
    expect((await rpc.getBlockCommitment(1n).send()).totalStake).toBeGreaterThanOrEqual(0n);
    expect((await rpc.getBlockProduction().send()).value.range.firstSlot).toBeGreaterThanOrEqual(0n);
    expect((await rpc.getStakeMinimumDelegation().send()).value).toBeGreaterThanOrEqual(0n);
    expect(await rpc.getInflationRate().send()).toMatchObject({ total: 0 });
    expect(await rpc.getLeaderSchedule().send()).not.toBe(undefined);
    expect(await rpc.getMaxRetransmitSlot().send()).toBeGreaterThan(0n);
    expect(await rpc.getMaxShredInsertSlot().send()).toBeGreaterThan(0n);
  });
});
