import { concatBytes, u64le } from '@polyproof/base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { genesisPrograms } from '../../src/genesis-programs.js';
import { decodeBase58 } from '../../src/index.js';
import { decodeMeta } from '../../src/runtime/engine/meta-codec.js';
import type { AccountEntry } from '../../src/runtime/types.js';
import { TestEngine } from '../support/engine-harness.js';
import {
  address,
  changed,
  entry,
  FEE,
  hash,
  type Instruction,
  mintAccount,
  payer,
  readonly,
  SOL,
  SYSTEM,
  signing,
  systemTransfer,
  TOKEN,
  tokenAccount,
  tokenTransfer,
  wallets,
  writable,
} from '../support/engine-transactions.js';

const MINT = address('mint');
const FROM = address('from');
const TO = address('to');
const programs = genesisPrograms().map(([key, account]) => entry(key, account));
const tokens = (): AccountEntry[] => [
  ...programs,
  ...wallets('alice', 'bob'),
  entry(MINT, mintAccount(address('alice'), 100n, 6)),
  entry(FROM, tokenAccount(MINT, address('alice'), 70n)),
  entry(TO, tokenAccount(MINT, address('bob'), 30n)),
];
const balances = (list: { accountIndex: number; amount: bigint; decimals: number }[]) =>
  list.map(({ accountIndex, amount, decimals }) => [accountIndex, amount, decimals]);

