import { initHashing } from '@polyproof/state';
import fc from 'fast-check';
import litesvm from 'litesvm/dist/internal.js';
import { beforeAll, expect, it } from 'vitest';
import { CIRCUIT_LIMITS } from '../../src/generated/circuit-limits.js';
import { decodeBase58, LAMPORTS_PER_SIGNATURE, systemAccount } from '../../src/index.js';
import { batchCapacity } from '../../src/zkvm/batch-capacity.js';
import { provablePrograms } from '../../src/zkvm/provable-programs.js';
import { runTransactions } from '../../src/zkvm/transaction-run.js';
import { address, BLOCKHASH, engineTransaction, SOL } from '../support/engine-transactions.js';

const MEMO = decodeBase58('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');
const PAYER = address('payer');

/** Characters of every length and at the edges of each, among them bytes that are in no text. */
const piece = fc.oneof(
  fc
    .constantFrom('a', '\x7f', '\x80', '߿', 'ࠀ', '퟿', '', '￿', '\u{10000}', '\u{10ffff}')
    .map((text) => [...Buffer.from(text)]),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => [...Buffer.from(text)]),
  fc.constant([...Buffer.from('eight or more bytes of ASCII')]),
);
const broken = fc.oneof(
  fc
    .constantFrom(0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff)
    .map((byte) => [byte]),
  fc.constantFrom([0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80]),
);
const memo = fc
  .array(fc.oneof({ weight: 9, arbitrary: piece }, broken), { maxLength: 12 })
  .map((pieces) => Uint8Array.from(pieces.flat()));

beforeAll(() => initHashing());

it('takes the same bytes for text as the engine, for as many units', () => {
  const svm = new litesvm.LiteSvm();
  svm.setSigverify(false);
  svm.setBlockhashCheck(false);
  svm.setTransactionHistory(0n);
  const account = systemAccount(SOL);
  const { lamports, data, owner, rentEpoch } = account;
  const seen = { succeeded: 0, failed: 0 };
  const executed = (text: Uint8Array) => {
    svm.setAccount(PAYER, new litesvm.Account(lamports, data, owner, false, rentEpoch));
    const instruction = { program: MEMO, accounts: [], data: text };
    const result = svm.sendLegacyTransaction(
      engineTransaction({ signers: ['payer'], instructions: [instruction], blockhash: BLOCKHASH }).transaction
        .bytes,
    );
    const ok = result instanceof litesvm.TransactionMetadata;
    seen[ok ? 'succeeded' : 'failed']++;
    return { fails: !ok, units: Number((ok ? result : result.meta()).computeUnitsConsumed()) };
  };
  const proved = (text: Uint8Array) => {
    const { rows, run } = runTransactions({
      accounts: [{ address: PAYER, account }],
      programs: provablePrograms(),
      blocks: [
        {
          transactions: [
            {
              payer: 0,
              feeLamports: LAMPORTS_PER_SIGNATURE,
              computeUnitLimit: 200_000,
              instructions: [{ programId: MEMO, accounts: [], data: text }],
            },
          ],
        },
      ],
      capacity: batchCapacity(CIRCUIT_LIMITS),
    });
    return { fails: rows[0]!.fails, units: run.units };
  };
  fc.assert(
    fc.property(memo, (text) => {
      expect(proved(text)).toEqual(executed(text));
    }),
    { numRuns: 400 },
  );
  expect(seen.succeeded).toBeGreaterThan(50);
  expect(seen.failed).toBeGreaterThan(50);
});
