import '../fixed-seed.js';
import { describe, expect, it } from 'vitest';
import { decodeBase58, SYSTEM_PROGRAM, type Transaction } from '../../src/index.js';
import { addressKey } from '../../src/runtime/resolve/address-key.js';
import { type ResolveOptions, resolveTransaction } from '../../src/runtime/resolve/resolve-transaction.js';
import { TransactionRejectedError } from '../../src/runtime/resolve/transaction-rejected-error.js';
import type { AccountBytes } from '../../src/runtime/types.js';
import { addressOf } from '../schedule/make-transaction.js';
import {
  COMPUTE_BUDGET,
  compile,
  computeBudget,
  systemTransfer,
  type TableParts,
  tableAccount,
} from './messages.js';

const [a, b, c] = [addressOf('a'), addressOf('b'), addressOf('c')];
const program = addressOf('program');
const table = addressOf('table');
const CLOCK = decodeBase58('SysvarC1ock11111111111111111111111111111111');
const LOADER = decodeBase58('BPFLoaderUpgradeab1e11111111111111111111111');

const SLOT = 100n;
function options(accounts: [Uint8Array, AccountBytes][] = [], recent = true): ResolveOptions {
  const map = new Map(accounts.map(([address, account]) => [addressKey(address), account]));
  return {
    accounts: { get: (address) => map.get(addressKey(address)) ?? null },
    slot: SLOT,
    // slots 51 to 99 had blocks
    slotHashes: Array.from({ length: 49 }, (_, i) => [SLOT - 1n - BigInt(i), new Uint8Array(32)] as const),
    isBlockhashRecent: () => recent,
  };
}

const resolve = (transaction: Transaction, given = options()) => resolveTransaction(transaction, given);

/** Solana's error, or null where the transaction is accepted. */
function rejection(transaction: Transaction, given = options()): unknown {
  try {
    resolveTransaction(transaction, given);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(TransactionRejectedError);
    return (error as TransactionRejectedError).transactionError;
  }
}

describe('locks', () => {
  const writableOf = (transaction: Transaction) => {
    const { accountKeys, writable } = resolve(transaction);
    return accountKeys.filter((_, index) => writable[index]).map(addressKey);
  };
  const payer = addressKey(addressOf('payer'));

  it('are for writing where the message says so', () => {
    const accounts = [{ address: a, writable: true }, { address: b }];
    expect(writableOf(compile([{ program, accounts }]))).toEqual([payer, addressKey(a)]);
  });

  it('never are on accounts of the runtime', () => {
    const accounts = [CLOCK, SYSTEM_PROGRAM, LOADER].map((address) => ({ address, writable: true }));
    expect(writableOf(compile([{ program, accounts }]))).toEqual([payer]);
  });

  it('are not on programs that are called, unless the upgradeable loader is there', () => {
    const self = { address: program, writable: true };
    expect(writableOf(compile([{ program, accounts: [self] }]))).toEqual([payer]);
    expect(writableOf(compile([{ program, accounts: [self, { address: LOADER }] }]))).toEqual([
      payer,
      addressKey(program),
    ]);
    expect(writableOf(compile([{ program: b, accounts: [self] }]))).toEqual([payer, addressKey(program)]);
  });

  it('are 64 at most', () => {
    const tables: [Uint8Array, AccountBytes][] = [
      [table, tableAccount({ addresses: Array.from({ length: 100 }, (_, i) => addressOf(`t${i}`)) })],
    ];
    const take = (count: number) =>
      compile([{ program }], {
        lookups: [
          {
            accountKey: table,
            writableIndexes: Uint8Array.from({ length: count }, (_, i) => i),
            readonlyIndexes: new Uint8Array(),
          },
        ],
      });
    expect(rejection(take(62), options(tables))).toBeNull();
    expect(rejection(take(63), options(tables))).toBe('TooManyAccountLocks');
  });
});

