import { silentLogger } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ExecutorNotLoadedError,
  LAMPORTS_PER_SIGNATURE as FEE,
  ProcessExecutor,
  RENT_EXEMPT_MINIMUM as RENT,
  systemAccount,
  TransactionDecodeError,
} from '../src/index.js';
import { address, type TransferParts, transfer } from './wire.js';

const SOL = 1_000_000_000n;
const COLLECTOR = 'collector';

describe('ProcessExecutor', () => {
  let executor: ProcessExecutor;
  beforeAll(() => {
    executor = new ProcessExecutor({}, { logger: silentLogger });
  });
  afterAll(() => executor.close());

  const load = (balances: Record<string, bigint>) =>
    executor.reset(
      Object.entries({ [COLLECTOR]: SOL, ...balances }).map(([name, lamports]): [Uint8Array, Account] => [
        address(name),
        systemAccount(lamports),
      ]),
    );
  /** Outcomes of one block and balances after it; null for accounts that do not exist. */
  const run = async (...transfers: TransferParts[]) => {
    const { outcomes, accounts } = await executor.executeBlock({
      slot: 1n,
      unixTimestamp: 1_700_000_000n,
      transactions: transfers.map(transfer),
      verifySignatures: true,
      collector: address(COLLECTOR),
    });
    const balance = (name: string) => {
      const found = accounts.find(([key]) => Buffer.compare(key, address(name)) === 0);
      return found?.[1]?.lamports ?? null;
    };
    return { outcomes, outcome: outcomes[0]!, balance, accounts };
  };

  beforeEach(() => load({ alice: SOL, bob: SOL }));

  it('moves lamports, charges the fee, and credits the collector', async () => {
    const { outcome, balance } = await run({ from: 'alice', to: 'bob', lamports: 7n });
    expect(outcome).toMatchObject({ status: 'ok', feeLamports: FEE, computeUnits: 150n });
    expect(outcome.error).toBeUndefined();
    expect(outcome.logs).toEqual([
      'Program 11111111111111111111111111111111 invoke [1]',
      'Program 11111111111111111111111111111111 success',
    ]);
    expect([balance('alice'), balance('bob'), balance(COLLECTOR)]).toEqual([
      SOL - 7n - FEE,
      SOL + 7n,
      SOL + FEE,
    ]);
  });

  it('creates accounts with the rent epoch that the state tree expects', async () => {
    const { accounts } = await run({ from: 'alice', to: 'new', lamports: RENT });
    const created = accounts.find(([key]) => Buffer.compare(key, address('new')) === 0)?.[1];
    expect(created).toEqual(systemAccount(RENT));
  });

  it('fails with the fee when the source has too little', async () => {
    const { outcome, balance } = await run({ from: 'alice', to: 'bob', lamports: 2n * SOL });
    expect(outcome).toMatchObject({
      status: 'failed',
      feeLamports: FEE,
      error: { InstructionError: [0, { Custom: 1 }] },
    });
    expect([balance('alice'), balance('bob'), balance(COLLECTOR)]).toEqual([SOL - FEE, SOL, SOL + FEE]);
  });

  it('fails with the fee when a new recipient would pay rent', async () => {
    const { outcome, balance } = await run({ from: 'alice', to: 'new', lamports: RENT - 1n });
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { InsufficientFundsForRent: { account_index: 1 } },
    });
    expect([balance('alice'), balance('new')]).toEqual([SOL - FEE, null]);
  });

  it('deletes a payer that is drained to zero', async () => {
    const { outcome, balance } = await run({ from: 'alice', to: 'bob', lamports: SOL - FEE });
    expect(outcome.status).toBe('ok');
    expect([balance('alice'), balance('bob')]).toEqual([null, 2n * SOL - FEE]);
  });

  it('fails when the payer would be left between zero and the rent minimum', async () => {
    const { outcome, balance } = await run({ from: 'alice', to: 'bob', lamports: SOL - FEE - 1n });
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { InsufficientFundsForRent: { account_index: 0 } },
    });
    expect([balance('alice'), balance('bob')]).toEqual([SOL - FEE, SOL]);
  });

  it('lets an account transfer to itself', async () => {
    const { outcome, balance } = await run({ from: 'alice', to: 'alice', lamports: 5n });
    expect(outcome.status).toBe('ok');
    expect(balance('alice')).toBe(SOL - FEE);
  });

  it('takes the fee of two signatures from a payer that is not the source', async () => {
    const { outcome, balance } = await run({ payer: 'bob', from: 'alice', to: 'new', lamports: RENT });
    expect(outcome).toMatchObject({ status: 'ok', feeLamports: 2n * FEE });
    expect([balance('alice'), balance('bob'), balance('new')]).toEqual([SOL - RENT, SOL - 2n * FEE, RENT]);
  });

  it('fails when the recipient is read-only', async () => {
    const { outcome, balance } = await run({ from: 'alice', to: 'bob', lamports: 5n, readonlyTo: true });
    expect(outcome).toMatchObject({
      status: 'failed',
      error: { InstructionError: [0, 'ReadonlyLamportChange'] },
    });
    expect(balance('alice')).toBe(SOL - FEE);
  });

  it('rejects, at no cost, what no block may contain', async () => {
    await load({ poor: FEE - 1n, thin: RENT + FEE - 1n, bob: SOL });
    const { outcomes, balance } = await run(
      { from: 'nobody', to: 'bob', lamports: 1n },
      { from: 'poor', to: 'bob', lamports: 1n },
      { from: 'thin', to: 'bob', lamports: 1n },
    );
    expect(outcomes.map(({ status, error, feeLamports }) => [status, error, feeLamports])).toEqual([
      ['rejected', 'AccountNotFound', 0n],
      ['rejected', 'InsufficientFundsForFee', 0n],
      ['rejected', { InsufficientFundsForRent: { account_index: 0 } }, 0n],
    ]);
    expect([balance('poor'), balance('thin'), balance('bob'), balance(COLLECTOR)]).toEqual([
      FEE - 1n,
      RENT + FEE - 1n,
      SOL,
      SOL,
    ]);
  });

  it('rejects wrong signatures, and takes any when told not to verify', async () => {
    const bytes = transfer({ from: 'alice', to: 'bob', lamports: 1n });
    bytes[5]! ^= 1;
    const block = { slot: 1n, unixTimestamp: 0n, transactions: [bytes], collector: address(COLLECTOR) };
    const checked = await executor.executeBlock({ ...block, verifySignatures: true });
    expect(checked.outcomes[0]).toMatchObject({
      status: 'rejected',
      error: 'SignatureFailure',
      feeLamports: 0n,
    });
    const unchecked = await executor.executeBlock({ ...block, verifySignatures: false });
    expect(unchecked.outcomes[0]).toMatchObject({ status: 'ok' });
  });

  it('burns fees that would leave the collector below its rent minimum', async () => {
    await executor.reset([[address('alice'), systemAccount(SOL)]]);
    const { balance } = await run({ from: 'alice', to: 'alice', lamports: 0n });
    expect([balance('alice'), balance(COLLECTOR)]).toEqual([SOL - FEE, null]);
    await executor.reset([
      [address('alice'), systemAccount(SOL)],
      [address(COLLECTOR), systemAccount(RENT - FEE)],
    ]);
    expect((await run({ from: 'alice', to: 'alice', lamports: 0n })).balance(COLLECTOR)).toBe(RENT);
  });

  it('credits the fees at the end of the block, not before', async () => {
    const { outcomes } = await run(
      { from: 'alice', to: 'bob', lamports: 1n },
      { from: COLLECTOR, to: 'bob', lamports: SOL },
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['ok', 'failed']);
  });

  it('never shows the engine bytes that are not canonical', async () => {
    const bytes = transfer({ from: 'alice', to: 'bob', lamports: 1n });
    const block = { slot: 1n, unixTimestamp: 0n, verifySignatures: true, collector: address(COLLECTOR) };
    for (const transactions of [
      [new Uint8Array()],
      [bytes, Uint8Array.of(...bytes, 0)],
      [bytes.subarray(0, 90)],
    ])
      await expect(executor.executeBlock({ ...block, transactions })).rejects.toThrow(TransactionDecodeError);
    expect(executor.needsReset).toBe(false);
    expect((await run({ from: 'alice', to: 'bob', lamports: 1n })).balance('alice')).toBe(SOL - FEE - 1n);
  });
});

