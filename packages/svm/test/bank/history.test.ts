import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeBase58, decodeTransaction, type Transaction } from '../../src/index.js';
import { encodeMeta } from '../../src/runtime/engine/meta-codec.js';
import { address, signMessage, transferMessage } from '../wire.js';
import { COLLECTOR, rollupConfig, SOL, TestBank } from './test-bank.js';

const GENESIS = { [COLLECTOR]: SOL, alice: 100n * SOL, bob: 100n * SOL };
const MEMO = decodeBase58('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');

describe('history of a bank', () => {
  let test: TestBank;
  beforeEach(async () => {
    test = await TestBank.open({}, { config: rollupConfig(GENESIS, 'any') });
  });
  afterEach(() => test.close());

  /** A transfer of alice's with memos in front. */
  const withMemos = (lamports: bigint, ...memos: Uint8Array[]): Transaction => {
    const message = transferMessage({
      from: 'alice',
      to: 'bob',
      lamports,
      blockhash: test.bank.latestBlockhash,
    });
    message.accountKeys.push(MEMO);
    message.header.numReadonlyUnsignedAccounts++;
    const programIdIndex = message.accountKeys.length - 1;
    message.instructions.push(
      ...memos.map((data) => ({ programIdIndex, accountIndexes: new Uint8Array(), data })),
    );
    return decodeTransaction(signMessage(message, ['alice']));
  };

  it('tells what became of transactions', async () => {
    const { bank } = test;
    const ok = test.transfer({ from: 'alice', to: 'bob', lamports: SOL });
    const failing = test.transfer({ from: 'bob', to: 'alice', lamports: 1_000n * SOL });
    await bank.produceBlock([]);
    const { block } = await test.produce(ok, failing);
    expect(block).toMatchObject({ slot: 2n, transactions: 2 });
    expect(bank.getSignatureStatus(ok.signatures[0]!)).toEqual({ slot: 2n, index: 0, batch: 1n });
    expect(bank.getSignatureStatus(failing.signatures[0]!)).toEqual({
      slot: 2n,
      index: 1,
      batch: 1n,
      error: { InstructionError: [0, { Custom: 1 }] },
    });
    const [first, second] = bank.getBlockTransactions(2n);
    expect(first).toMatchObject({ bytes: ok.bytes, index: 0, computeUnits: 150n });
    expect('error' in first!).toBe(false);
    expect(second).toMatchObject({
      bytes: failing.bytes,
      index: 1,
      error: { InstructionError: [0, { Custom: 1 }] },
    });
    expect(bank.getBlockTransactions(1n)).toEqual([]);
    expect(bank.getBlockTransactions(3n)).toEqual([]);
    expect(bank.getTransaction(new Uint8Array(64))).toBeUndefined();
    expect(bank.getTransaction(new Uint8Array(3))).toBeUndefined();
  });

  it('keeps the metadata of the engine', async () => {
    const transaction = test.transfer({ from: 'alice', to: 'bob', lamports: SOL });
    const meta = {
      logs: ['Program 11111111111111111111111111111111 invoke [1]'],
      innerInstructions: [],
      preBalances: [2n, 1n, 1n],
      postBalances: [1n, 2n, 1n],
      preTokenBalances: [],
      postTokenBalances: [],
      loadedAddresses: { writable: [], readonly: [] },
    };
    test.runtime.meta = encodeMeta(meta);
    await test.produce(transaction);
    expect(test.bank.getTransaction(transaction.signatures[0]!)?.meta).toEqual(meta);
  });

  it('stores blocks of any number of transactions', async () => {
    for (const count of [15, 16, 17, 33]) {
      const transactions = Array.from({ length: count }, (_, i) =>
        test.transfer({ from: 'alice', to: 'bob', lamports: BigInt(i + 1) }),
      );
      const { block } = await test.produce(...transactions);
      const stored = test.bank.getBlockTransactions(block.slot);
      expect(stored.map(({ bytes }) => bytes)).toEqual(transactions.map(({ bytes }) => bytes));
      expect(stored.map(({ index }) => index)).toEqual(transactions.map((_, i) => i));
      for (const [index, { signatures }] of transactions.entries())
        expect(test.bank.getSignatureStatus(signatures[0]!)).toMatchObject({ slot: block.slot, index });
    }
  });

  describe('by address', () => {
    const signatures: Uint8Array[] = [];
    beforeEach(async () => {
      signatures.length = 0;
      // 3 blocks of 40 transactions each: more than is read at once
      for (let block = 0; block < 3; block++) {
        const transactions = Array.from({ length: 40 }, (_, i) =>
          test.transfer({
            from: 'alice',
            to: i % 2 === 0 ? 'bob' : 'carol',
            lamports: SOL / 100n + BigInt(i),
          }),
        );
        await test.produce(...transactions);
        signatures.push(...transactions.map(({ signatures }) => signatures[0]!));
      }
      signatures.reverse();
    });
    const search = (name: string, options: { limit: number; before?: Uint8Array; until?: Uint8Array }) =>
      test.bank.getSignaturesForAddress(address(name), options).map(({ signature }) => signature);

    it('lists newest first, between two signatures', () => {
      expect(search('alice', { limit: 1_000 })).toEqual(signatures);
      expect(search('alice', { limit: 7 })).toEqual(signatures.slice(0, 7));
      const [before, until] = [signatures[25]!, signatures[90]!];
      expect(search('alice', { limit: 1_000, before })).toEqual(signatures.slice(26));
      expect(search('alice', { limit: 1_000, until })).toEqual(signatures.slice(0, 90));
      expect(search('alice', { limit: 1_000, before, until })).toEqual(signatures.slice(26, 90));
      expect(search('alice', { limit: 5, before: until, until: before })).toEqual([]);
      expect(search('alice', { limit: 5, before: new Uint8Array(64) })).toEqual([]);
      expect(search('alice', { limit: 5, until: new Uint8Array(64) })).toEqual(signatures.slice(0, 5));
      expect(search('nobody', { limit: 5 })).toEqual([]);
    });

    it('lists what names the address, whoever pays', () => {
      const bobs = signatures.filter((_, i) => i % 2 === 1);
      expect(search('bob', { limit: 1_000 })).toEqual(bobs);
      // The bounds are places in time: the transactions need not name the address.
      expect(search('bob', { limit: 1_000, before: signatures[10]! })).toEqual(bobs.slice(5));
      expect(search(COLLECTOR, { limit: 10 })).toEqual([]);
    });
  });

  it('shows memos as Solana does', async () => {
    const text = (text: string) => new TextEncoder().encode(text);
    const transactions = [
      withMemos(1n, text('hello')),
      withMemos(2n, text('grüße'), text('')),
      withMemos(3n, Uint8Array.of(0xff, 0xfe)),
      withMemos(4n),
    ];
    await test.produce(...transactions);
    const found = test.bank.getSignaturesForAddress(MEMO, { limit: 10 });
    expect(found.map(({ memo }) => memo).reverse()).toEqual([
      '[5] hello',
      '[7] grüße; [0] ',
      '[2] (unparseable)',
      null,
    ]);
    expect(found[0]).toMatchObject({ slot: 1n, index: 3, batch: 1n, unixTimestamp: 1_700_000_000n });
  });
});

