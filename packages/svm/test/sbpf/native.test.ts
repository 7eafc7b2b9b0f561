import { createHash } from 'node:crypto';
import { concatBytes, u64le } from '@polyproof/base';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeBase58, rentExemptMinimum, systemAccount } from '../../src/index.js';
import {
  type AccountMeta,
  address,
  BLOCKHASH,
  engineTransaction,
  hash,
  type Instruction,
  payer,
  readonly,
  SOL,
  SYSTEM,
  systemTransfer,
  TOKEN,
  writable,
} from '../support/engine-transactions.js';
import { expectSameTrace } from '../support/expect-same-trace.js';
import { TracedLitesvm } from '../support/traced-litesvm.js';

const machine = new TracedLitesvm();
afterAll(() => machine.close());
const PAYER = address('payer');
const OTHER = address('other');
const NEW = address('new');
const HOLDER = address('holder');
const POOR = address('poor');

beforeEach(() => {
  machine.set(PAYER, systemAccount(10n * SOL));
  machine.set(OTHER, systemAccount(SOL));
  machine.set(HOLDER, { ...systemAccount(SOL), data: new Uint8Array(8) });
  machine.set(POOR, systemAccount(6_000n));
  for (const key of [NEW, derived()]) machine.set(key, { ...systemAccount(0n), owner: SYSTEM });
});

const run = (signers: string[], ...instructions: Instruction[]) =>
  expectSameTrace(machine, engineTransaction({ signers, instructions, blockhash: BLOCKHASH }));

const system = (accounts: AccountMeta[], number: number, ...data: Uint8Array[]): Instruction => ({
  program: SYSTEM,
  accounts,
  data: concatBytes(Uint8Array.of(number, 0, 0, 0), ...data),
});
const text = (value: string) => concatBytes(u64le(BigInt(value.length)), new TextEncoder().encode(value));
function derived(seed = 'seed', owner = TOKEN): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(OTHER).update(seed).update(owner).digest());
}
const rent = (bytes: number) => u64le(rentExemptMinimum(bytes));
const space = (bytes: number) => u64le(BigInt(bytes));

describe('the System program', () => {
  it('transfers', () => {
    for (const lamports of [0n, 1n, SOL, 10n * SOL - 5_000n, 10n * SOL, 20n * SOL, 2n ** 64n - 1n])
      for (const to of [OTHER, NEW, PAYER, HOLDER]) run(['payer'], systemTransfer(PAYER, to, lamports));
    run(['payer', 'holder'], systemTransfer(HOLDER, OTHER, 5n));
    run(['payer'], system([readonly(OTHER), writable(NEW)], 2, u64le(5n)));
    run(['payer'], system([payer(PAYER)], 2, u64le(5n)));
    run(['payer', 'other'], system([{ key: OTHER, signer: true }, writable(NEW)], 2, u64le(SOL)));
    run(['payer', 'other'], system([payer(OTHER), readonly(HOLDER)], 2, u64le(SOL)));
    machine.set(NEW, systemAccount(0n));
    expect(run(['payer'], systemTransfer(PAYER, OTHER, 1n), systemTransfer(PAYER, NEW, 1n)).error).toEqual({
      InsufficientFundsForRent: { account_index: 2 },
    });
  });

  it('creates, allocates and assigns', () => {
    const both = [payer(PAYER), payer(NEW)];
    const signers = ['payer', 'new'];
    for (const bytes of [0, 1, 165, 10_000, 10 * 1024 * 1024, 10 * 1024 * 1024 + 1])
      run(signers, system(both, 0, rent(bytes), space(bytes), TOKEN));
    for (const lamports of [0n, 5n, 100n * SOL])
      run(signers, system(both, 0, u64le(lamports), space(9), TOKEN));
    run(['payer'], system([payer(PAYER), writable(NEW)], 0, rent(0), space(0), TOKEN));
    run(['payer', 'other'], system([payer(PAYER), payer(OTHER)], 0, rent(0), space(0), TOKEN));
    run(signers, system(both, 0, rent(3), space(3), TOKEN), system(both, 0, rent(3), space(3), TOKEN));
    for (const key of [OTHER, HOLDER])
      for (const signer of [true, false]) {
        const name = key === OTHER ? 'other' : 'holder';
        const account = [{ key, signer, writable: true }];
        const by = signer ? ['payer', name] : ['payer'];
        run(by, system(account, 8, space(100)));
        run(by, system(account, 8, space(20_000_000)));
        run(by, system(account, 1, TOKEN));
        run(by, system(account, 1, SYSTEM));
      }
    run(['payer', 'other'], system([{ key: OTHER, signer: true }], 8, space(10)));
    run(['payer', 'other'], system([{ key: OTHER, signer: true }], 1, TOKEN));
  });

  it('derives addresses from a text', () => {
    const base = { key: OTHER, signer: true };
    const seed = concatBytes(OTHER, text('seed'));
    const to = writable(derived());
    run(['payer', 'other'], system([payer(PAYER), to, base], 3, seed, rent(4), space(4), TOKEN));
    run(['payer', 'other'], system([payer(PAYER), to, base], 3, seed, rent(4), space(4), SYSTEM));
    run(['payer'], system([payer(PAYER), to], 3, seed, rent(4), space(4), TOKEN));
    run(['payer', 'other'], system([to, base], 9, seed, space(4), TOKEN));
    run(['payer', 'other'], system([to, base], 10, seed, TOKEN));
    const long = concatBytes(OTHER, text('x'.repeat(33)));
    run(['payer', 'other'], system([to, base], 10, long, TOKEN));
    const derivedOwner = concatBytes(new Uint8Array(11), Buffer.from('ProgramDerivedAddress'));
    run(['payer', 'other'], system([to, base], 10, seed, derivedOwner));
    machine.set(derived('seed', SYSTEM), systemAccount(SOL));
    const from = writable(derived('seed', SYSTEM));
    run(['payer', 'other'], system([from, base, writable(OTHER)], 11, u64le(7n), text('seed'), SYSTEM));
    run(['payer', 'other'], system([from, base, writable(OTHER)], 11, u64le(7n), text('reed'), SYSTEM));
    run(['payer'], system([from, readonly(OTHER), writable(OTHER)], 11, u64le(7n), text('seed'), SYSTEM));
  });

  it('refuses what is no instruction', () => {
    for (const data of [[], [2], [2, 0, 0, 0], [2, 0, 0, 0, 1, 2, 3], [99, 0, 0, 0], [0, 0, 0, 0, 1]])
      run(['payer'], {
        program: SYSTEM,
        accounts: [payer(PAYER), writable(OTHER)],
        data: Uint8Array.from(data),
      });
    // Bytes behind an instruction do not matter.
    run(['payer'], system([payer(PAYER), writable(OTHER)], 2, u64le(7n), Uint8Array.of(1, 2, 3)));
  });
});