describe('lookup tables', () => {
  const use = (writable: number[], readonly: number[], key = table) => ({
    accountKey: key,
    writableIndexes: Uint8Array.from(writable),
    readonlyIndexes: Uint8Array.from(readonly),
  });
  const transaction = compile([{ program }], { lookups: [use([1], [0])] });
  const of = (parts: TableParts) => options([[table, tableAccount(parts)]]);

  it('give writable accounts first, then read-only ones, table by table', () => {
    const other = addressOf('other table');
    const [d, e] = [addressOf('d'), addressOf('e')];
    const given = options([
      [table, tableAccount({ addresses: [a, b, c] })],
      [other, tableAccount({ addresses: [d, e, CLOCK] })],
    ]);
    const result = resolve(
      compile([{ program }], { lookups: [use([2], [0, 1]), use([1, 2], [0], other)] }),
      given,
    );
    expect(result.accountKeys).toEqual([addressOf('payer'), program, c, e, CLOCK, a, b, d]);
    expect(result.writable).toEqual([true, false, true, true, false, false, false, false]);
    expect(result.loadedAddresses).toEqual({ writable: [c, e, CLOCK], readonly: [a, b, d] });
    expect(result.tables).toEqual([table, other]);
  });

  it('are refused under the names that Solana has', () => {
    expect(rejection(transaction)).toBe('AddressLookupTableNotFound');
    expect(rejection(transaction, of({ addresses: [a, b], owner: SYSTEM_PROGRAM }))).toBe(
      'InvalidAddressLookupTableOwner',
    );
    expect(rejection(transaction, of({ addresses: [a, b], tag: 0 }))).toBe('InvalidAddressLookupTableData');
    expect(rejection(transaction, of({ addresses: [a, b], tail: 7 }))).toBe('InvalidAddressLookupTableData');
    expect(rejection(transaction, of({ addresses: [a] }))).toBe('InvalidAddressLookupTableIndex');
    expect(rejection(transaction, of({ addresses: [a, b] }))).toBeNull();
  });

  it('do not give addresses of the slot at hand', () => {
    const extended = (lastExtendedSlot: bigint, lastExtendedStart: number) =>
      rejection(transaction, of({ addresses: [a, b], lastExtendedSlot, lastExtendedStart }));
    expect(extended(SLOT, 1)).toBe('InvalidAddressLookupTableIndex');
    expect(extended(SLOT, 2)).toBeNull();
    expect(extended(SLOT - 1n, 1)).toBeNull();
    expect(extended(SLOT, 3)).toBe('InvalidAddressLookupTableData');
  });

  it('are usable while they are being deactivated, not afterwards', () => {
    const deactivated = (deactivationSlot: bigint) =>
      rejection(transaction, of({ addresses: [a, b], deactivationSlot }));
    expect(deactivated(SLOT)).toBeNull();
    expect(deactivated(SLOT - 1n)).toBeNull();
    expect(deactivated(51n)).toBeNull();
    expect(deactivated(50n)).toBe('AddressLookupTableNotFound');
  });

  it('must not name an account twice', () => {
    const twice = (addresses: Uint8Array[]) => rejection(transaction, of({ addresses }));
    expect(twice([a, a])).toBe('AccountLoadedTwice');
    expect(twice([addressOf('payer'), a])).toBe('AccountLoadedTwice');
    expect(twice([a, program])).toBe('AccountLoadedTwice');
  });
});