describe('retention', () => {
  it('removes blocks that are too old, with all that leads to them', async () => {
    const test = await TestBank.open(GENESIS, { historySlots: 512 });
    try {
      const { bank } = test;
      const old = test.transfer({ from: 'alice', to: 'carol', lamports: SOL });
      await test.produce(old);
      await bank.closeBatch();
      const newer = test.transfer({ from: 'alice', to: 'bob', lamports: 1n });
      await test.produce(newer);
      for (let slot = 3; slot < 512; slot++) await bank.produceBlock([]);
      expect(bank.firstAvailableSlot).toBe(0n);
      expect(bank.getBlock(0n)).toBeDefined();
      await bank.produceBlock([]);
      expect(bank.firstAvailableSlot).toBe(1n);
      expect(bank.getBlock(0n)).toBeUndefined();
      expect(bank.getTransaction(old.signatures[0]!)).toBeDefined();
      await bank.produceBlock([]);
      expect(bank.firstAvailableSlot).toBe(2n);
      expect(bank.getBlock(1n)).toBeUndefined();
      expect(bank.getBlockTransactions(1n)).toEqual([]);
      expect(bank.getTransaction(old.signatures[0]!)).toBeUndefined();
      expect(bank.getSignatureStatus(old.signatures[0]!)).toBeUndefined();
      expect(bank.getSignaturesForAddress(address('carol'), { limit: 10 })).toEqual([]);
      expect(bank.getSignaturesForAddress(address('alice'), { limit: 10 })).toMatchObject([
        { signature: newer.signatures[0]!, slot: 2n },
      ]);
      // The batch and the state are still there.
      expect(bank.getBatch(1n)).toBeDefined();
      expect(test.balance('carol')).toBe(SOL);
      await test.reopen();
      expect(test.bank.firstAvailableSlot).toBe(2n);
      expect((await test.bank.produceBlock([])).block.slot).toBe(514n);
      expect(test.bank.firstAvailableSlot).toBe(3n);
    } finally {
      await test.close();
    }
  });

  it('removes batches that are final and beyond the ones to keep', async () => {
    const test = await TestBank.open(GENESIS, { keepBatches: 2 });
    try {
      const { bank } = test;
      const roots = [bank.stateRoot];
      const batch = async (lamports: bigint) => {
        await test.block({ from: 'alice', to: 'bob', lamports });
        roots.push(bank.stateRoot);
        return (await bank.closeBatch())!;
      };
      for (let i = 1n; i <= 4n; i++) await batch(i);
      expect(bank.firstBatch).toBe(1n);
      bank.markFinal(2n);
      await batch(5n);
      expect(bank.firstBatch).toBe(3n);
      expect([1n, 2n, 3n].map((number) => bank.getBatch(number)?.number)).toEqual([undefined, undefined, 3n]);
      expect([2n, 3n].map((number) => bank.getWitness(number)?.batchNumber)).toEqual([undefined, 3n]);
      expect(bank.proveAccount(address('bob'), roots[5]!).account?.lamports).toBe(100n * SOL + 15n);
      expect(() => bank.proveAccount(address('bob'), roots[1]!)).toThrow(
        expect.objectContaining({ code: 'UNKNOWN_ROOT' }),
      );
      await expect(bank.rollBack(1n)).rejects.toThrow(expect.objectContaining({ code: 'UNKNOWN_BATCH' }));
      bank.markFinal(5n);
      await test.reopen(); // told again with the next block, if it was not stored
      test.bank.markFinal(5n);
      await test.block({ from: 'alice', to: 'bob', lamports: 6n });
      await test.bank.closeBatch();
      expect(test.bank.firstBatch).toBe(5n);
    } finally {
      await test.close();
    }
  });
});