describe('transactions', () => {
  it('leave nobody who pays rent worse off', () => {
    const poor = () => machine.set(POOR, systemAccount(600_000n));
    const both = ['payer', 'poor'];
    const expected: [Instruction, 'ok' | 'failed'][] = [
      [systemTransfer(POOR, OTHER, 0n), 'ok'],
      [systemTransfer(POOR, OTHER, 5n), 'failed'],
      [systemTransfer(POOR, OTHER, 600_000n), 'ok'],
      [systemTransfer(PAYER, POOR, 5n), 'ok'],
      [systemTransfer(PAYER, POOR, 500_000n), 'ok'],
      [system([payer(POOR)], 1, TOKEN), 'failed'],
      [system([payer(POOR)], 8, space(10)), 'failed'],
    ];
    for (const [instruction, status] of expected) {
      poor();
      expect(run(both, instruction).status).toBe(status);
    }
  });

  it('need a fee payer who can pay', () => {
    expect(run(['poor'], systemTransfer(POOR, OTHER, 0n)).error).toEqual({
      InsufficientFundsForRent: { account_index: 0 },
    });
    machine.set(POOR, systemAccount(5_000n));
    expect(run(['poor'], systemTransfer(POOR, OTHER, 0n)).status).toBe('ok');
    machine.set(POOR, systemAccount(4_999n));
    expect(run(['poor'], systemTransfer(POOR, OTHER, 0n)).error).toBe('InsufficientFundsForFee');
    machine.set(POOR, systemAccount(rentExemptMinimum(0) + 4_999n));
    expect(run(['poor'], systemTransfer(POOR, OTHER, 0n)).error).toEqual({
      InsufficientFundsForRent: { account_index: 0 },
    });
    expect(run(['holder'], systemTransfer(HOLDER, OTHER, 0n)).error).toBe('InvalidAccountForFee');
    expect(run(['new'], systemTransfer(NEW, OTHER, 0n)).error).toBe('AccountNotFound');
  });

  it('spend compute units of budgets and of native programs', () => {
    const budget = (...data: number[]): Instruction => ({
      program: decodeBase58('ComputeBudget111111111111111111111111111111'),
      accounts: [],
      data: Uint8Array.from(data),
    });
    for (const units of [0, 149, 150, 299, 300, 449, 450])
      run(
        ['payer'],
        budget(2, units, units >> 8, 0, 0),
        systemTransfer(PAYER, OTHER, 1n),
        budget(3, 0, 0, 0, 0, 0, 0, 0, 0),
      );
  });

  it('name accounts of the runtime', () => {
    for (const name of [
      'SysvarRent111111111111111111111111111111111',
      'SysvarC1ock11111111111111111111111111111111',
      'BPFLoaderUpgradeab1e11111111111111111111111',
      'Vote111111111111111111111111111111111111111',
    ])
      run(['payer'], system([payer(PAYER), writable(OTHER), readonly(decodeBase58(name))], 2, u64le(1n)));
    expect(hash('x').length).toBe(32);
  });
});
