import { silentLogger } from '@polyproof/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { genesisPrograms } from '../../src/genesis-programs.js';
import { decodeMeta } from '../../src/runtime/engine/meta-codec.js';
import { ProcessRuntimeExecutor } from '../../src/runtime/engine/process-runtime-executor.js';
import {
  address,
  BLOCKHASH,
  changed,
  context,
  engineTransaction,
  entry,
  FEE,
  mintAccount,
  SOL,
  systemTransfer,
  tokenAccount,
  tokenTransfer,
  wallets,
} from '../support/engine-transactions.js';

const transfer = (from: string, to: string, lamports: bigint, blockhash = BLOCKHASH) =>
  engineTransaction({
    signers: [from],
    instructions: [systemTransfer(address(from), address(to), lamports)],
    blockhash,
  });

describe('ProcessRuntimeExecutor', () => {
  let executor: ProcessRuntimeExecutor;
  beforeEach(() => {
    executor = new ProcessRuntimeExecutor({}, { logger: silentLogger });
    executor.beginBlock(context());
  });
  afterEach(() => executor.close());

  it('executes transfers in order and tells what changed', async () => {
    const result = await executor.execute({
      accounts: wallets('alice', 'bob'),
      transactions: [
        transfer('alice', 'bob', 5n),
        transfer('bob', 'carol', 11n * SOL),
        transfer('bob', 'carol', SOL),
      ],
    });
    expect(result.outcomes.map(({ status, feeLamports }) => [status, feeLamports])).toEqual([
      ['ok', FEE],
      ['failed', FEE],
      ['ok', FEE],
    ]);
    expect(result.outcomes[1]!.error).toEqual({ InstructionError: [0, { Custom: 1 }] });
    expect(result.accounts).toHaveLength(3);
    expect(changed(result.accounts, address('alice'))?.lamports).toBe(10n * SOL - 5n - FEE);
    expect(changed(result.accounts, address('bob'))?.lamports).toBe(9n * SOL + 5n - 2n * FEE);
    expect(changed(result.accounts, address('carol'))?.lamports).toBe(SOL);
    const meta = decodeMeta(result.outcomes[2]!.meta);
    expect(meta.logs).toEqual([
      'Program 11111111111111111111111111111111 invoke [1]',
      'Program 11111111111111111111111111111111 success',
    ]);
    expect(meta.preBalances).toEqual([10n * SOL + 5n - FEE, 0n, 1n]);
    expect(meta.postBalances).toEqual([9n * SOL + 5n - 2n * FEE, SOL, 1n]);
  });

  it('executes a token transfer and shows token balances', async () => {
    const [mint, from, to] = ['mint', 'from', 'to'].map(address) as [Uint8Array, Uint8Array, Uint8Array];
    const programs = genesisPrograms().map(([key, account]) => entry(key, account));
    const result = await executor.execute({
      accounts: [
        ...programs,
        ...wallets('alice'),
        entry(mint, mintAccount(address('alice'), 100n, 6)),
        entry(from, tokenAccount(mint, address('alice'), 70n)),
        entry(to, tokenAccount(mint, address('bob'), 30n)),
      ],
      transactions: [
        engineTransaction({
          signers: ['alice'],
          instructions: [tokenTransfer(from, to, address('alice'), 9n)],
          blockhash: BLOCKHASH,
        }),
      ],
    });
    expect(result.outcomes[0]).toMatchObject({ status: 'ok', computeUnits: 76n });
    const meta = decodeMeta(result.outcomes[0]!.meta);
    expect(
      meta.preTokenBalances.map(({ accountIndex, amount, decimals }) => [accountIndex, amount, decimals]),
    ).toEqual([
      [1, 70n, 6],
      [2, 30n, 6],
    ]);
    expect(meta.postTokenBalances.map(({ amount }) => amount)).toEqual([61n, 39n]);
    expect(result.accounts).toHaveLength(3);
  });
});