describe('compute budget', () => {
  const resolved = (...instructions: Parameters<typeof compile>[0]) => resolve(compile(instructions));

  it('has 3,000 units for a builtin and 200,000 for any other instruction', () => {
    expect(resolved(systemTransfer(a, 1n)).computeUnitLimit).toBe(3_000);
    expect(resolved({ program }, { program }, systemTransfer(a, 1n)).computeUnitLimit).toBe(403_000);
    expect(resolved({ program }, computeBudget(3, 1n)).computeUnitLimit).toBe(203_000);
    expect(resolved(...Array.from({ length: 8 }, () => ({ program }))).computeUnitLimit).toBe(1_400_000);
  });

  it('takes what the transaction asks for, up to the maximum', () => {
    expect(resolved({ program }, computeBudget(2, 77n)).computeUnitLimit).toBe(77);
    expect(resolved({ program }, computeBudget(2, 4_000_000_000n)).computeUnitLimit).toBe(1_400_000);
    const priced = resolved(computeBudget(2, 1_001n), computeBudget(3, 1_000n), { program });
    expect(priced.computeUnitPrice).toBe(1_000n);
    expect(priced.priorityFeeLamports).toBe(2n);
    expect(resolved(computeBudget(2, 1_000n), computeBudget(3, 1_000n)).priorityFeeLamports).toBe(1n);
    const max = (1n << 64n) - 1n;
    expect(resolved(computeBudget(2, 1_400_000n), computeBudget(3, max)).priorityFeeLamports).toBe(max);
  });

  it('refuses bad instructions', () => {
    const refused = (...instructions: Parameters<typeof compile>[0]) => rejection(compile(instructions));
    const invalid = (index: number) => ({ InstructionError: [index, 'InvalidInstructionData'] });
    expect(refused({ program }, computeBudget(2, 1n), computeBudget(2, 1n))).toEqual({
      DuplicateInstruction: 2,
    });
    expect(refused({ program: COMPUTE_BUDGET })).toEqual(invalid(0));
    expect(refused({ program }, computeBudget(5, 1n))).toEqual(invalid(1));
    expect(refused(computeBudget(0, 1n))).toEqual(invalid(0));
    expect(refused(computeBudget(2, 1n, 3))).toEqual(invalid(0));
    expect(refused(computeBudget(3, 1n, 7))).toEqual(invalid(0));
    // bytes behind the number are ignored
    expect(refused(computeBudget(2, 1n, 6))).toBeNull();
    for (const heap of [1_024n, 32_769n, 263_168n])
      expect(refused({ program }, computeBudget(1, heap))).toEqual(invalid(1));
    expect(refused(computeBudget(1, 262_144n))).toBeNull();
    expect(refused(computeBudget(4, 0n))).toBe('InvalidLoadedAccountsDataSizeLimit');
    expect(refused(computeBudget(4, 1n))).toBeNull();
  });
});

describe('fees', () => {
  it('count signatures, those in precompile instructions too', () => {
    const precompile = (name: string, count: number) => ({
      program: decodeBase58(name),
      data: Uint8Array.of(count, 0),
    });
    const transaction = compile([
      precompile('Ed25519SigVerify111111111111111111111111111', 2),
      precompile('KeccakSecp256k11111111111111111111111111111', 3),
      precompile('Secp256r1SigVerify1111111111111111111111111', 4),
      { program: decodeBase58('Ed25519SigVerify111111111111111111111111111') },
    ]);
    expect(resolve(transaction).baseFeeLamports).toBe(50_000n);
    expect(resolve(compile([{ program }])).baseFeeLamports).toBe(5_000n);
  });
});

describe('the nonce account', () => {
  const advance = (writable = true, data = Uint8Array.of(4, 0, 0, 0)) => ({
    program: SYSTEM_PROGRAM,
    accounts: [{ address: a, writable }],
    data,
  });
  const nonce = (transaction: Transaction, recent = false) =>
    resolve(transaction, options([], recent)).nonceAccount;

  it('is the first account of a first instruction that advances a nonce', () => {
    expect(nonce(compile([advance(), systemTransfer(b, 1n)]))).toBe(1);
    expect(nonce(compile([advance(true, Uint8Array.of(4, 0, 0, 0, 9))]))).toBe(1);
  });

  it('is not looked for where the blockhash is recent', () => {
    expect(nonce(compile([advance()]), true)).toBeUndefined();
  });

  it('has to be writable, in the first place, and named by the message itself', () => {
    expect(nonce(compile([advance(false)]))).toBeUndefined();
    expect(nonce(compile([systemTransfer(b, 1n), advance()]))).toBeUndefined();
    expect(nonce(compile([advance(true, Uint8Array.of(4, 0, 0))]))).toBeUndefined();
    expect(nonce(compile([{ ...advance(), program }]))).toBeUndefined();
    expect(nonce(compile([{ ...advance(), accounts: [] }]))).toBeUndefined();
  });

  it('is not taken from a lookup table', () => {
    const transaction = compile([{ program: SYSTEM_PROGRAM, data: Uint8Array.of(4, 0, 0, 0) }], {
      lookups: [{ accountKey: table, writableIndexes: Uint8Array.of(0), readonlyIndexes: new Uint8Array() }],
    });
    transaction.message.instructions[0]!.accountIndexes = Uint8Array.of(2);
    const given = options([[table, tableAccount({ addresses: [a] })]], false);
    expect(resolve(transaction, given).nonceAccount).toBeUndefined();
  });
});