describe('ProcessExecutor that loses its process', () => {
  const block = {
    slot: 3n,
    unixTimestamp: 0n,
    transactions: [transfer({ from: 'alice', to: 'bob', lamports: 1n })],
    verifySignatures: true,
    collector: address(COLLECTOR),
  };
  const accounts: [Uint8Array, Account][] = [
    [address('alice'), systemAccount(SOL)],
    [address('bob'), systemAccount(SOL)],
  ];
  let executor: ProcessExecutor;
  afterEach(() => executor.close());

  it('kills one that does not answer in time', async () => {
    executor = new ProcessExecutor({ deadlineMs: 2_000 }, { logger: silentLogger });
    await executor.reset(accounts);
    process.kill(executor.processId!, 'SIGSTOP');
    const before = executor.processId;
    await expect(executor.executeBlock(block)).rejects.toThrow(
      expect.objectContaining({
        code: 'EXECUTOR_CRASHED',
        message: expect.stringContaining(
          'executing block 3 with 1 transactions: it took longer than 2000 ms',
        ),
      }),
    );
    expect(executor.needsReset).toBe(true);
    await expect(executor.executeBlock(block)).rejects.toThrow(ExecutorNotLoadedError);
    await executor.reset(accounts);
    expect(executor.processId).not.toBe(before);
    expect((await executor.executeBlock(block)).outcomes[0]).toMatchObject({ status: 'ok' });
  });

  it('reports what the dying process said', async () => {
    executor = new ProcessExecutor({}, { logger: silentLogger });
    // An owner that is not an address makes the engine refuse the account.
    const broken = { ...systemAccount(1n), owner: new Uint8Array(5) };
    await expect(executor.reset([[address('alice'), broken]])).rejects.toThrow(
      expect.objectContaining({
        code: 'EXECUTOR_CRASHED',
        details: expect.objectContaining({ doing: 'loading 1 accounts' }),
      }),
    );
    expect(executor.needsReset).toBe(true);
    await executor.reset(accounts);
    expect(executor.needsReset).toBe(false);
  });

  it('has no use after close, which may come twice', async () => {
    executor = new ProcessExecutor({}, { logger: silentLogger });
    await executor.reset(accounts);
    await executor.close();
    await executor.close();
    await expect(executor.reset(accounts)).rejects.toThrow(ExecutorNotLoadedError);
  });
});