describe('RuntimeEngine', () => {
  let engine: TestEngine;
  beforeEach(() => {
    engine = new TestEngine(tokens());
  });
  afterEach(() => engine.close());

  const run = (signers: string[], ...instructions: Instruction[]) =>
    engine.run(engine.transaction({ signers, instructions })).then(([outcome]) => outcome!);

  it('moves lamports, takes fees, and tells balances before and after', async () => {
    const outcomes = await engine.run(
      ...[5n, 20n * SOL].map((lamports) =>
        engine.transaction({
          signers: ['alice'],
          instructions: [systemTransfer(address('alice'), address('carol'), lamports + SOL)],
        }),
      ),
    );
    expect(outcomes.map(({ status, feeLamports }) => [status, feeLamports])).toEqual([
      ['ok', FEE],
      ['failed', FEE],
    ]);
    expect(outcomes[1]!.error).toEqual({ InstructionError: [0, { Custom: 1 }] });
    const metas = outcomes.map(({ meta }) => decodeMeta(meta));
    expect(metas[0]!.logs).toEqual([
      'Program 11111111111111111111111111111111 invoke [1]',
      'Program 11111111111111111111111111111111 success',
    ]);
    expect(metas[0]!.preBalances).toEqual([10n * SOL, 0n, 1n]);
    expect(metas[0]!.postBalances).toEqual([9n * SOL - 5n - FEE, SOL + 5n, 1n]);
    expect(metas[1]!.preBalances).toEqual(metas[0]!.postBalances);
    expect(metas[1]!.postBalances).toEqual([9n * SOL - 5n - 2n * FEE, SOL + 5n, 1n]);
    expect(engine.balance('carol')).toBe(SOL + 5n);
  });

  it('rejects, at no cost, what no block may contain', async () => {
    engine.set(
      entry(address('poor'), {
        ...tokenAccount(MINT, SYSTEM, 0n),
        lamports: FEE - 1n,
        data: new Uint8Array(),
        owner: SYSTEM,
      }),
    );
    const nobody = await run(['nobody'], systemTransfer(address('nobody'), address('bob'), 1n));
    expect(nobody).toMatchObject({ status: 'rejected', error: 'AccountNotFound', feeLamports: 0n });
    const poor = await run(['poor'], systemTransfer(address('poor'), address('bob'), 1n));
    expect(poor).toMatchObject({ status: 'rejected', error: 'InsufficientFundsForFee', feeLamports: 0n });
    expect(engine.balance('bob')).toBe(10n * SOL);
  });

  it('deletes accounts that are emptied, also by the fee', async () => {
    expect(
      await run(['alice'], systemTransfer(address('alice'), address('bob'), 10n * SOL - FEE)),
    ).toMatchObject({ status: 'ok' });
    expect(engine.account(address('alice'))).toBeNull();
    // What is left pays one fee exactly, and fails.
    engine.set(
      entry(address('last'), {
        lamports: FEE,
        data: new Uint8Array(),
        owner: SYSTEM,
        executable: false,
        rentEpoch: 0n,
      }),
    );
    expect(await run(['last'], systemTransfer(address('last'), address('bob'), SOL))).toMatchObject({
      status: 'failed',
      feeLamports: FEE,
    });
    expect(engine.account(address('last'))).toBeNull();
    expect(await run(['last'], systemTransfer(address('last'), address('bob'), SOL))).toMatchObject({
      error: 'AccountNotFound',
    });
  });

  it('shows token balances of known mints, and inner instructions', async () => {
    const outcome = await run(['alice'], tokenTransfer(FROM, TO, address('alice'), 9n));
    expect(outcome).toMatchObject({ status: 'ok', computeUnits: 76n });
    const meta = decodeMeta(outcome.meta);
    expect(balances(meta.preTokenBalances)).toEqual([
      [1, 70n, 6],
      [2, 30n, 6],
    ]);
    expect(balances(meta.postTokenBalances)).toEqual([
      [1, 61n, 6],
      [2, 39n, 6],
    ]);
    expect(meta.postTokenBalances[1]).toMatchObject({
      mint: Buffer.from(MINT),
      owner: Buffer.from(address('bob')),
      programId: Buffer.from(TOKEN),
    });
    expect(meta.innerInstructions).toEqual([]);
    const ATA = decodeBase58('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL');
    const { getProgramDerivedAddress, getAddressDecoder } = await import('@solana/kit');
    const text = (key: Uint8Array) => getAddressDecoder().decode(key);
    const [derived] = await getProgramDerivedAddress({
      programAddress: text(ATA),
      seeds: [address('bob'), TOKEN, MINT],
    });
    const created = decodeBase58(derived);
    const creation = await run(['alice'], {
      program: ATA,
      accounts: [
        payer(address('alice')),
        writable(created),
        readonly(address('bob')),
        readonly(MINT),
        readonly(SYSTEM),
        readonly(TOKEN),
      ],
      data: Uint8Array.of(1),
    });
    expect(creation).toMatchObject({ status: 'ok' });
    const made = decodeMeta(creation.meta);
    expect(made.innerInstructions.map(({ index, instructions }) => [index, instructions.length])).toEqual([
      [0, 4],
    ]);
    expect(made.innerInstructions[0]!.instructions.every(({ stackHeight }) => stackHeight === 2)).toBe(true);
    expect(made.preTokenBalances).toEqual([]);
    expect(balances(made.postTokenBalances)).toEqual([[1, 0n, 6]]);
    expect(made.postBalances[1]).toBe(2_039_280n);
    engine.set([MINT, null]);
    const unknown = decodeMeta(
      (await run(['alice'], tokenTransfer(FROM, created, address('alice'), 1n))).meta,
    );
    expect(unknown.postTokenBalances).toEqual([]);
    expect(engine.account(created)!.data.slice(64, 72)).toEqual(u64le(1n));
  });

  it('shows return data', async () => {
    // GetAccountDataSize
    const outcome = await run(['alice'], {
      program: TOKEN,
      accounts: [readonly(MINT)],
      data: Uint8Array.of(21),
    });
    expect(decodeMeta(outcome.meta).returnData).toEqual({
      programId: Buffer.from(TOKEN),
      data: Buffer.from(u64le(165n)),
    });
  });

  it('closes token accounts, whatever is put in their place', async () => {
    engine.set(entry(FROM, tokenAccount(MINT, address('alice'), 0n)));
    const close: Instruction = {
      program: TOKEN,
      accounts: [writable(FROM), writable(address('alice')), signing(address('alice'))],
      data: Uint8Array.of(9),
    };
    expect(await run(['alice'], close)).toMatchObject({ status: 'ok' });
    expect(engine.account(FROM)).toBeNull();
    engine.set(entry(FROM, tokenAccount(MINT, address('alice'), 0n)));
    expect(await run(['alice'], close, systemTransfer(address('alice'), FROM, SOL))).toMatchObject({
      status: 'ok',
    });
    expect(engine.account(FROM)).toMatchObject({ lamports: SOL, data: new Uint8Array(), owner: SYSTEM });
  });

  it('resolves lookup tables that were made, extended and used in later slots', async () => {
    const TABLES = decodeBase58('AddressLookupTab1e1111111111111111111111111');
    const { getProgramDerivedAddress, getAddressDecoder } = await import('@solana/kit');
    const recentSlot = engine.slot - 1n;
    const [derived, bump] = await getProgramDerivedAddress({
      programAddress: getAddressDecoder().decode(TABLES),
      seeds: [address('alice'), u64le(recentSlot)],
    });
    const table = decodeBase58(derived);
    const create: Instruction = {
      program: TABLES,
      accounts: [writable(table), signing(address('alice')), payer(address('alice')), readonly(SYSTEM)],
      data: concatBytes(Uint8Array.of(0, 0, 0, 0), u64le(recentSlot), Uint8Array.of(bump)),
    };
    const far = [hash('far 0'), address('bob'), hash('far 2')];
    const extend: Instruction = {
      program: TABLES,
      accounts: [writable(table), signing(address('alice')), payer(address('alice')), readonly(SYSTEM)],
      data: concatBytes(Uint8Array.of(2, 0, 0, 0), u64le(BigInt(far.length)), ...far),
    };
    expect(await run(['alice'], create)).toMatchObject({ status: 'ok' });
    expect(await run(['alice'], extend)).toMatchObject({ status: 'ok' });
    const use = () =>
      engine.transaction({
        signers: ['alice'],
        instructions: [systemTransfer(address('alice'), address('bob'), SOL)],
        tables: [{ address: table, addresses: far }],
      });
    // Addresses are not usable in the slot in which they were added.
    expect((await engine.run(use()))[0]).toMatchObject({
      status: 'rejected',
      error: 'InvalidAddressLookupTableIndex',
    });
    engine.nextBlock();
    const [used] = await engine.run(use());
    expect(used).toMatchObject({ status: 'ok' });
    expect(engine.balance('bob')).toBe(11n * SOL);
    const meta = decodeMeta(used!.meta);
    expect(meta.loadedAddresses).toEqual({ writable: [Buffer.from(address('bob'))], readonly: [] });
    expect(meta.postBalances).toEqual([engine.balance('alice'), 1n, 11n * SOL]);
  });

  it('does not let anybody write accounts of the runtime itself', async () => {
    // The code of the native program for lookup tables lies in an ordinary account.
    const { default: litesvm } = await import('litesvm/dist/internal.js');
    const program = new litesvm.LiteSvm().getAccount(
      decodeBase58('AddressLookupTab1e1111111111111111111111111'),
    )!;
    const code = Uint8Array.from(program.data().slice(4, 36));
    const outcome = await run(['alice'], systemTransfer(address('alice'), code, SOL));
    expect(outcome).toMatchObject({ status: 'rejected', error: 'InvalidWritableAccount' });
  });

  it('simulates without a trace', async () => {
    const transaction = engine.transaction({
      signers: ['alice'],
      instructions: [
        tokenTransfer(FROM, TO, address('alice'), 9n),
        systemTransfer(address('alice'), address('carol'), SOL),
      ],
    });
    await engine.run();
    const simulate = (verifySignatures: boolean, what = transaction) =>
      engine.executor.simulate({ accounts: [], transaction: what, verifySignatures });
    for (const verifySignatures of [true, false]) {
      const { outcome, accounts } = await simulate(verifySignatures);
      expect(outcome).toMatchObject({ status: 'ok', feeLamports: FEE });
      expect(accounts).toHaveLength(4);
      expect(changed(accounts, address('alice'))?.lamports).toBe(9n * SOL - FEE);
      expect(changed(accounts, address('carol'))?.lamports).toBe(SOL);
      expect(changed(accounts, FROM)?.data.slice(64, 72)).toEqual(u64le(61n));
      const meta = decodeMeta(outcome.meta);
      expect(balances(meta.preTokenBalances).map(([, amount]) => amount)).toEqual([70n, 30n]);
      expect(balances(meta.postTokenBalances).map(([, amount]) => amount)).toEqual([61n, 39n]);
      expect(meta.postBalances[0]).toBe(9n * SOL - FEE);
    }
    const unsigned = engine.transaction({
      signers: ['bob'],
      instructions: [tokenTransfer(FROM, TO, address('alice'), 9n)],
    });
    expect((await simulate(true, unsigned)).outcome).toMatchObject({
      status: 'rejected',
      error: 'SignatureFailure',
    });
    expect((await simulate(false, unsigned)).outcome).toMatchObject({ status: 'ok' });
    const tooMuch = engine.transaction({
      signers: ['alice'],
      instructions: [tokenTransfer(FROM, TO, address('alice'), 71n)],
    });
    const failed = await simulate(true, tooMuch);
    expect(failed.outcome).toMatchObject({
      status: 'failed',
      error: { InstructionError: [0, { Custom: 1 }] },
      feeLamports: FEE,
    });
    expect(failed.accounts).toEqual([]);
    expect(decodeMeta(failed.outcome.meta).logs.length).toBeGreaterThan(1);
    const poor = engine.transaction({
      signers: ['nobody'],
      instructions: [systemTransfer(address('nobody'), TO, 1n)],
    });
    expect((await simulate(false, poor)).outcome).toMatchObject({
      status: 'rejected',
      error: 'AccountNotFound',
      feeLamports: 0n,
    });
    // The real one finds everything as it was.
    const [real] = await engine.run(transaction);
    expect(decodeMeta(real!.meta).preBalances[0]).toBe(10n * SOL);
    expect(engine.account(FROM)!.data.slice(64, 72)).toEqual(u64le(61n));
  });
});
