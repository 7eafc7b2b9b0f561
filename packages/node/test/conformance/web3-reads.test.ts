import {
  Keypair,
  NONCE_ACCOUNT_LENGTH,
  type ParsedAccountData,
  PublicKey,
  SystemProgram,
} from '@solana/web3.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestNode } from './support/test-node.js';
import { Web3Client } from './support/web3-client.js';

let node: TestNode;
let client: Web3Client;
let payer: Keypair;
let nonce: Keypair;
/** newest first */
let signatures: string[];
const busy = Keypair.generate().publicKey;

beforeAll(async () => {
  node = await TestNode.start();
  client = new Web3Client(node);
  payer = await client.fundedKeypair();
  nonce = Keypair.generate();
  await client.send(
    [payer, nonce],
    ...SystemProgram.createNonceAccount({
      fromPubkey: payer.publicKey,
      noncePubkey: nonce.publicKey,
      authorizedPubkey: payer.publicKey,
      lamports: await client.connection.getMinimumBalanceForRentExemption(NONCE_ACCOUNT_LENGTH),
    }).instructions,
  );
  signatures = [];
  for (let i = 0; i < 5; i++) {
    const pay = { fromPubkey: payer.publicKey, toPubkey: busy, lamports: 1_000_000 + i };
    signatures.unshift(await client.send([payer], SystemProgram.transfer(pay)));
  }
});
afterAll(() => node?.close());

describe('@solana/web3.js accounts', () => {
  it('reads them as bytes, in part, and parsed', async () => {
    const { connection } = client;
    const account = await connection.getAccountInfo(nonce.publicKey);
    expect(account?.owner).toEqual(SystemProgram.programId);
    expect(new PublicKey(account!.data.subarray(8, 40))).toEqual(payer.publicKey);
    const part = await connection.getAccountInfo(nonce.publicKey, { dataSlice: { offset: 8, length: 32 } });
    expect(part?.data).toEqual(account?.data.subarray(8, 40));

    const { value } = await connection.getParsedAccountInfo(nonce.publicKey);
    expect(value?.data).toMatchObject({ program: 'nonce', space: 80 });
    expect((value!.data as ParsedAccountData).parsed.info.authority).toBe(payer.publicKey.toBase58());

    const missing = Keypair.generate().publicKey;
    expect(await connection.getAccountInfo(missing)).toBe(null);
    const several = await connection.getMultipleAccountsInfo([nonce.publicKey, missing, busy]);
    expect(several.map((found) => found?.data.length)).toEqual([80, undefined, 0]);
    const parsed = await connection.getMultipleParsedAccounts([nonce.publicKey, busy]);
    expect(parsed.value.map((found) => found?.lamports)).toEqual([account?.lamports, 5_000_010]);
  });

  it('finds those of a program', async () => {
    const { connection } = client;
    const owner = Keypair.generate().publicKey;
    const account = Keypair.generate();
    await client.send(
      [payer, account],
      SystemProgram.createAccount({
        fromPubkey: payer.publicKey,
        newAccountPubkey: account.publicKey,
        lamports: await connection.getMinimumBalanceForRentExemption(10),
        space: 10,
        programId: owner,
      }),
    );
    const all = await connection.getProgramAccounts(owner);
    expect(all.map(({ pubkey }) => pubkey)).toEqual([account.publicKey]);
    expect(all[0]?.account.data).toEqual(Buffer.alloc(10));
    expect(await connection.getProgramAccounts(owner, { filters: [{ dataSize: 11 }] })).toEqual([]);
    expect(await connection.getParsedProgramAccounts(owner)).toHaveLength(1);
  });
});

