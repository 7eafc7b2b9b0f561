import { getAccount, getMint } from '@solana/spl-token';
import {
  Connection,
  SendTransactionError,
  SystemProgram,
  Transaction,
  VersionedTransaction,
} from '@solana/web3.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFake } from '../fakes.js';
import { key, legacy, putMint, putTokenAccount, signatureOf, TOKEN, text, version0 } from './fixtures.js';

/** An unmodified @solana/web3.js 1.98.4, which checks the shape of every answer, on a bank in memory. */

const transfer = SystemProgram.transfer({ fromPubkey: key(1), toPubkey: key(2), lamports: 5 });
const memo = { programId: key(9), keys: [], data: Buffer.of(1) };
const [one, two] = [legacy([transfer]), version0([transfer, memo])];
const V0 = { commitment: 'confirmed', maxSupportedTransactionVersion: 0 } as const;

let node: Awaited<ReturnType<typeof openFake>>;
let connection: Connection;

beforeAll(async () => {
  node = await openFake({ faucet: { secretKey: new Uint8Array(32).fill(1) } });
  connection = new Connection(node.server.url, 'confirmed');
  const { bank } = node;
  bank.put(text(1), { lamports: 1_000n });
  putMint(bank, key(7));
  putTokenAccount(bank, key(8), { mint: key(7), owner: key(1), amount: 150n, delegate: key(2) });
  const tokenBalance = {
    accountIndex: 1,
    mint: key(7).toBytes(),
    owner: key(1).toBytes(),
    programId: TOKEN.toBytes(),
    amount: 150n,
    decimals: 2,
  };
  bank.commit([
    [
      one,
      {
        meta: {
          logs: ['log'],
          preBalances: [1n, 2n, 3n],
          postBalances: [1n, 2n, 3n],
          preTokenBalances: [tokenBalance],
          postTokenBalances: [tokenBalance],
          returnData: { programId: key(3).toBytes(), data: Uint8Array.of(1) },
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
              ],
            },
          ],
        },
      },
    ],
    [two, { error: { InstructionError: [1, 'InvalidArgument'] } }],
  ]);
  node.settlement.verified = bank.closeBatch();
  for (let i = 0; i < 100; i++) bank.commit();
});
afterAll(() => node.server.close());

