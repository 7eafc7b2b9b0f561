import { silentLogger } from '@polyproof/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExecutorCrashedError } from '../../src/index.js';
import { ProcessRuntimeExecutor } from '../../src/runtime/engine/process-runtime-executor.js';
import type { GroupWork } from '../../src/runtime/types.js';
import {
  address,
  BLOCKHASH,
  changed,
  context,
  engineTransaction,
  FEE,
  SOL,
  systemTransfer,
  wallets,
} from '../support/engine-transactions.js';

const transfer = (from: string, to: string, lamports: bigint) =>
  engineTransaction({
    signers: [from],
    instructions: [systemTransfer(address(from), address(to), lamports)],
    blockhash: BLOCKHASH,
  });
const work = (lamports: bigint, accounts = wallets('alice', 'bob')): GroupWork => ({
  accounts,
  transactions: [transfer('alice', 'bob', lamports)],
});

describe('ProcessRuntimeExecutor', () => {
  let executor: ProcessRuntimeExecutor;
  beforeEach(() => {
    executor = new ProcessRuntimeExecutor({}, { logger: silentLogger });
    executor.beginBlock(context());
  });
  afterEach(() => executor.close());

  it('executes calls in their order, several under way', async () => {
    const results = await Promise.all([
      executor.execute(work(1n)),
      executor.execute(work(2n, [])),
      executor.execute(work(3n, [])),
    ]);
    expect(results.map(({ accounts }) => changed(accounts, address('bob'))?.lamports)).toEqual([
      10n * SOL + 1n,
      10n * SOL + 3n,
      10n * SOL + 6n,
    ]);
    expect(executor.generation).toBe(1);
  });

  it('rejects the calls under way when the engine is killed, and goes on with a new one', async () => {
    await executor.execute(work(1n));
    const killed = executor.processId!;
    process.kill(killed, 'SIGSTOP');
    const calls = [1n, 2n].map((lamports) =>
      expect(executor.execute(work(lamports, []))).rejects.toThrow(
        expect.objectContaining({
          code: 'EXECUTOR_CRASHED',
          message: expect.stringContaining('executing 1 transactions: it ended with SIGKILL'),
        }),
      ),
    );
    process.kill(killed, 'SIGKILL');
    await Promise.all(calls);
    expect(executor.generation).toBe(2);
    // It has the block's context, and none of the accounts.
    const { outcomes } = await executor.execute(work(1n, []));
    expect(outcomes[0]).toMatchObject({ status: 'rejected', error: 'AccountNotFound' });
    expect((await executor.execute(work(1n))).outcomes[0]).toMatchObject({ status: 'ok', feeLamports: FEE });
    expect(executor.processId).not.toBe(killed);
    expect(executor.generation).toBe(2);
  });

  it('kills an engine that does not answer in time', async () => {
    await executor.close();
    executor = new ProcessRuntimeExecutor({ deadlineMs: 3_000 }, { logger: silentLogger });
    executor.beginBlock(context());
    await executor.execute(work(1n));
    process.kill(executor.processId!, 'SIGSTOP');
    await expect(executor.execute(work(1n))).rejects.toThrow(/it took longer than 3000 ms/);
    expect(executor.generation).toBe(2);
    expect((await executor.execute(work(1n))).outcomes[0]).toMatchObject({ status: 'ok' });
  });

  it('gives up an engine that fails, and says why', async () => {
    // An account of the engine itself must not be given.
    const sysvar = Buffer.from('06a7d51718c774c928566398691d5eb68b5eb8a39b4b6d5c73555b2100000000', 'hex');
    const [, account] = wallets('alice')[0]!;
    const broken = executor.execute({ accounts: [[sysvar, account]], transactions: [] });
    await expect(broken).rejects.toThrow(ExecutorCrashedError);
    await expect(broken).rejects.toThrow(/an account of the runtime itself was given: SysvarC1ock/);
    expect(executor.generation).toBe(2);
    expect((await executor.execute(work(1n))).outcomes[0]).toMatchObject({ status: 'ok' });
  });

  it('finishes what it was asked when it is closed, and refuses more', async () => {
    const asked = [executor.execute(work(1n)), executor.execute(work(2n, []))];
    await executor.close();
    for (const call of asked) expect((await call).outcomes[0]).toMatchObject({ status: 'ok' });
    await executor.close();
    await expect(executor.execute(work(1n))).rejects.toThrow(ExecutorCrashedError);
    expect(executor.processId).toBeUndefined();
  });
});