describe('@solana/web3.js history', () => {
  it('finds the transactions of an address, page by page', async () => {
    const { connection } = client;
    const all = await connection.getSignaturesForAddress(busy);
    expect(all.map(({ signature }) => signature)).toEqual(signatures);
    const [second, third] = await connection.getSignaturesForAddress(busy, {
      before: signatures[0]!,
      limit: 2,
    });
    expect([second?.signature, third?.signature]).toEqual(signatures.slice(1, 3));
    const newer = await connection.getSignaturesForAddress(busy, { until: signatures[2]! });
    expect(newer.map(({ signature }) => signature)).toEqual(signatures.slice(0, 2));
  });

  it('tells the state of signatures', async () => {
    const { connection } = client;
    const unknown = '1'.repeat(64);
    const { value } = await connection.getSignatureStatuses([signatures[0]!, unknown], {
      searchTransactionHistory: true,
    });
    expect(value[0]).toMatchObject({ err: null });
    expect(value[1]).toBe(null);
    const found = await connection.getTransactions(signatures, { maxSupportedTransactionVersion: 0 });
    expect(found.map((transaction) => transaction?.transaction.signatures[0])).toEqual(signatures);
    const parsed = await connection.getParsedTransactions(signatures, { maxSupportedTransactionVersion: 0 });
    expect(parsed.every((transaction) => transaction?.meta?.err === null)).toBe(true);
  });

  it('reads blocks', async () => {
    const { connection } = client;
    const { slot, blockTime } = (await connection.getSignaturesForAddress(busy, { limit: 1 }))[0]!;
    const block = await connection.getBlock(slot, { maxSupportedTransactionVersion: 0 });
    expect(block?.blockTime).toBe(blockTime);
    expect(block?.parentSlot).toBe(slot - 1);
    expect(block?.transactions.map(({ transaction }) => transaction.signatures[0])).toContain(signatures[0]);
    const parent = await connection.getBlock(slot - 1, { maxSupportedTransactionVersion: 0 });
    expect(block?.previousBlockhash).toBe(parent?.blockhash);
    const parsed = await connection.getParsedBlock(slot, { maxSupportedTransactionVersion: 0 });
    expect(JSON.stringify(parsed.transactions)).toContain(busy.toBase58());
    const names = await connection.getBlockSignatures(slot);
    expect(names.signatures).toContain(signatures[0]);
    expect(await connection.getBlockTime(slot)).toBe(blockTime);
    expect(await connection.getBlocks(slot - 1, slot)).toEqual([slot - 1, slot]);
    expect(await connection.getFirstAvailableBlock()).toBeLessThanOrEqual(slot);
  });
});

describe('@solana/web3.js cluster', () => {
  it('tells what it is and where it stands', async () => {
    const { connection } = client;
    expect((await connection.getVersion())['solana-core']).toMatch(/^\d+\.\d+\.\d+/);
    expect(await connection.getGenesisHash()).toMatch(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/);
    const info = await connection.getEpochInfo();
    expect(info.absoluteSlot).toBeGreaterThan(0);
    expect((await connection.getEpochSchedule()).slotsPerEpoch).toBe(info.slotsInEpoch);
    expect(await connection.getTransactionCount()).toBeGreaterThan(5);
    const nodes = await connection.getClusterNodes();
    expect(await connection.getSlotLeader()).toBe(nodes[0]?.pubkey);
    const leaders = await connection.getSlotLeaders(info.absoluteSlot, 2);
    expect(leaders.map((leader) => leader.toBase58())).toEqual([nodes[0]?.pubkey, nodes[0]?.pubkey]);
    expect((await connection.getVoteAccounts()).delinquent).toEqual([]);
    expect(
      (await connection.getSupply({ excludeNonCirculatingAccountsList: true })).value.total,
    ).toBeGreaterThan(0);
    expect((await connection.getRecentPerformanceSamples(2)).length).toBeLessThanOrEqual(2);
    expect(await connection.getRecentPrioritizationFees()).toBeInstanceOf(Array);
    expect((await connection.getBlockProduction()).value.range.firstSlot).toBeGreaterThanOrEqual(0);
    expect(await connection.getMinimumLedgerSlot()).toBeGreaterThanOrEqual(0);
    expect((await connection.getStakeMinimumDelegation()).value).toBeGreaterThanOrEqual(0);
    expect((await connection.getInflationRate()).total).toBe(0);
    expect((await connection.getInflationGovernor()).initial).toBe(0);
  });
});