describe('web3.js', () => {
  it('reads the node and the chain', async () => {
    expect(await connection.getSlot('finalized')).toBe(1);
    expect(await connection.getBlockHeight()).toBe(101);
    expect(await connection.getTransactionCount()).toBe(2);
    expect((await connection.getEpochInfo()).slotsInEpoch).toBe(432_000);
    expect((await connection.getEpochSchedule()).warmup).toBe(false);
    expect(await connection.getGenesisHash()).toBeTypeOf('string');
    expect((await connection.getVersion())['solana-core']).toBe('4.3.0');
    expect(await connection.getClusterNodes()).toHaveLength(1);
    expect((await connection.getVoteAccounts()).current).toHaveLength(1);
    const identity = await connection.getSlotLeader();
    expect((await connection.getSlotLeaders(1, 2))[1]?.toBase58()).toBe(identity);
    expect((await connection.getBlockProduction()).value.byIdentity[identity]).toEqual([102, 102]);
    expect((await connection.getInflationGovernor()).initial).toBe(0);
    expect((await connection.getInflationRate()).total).toBe(0);
    expect(await connection.getInflationReward([key(1)])).toEqual([null]);
    expect((await connection.getSupply()).value.total).toBe(1_000_000_000);
    expect(await connection.getRecentPerformanceSamples(1)).toHaveLength(1);
    expect(await connection.getFirstAvailableBlock()).toBe(0);
    expect(await connection.getMinimumLedgerSlot()).toBe(0);
    expect((await connection.getStakeMinimumDelegation()).value).toBe(1);
    expect(await connection.getMinimumBalanceForRentExemption(0)).toBe(890_880);
    expect(await connection.getRecentPrioritizationFees()).toHaveLength(1);
  });

  it('reads accounts', async () => {
    expect(await connection.getBalance(key(1))).toBe(1_000);
    expect((await connection.getAccountInfo(key(8)))?.data).toHaveLength(165);
    const parsed = await connection.getParsedAccountInfo(key(8));
    expect(parsed.value?.data).toMatchObject({ program: 'spl-token', parsed: { type: 'account' } });
    expect((await connection.getParsedAccountInfo(key(1))).value?.data).toHaveLength(0);
    expect(await connection.getMultipleAccountsInfo([key(1), key(6)])).toEqual([expect.anything(), null]);
    const several = await connection.getMultipleParsedAccounts([key(1), key(7), key(8)]);
    expect(several.value.map((account) => 'parsed' in account!.data)).toEqual([false, true, true]);
    const filters = [{ dataSize: 165 }, { memcmp: { offset: 32, bytes: text(1) } }];
    expect(await connection.getProgramAccounts(TOKEN, { filters })).toHaveLength(1);
    expect((await connection.getProgramAccounts(TOKEN, { filters, withContext: true })).value).toHaveLength(
      1,
    );
    expect(await connection.getParsedProgramAccounts(TOKEN)).toHaveLength(2);
    expect((await connection.getNonce(key(1)).catch((e: Error) => e.message)) ?? '').toMatch(/nonce/i);
  });

  it('reads tokens, also through spl-token', async () => {
    const mint = { mint: key(7) };
    expect((await connection.getTokenAccountBalance(key(8))).value.uiAmountString).toBe('1.5');
    expect((await connection.getTokenSupply(key(7))).value.amount).toBe('1000');
    expect((await connection.getTokenLargestAccounts(key(7))).value[0]?.amount).toBe('150');
    expect((await connection.getTokenAccountsByOwner(key(1), mint)).value).toHaveLength(1);
    expect((await connection.getParsedTokenAccountsByOwner(key(1), mint)).value).toHaveLength(1);
    expect((await getAccount(connection, key(8))).amount).toBe(150n);
    expect((await getMint(connection, key(7))).decimals).toBe(2);
  });

  it('reads transactions', async () => {
    const signatures = [signatureOf(one), signatureOf(two)];
    const [first, second] = await connection.getTransactions(signatures, V0);
    expect(first?.meta?.innerInstructions?.[0]?.instructions).toHaveLength(1);
    expect(second).toMatchObject({ version: 0 });
    expect(second?.meta?.err).toEqual({ InstructionError: [1, 'InvalidArgument'] });
    const parsed = await connection.getParsedTransactions(signatures, V0);
    expect(parsed[0]?.transaction.message.instructions[0]).toMatchObject({
      program: 'system',
      parsed: { type: 'transfer', info: { source: text(1), lamports: 5 } },
    });
    expect(parsed[1]?.transaction.message.instructions[1]).toMatchObject({ accounts: [] });
    expect(parsed[0]?.meta?.preTokenBalances?.[0]?.uiTokenAmount.uiAmountString).toBe('1.5');
    expect((await connection.getSignatureStatuses(signatures)).value[0]?.confirmationStatus).toBe(
      'finalized',
    );
    const infos = await connection.getSignaturesForAddress(key(2));
    expect(infos.map(({ signature }) => signature)).toEqual([...signatures].reverse());
  });

  it('reads blocks', async () => {
    expect((await connection.getBlock(1, V0))?.transactions).toHaveLength(2);
    const details = (transactionDetails: 'accounts' | 'none') =>
      connection.getBlock(1, { ...V0, transactionDetails } as never);
    expect(await details('accounts')).toBeTruthy();
    expect(await details('none')).toBeTruthy();
    expect((await connection.getParsedBlock(1, V0)).transactions).toHaveLength(2);
    expect(
      await connection.getParsedBlock(1, { ...V0, transactionDetails: 'accounts' } as never),
    ).toBeTruthy();
    expect((await connection.getBlockSignatures(1)).signatures).toHaveLength(2);
    expect(await connection.getBlocks(0, 2)).toEqual([0, 1, 2]);
    expect(await connection.getBlockTime(1)).toBe(1_700_000_001);
  });

  it('sends, simulates and asks for fees', async () => {
    const { blockhash } = await connection.getLatestBlockhash();
    expect((await connection.isBlockhashValid(blockhash)).value).toBe(true);
    const transaction = new Transaction({ feePayer: key(1), recentBlockhash: blockhash }).add(transfer);
    expect(await transaction.getEstimatedFee(connection)).toBe(5_000);
    expect(await connection.sendRawTransaction(one)).toBe(signatureOf(one));
    expect(await connection.requestAirdrop(key(2), 5)).toBeTypeOf('string');
    const { value } = await connection.simulateTransaction(VersionedTransaction.deserialize(two), {
      innerInstructions: true,
      accounts: { encoding: 'base64', addresses: [text(1)] },
    });
    expect(value).toMatchObject({ err: null, unitsConsumed: 150 });
    node.bank.simulation = {
      error: { InstructionError: [0, { Custom: 1 }] },
      meta: {
        logs: ['Program log: no'],
        innerInstructions: [],
        preBalances: [],
        postBalances: [],
        preTokenBalances: [],
        postTokenBalances: [],
        loadedAddresses: { writable: [], readonly: [] },
      },
    };
    const error = await connection.sendRawTransaction(one).catch((e: unknown) => e);
    node.bank.simulation = {};
    expect(error).toBeInstanceOf(SendTransactionError);
    expect((error as SendTransactionError).transactionError).toMatchObject({
      message: 'Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1',
      logs: ['Program log: no'],
    });
  });
});
