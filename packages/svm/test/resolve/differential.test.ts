import '../fixed-seed.js';
import fc from 'fast-check';
import litesvm from 'litesvm/dist/internal.js';
import { describe, expect, it } from 'vitest';
import { decodeBase58, encodeBase58, SYSTEM_PROGRAM, type Transaction } from '../../src/index.js';
import { resolveTransaction } from '../../src/runtime/resolve/resolve-transaction.js';
import { TransactionRejectedError } from '../../src/runtime/resolve/transaction-rejected-error.js';
import type { AccountBytes } from '../../src/runtime/types.js';
import { type EngineError, transactionErrorJson } from '../../src/transaction-error.js';
import { addressOf } from '../schedule/make-transaction.js';
import {
  compile,
  computeBudget,
  type InstructionParts,
  LOOKUP_PROGRAM,
  systemTransfer,
  type TableParts,
  tableAccount,
  tableData,
} from './messages.js';

/** Against the runtime itself: litesvm embeds Agave's. */

const payer = addressOf('payer');
const table = addressOf('table');
const MEMO = decodeBase58('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
const ED25519 = decodeBase58('Ed25519SigVerify111111111111111111111111111');
const CLOCK = decodeBase58('SysvarC1ock11111111111111111111111111111111');
const LOADER = decodeBase58('BPFLoaderUpgradeab1e11111111111111111111111');
const RICH = 10_000_000_000_000n;
const SLOT = 1_000n;

function newRuntime() {
  const svm = new litesvm.LiteSvm();
  svm.setSigverify(false);
  svm.setBlockhashCheck(false);
  svm.setTransactionHistory(0n);
  svm.setClock(new litesvm.Clock(SLOT, 0n, 0n, 0n, 0n));
  svm.setAccount(payer, new litesvm.Account(RICH, new Uint8Array(), SYSTEM_PROGRAM, false, 0n));
  return svm;
}

function resolve(transaction: Transaction, given: AccountBytes = null) {
  try {
    return resolveTransaction(transaction, {
      accounts: { get: () => given },
      slot: SLOT,
      slotHashes: [],
      isBlockhashRecent: () => true,
    });
  } catch (error) {
    if (!(error instanceof TransactionRejectedError)) throw error;
    return error.transactionError;
  }
}

function errorOf(result: object): unknown {
  return 'err' in result ? transactionErrorJson((result as { err(): EngineError }).err()) : null;
}

const isResolved = (value: unknown): value is ReturnType<typeof resolveTransaction> =>
  typeof value === 'object' && value !== null && 'accountKeys' in value;

describe('resolveTransaction agrees with the runtime', () => {
  const svm = newRuntime();
  const value = fc.oneof(
    fc.bigInt({ min: 0n, max: 2_000_000n }),
    fc.constantFrom(0n, 1n, 1_024n, 32_768n, 40_960n, 262_144n, 1n << 31n, (1n << 32n) - 1n),
  );
  const instruction: fc.Arbitrary<InstructionParts> = fc.oneof(
    { arbitrary: fc.constant({ program: MEMO, data: Uint8Array.of(0xff) }), weight: 2 },
    { arbitrary: fc.constant(systemTransfer(addressOf('to'), RICH * 2n)), weight: 2 },
    fc.constant({ program: ED25519, data: Uint8Array.of(0, 0) }),
    fc
      .record({ kind: fc.integer({ min: 0, max: 5 }), value, bytes: fc.constantFrom(undefined, 2, 8) })
      .map(({ kind, value: number, bytes }) => computeBudget(kind, number, bytes)),
  );

  it('about fees, and about transactions with a bad compute budget', () => {
    let [charged, refused] = [0, 0];
    fc.assert(
      fc.property(fc.array(instruction, { minLength: 1, maxLength: 5 }), (list) => {
        svm.setAccount(payer, new litesvm.Account(RICH, new Uint8Array(), SYSTEM_PROGRAM, false, 0n));
        // The transfer and the memo fail: nothing but the fee is taken.
        const transaction = compile([...list, systemTransfer(addressOf('to'), RICH * 2n)]);
        const result = svm.sendVersionedTransaction(transaction.bytes);
        const fee = RICH - (svm.getBalance(payer) ?? 0n);
        const mine = resolve(transaction);
        // Agave charges the fee for it, litesvm leaves the transaction out.
        if (errorOf(result) === 'MaxLoadedAccountsDataSizeExceeded') expect(isResolved(mine)).toBe(true);
        else if (isResolved(mine)) {
          charged++;
          expect(mine.baseFeeLamports + mine.priorityFeeLamports).toBe(fee);
        } else {
          refused++;
          expect(fee).toBe(0n);
          expect(errorOf(result)).toEqual(mine);
        }
      }),
      { numRuns: 300 },
    );
    expect(charged).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(50);
  });

  it('about what is writable', () => {
    const names = ['a', 'b', 'c'];
    for (const name of names)
      svm.setAccount(
        addressOf(name),
        new litesvm.Account(10n ** 9n, new Uint8Array(), SYSTEM_PROGRAM, false, 0n),
      );
    const account = fc.record({
      address: fc.constantFrom(...names.map(addressOf), CLOCK, LOADER, SYSTEM_PROGRAM, MEMO),
      writable: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(account, { maxLength: 6 }), fc.boolean(), (accounts, callsMemo) => {
        svm.setAccount(payer, new litesvm.Account(RICH, new Uint8Array(), SYSTEM_PROGRAM, false, 0n));
        const extra = { ...systemTransfer(addressOf('a'), 1n) };
        const transfer = { ...extra, accounts: [...extra.accounts!, ...accounts] };
        const transaction = compile(callsMemo ? [{ program: MEMO }, transfer] : [transfer]);
        const result = svm.simulateVersionedTransaction(transaction.bytes);
        const mine = resolve(transaction);
        if (!isResolved(mine) || !('postAccounts' in result)) throw new TypeError('it should have worked');
        expect(
          result
            .postAccounts()
            .map(({ address }) => encodeBase58(address))
            .sort(),
        ).toEqual(
          mine.accountKeys
            .filter((_, index) => mine.writable[index])
            .map(encodeBase58)
            .sort(),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('about lookup tables', () => {
    const parts: fc.Arbitrary<TableParts> = fc.record({
      addresses: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }).map((list) =>
        // address 5 is the payer: named twice then
        list.map((i) => (i === 5 ? payer : addressOf(`looked up ${i}`))),
      ),
      lastExtendedSlot: fc.constantFrom(SLOT, SLOT - 1n),
      lastExtendedStart: fc.integer({ min: 0, max: 4 }),
      deactivationSlot: fc.constantFrom((1n << 64n) - 1n, (1n << 64n) - 1n, SLOT, SLOT - 1n),
      tag: fc.constantFrom(1, 1, 1, 1, 0),
      owner: fc.constantFrom(LOOKUP_PROGRAM, LOOKUP_PROGRAM, LOOKUP_PROGRAM, SYSTEM_PROGRAM),
      tail: fc.constantFrom(0, 0, 0, 5),
    });
    const indexes = fc
      .array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 })
      .map((list) => Uint8Array.from(list));
    const seen = new Set<string>();
    fc.assert(
      fc.property(parts, indexes, indexes, (contents, writableIndexes, readonlyIndexes) => {
        fc.pre(writableIndexes.length + readonlyIndexes.length > 0);
        const owner = contents.owner!;
        svm.setAccount(table, new litesvm.Account(10n ** 9n, tableData(contents), owner, false, 0n));
        const transaction = compile([systemTransfer(addressOf('to'), RICH * 2n)], {
          lookups: [{ accountKey: table, writableIndexes, readonlyIndexes }],
        });
        const result = svm.sendVersionedTransaction(transaction.bytes);
        const mine = resolve(transaction, tableAccount(contents));
        const theirs = errorOf(result);
        seen.add(isResolved(mine) ? 'ok' : String(mine));
        if (isResolved(mine)) expect(theirs).toEqual({ InstructionError: [0, { Custom: 1 }] });
        else expect(theirs).toEqual(mine);
      }),
      { numRuns: 600 },
    );
    expect([...seen].sort()).toEqual([
      'AccountLoadedTwice',
      'AddressLookupTableNotFound',
      'InvalidAddressLookupTableData',
      'InvalidAddressLookupTableIndex',
      'InvalidAddressLookupTableOwner',
      'ok',
    ]);
  });
});
