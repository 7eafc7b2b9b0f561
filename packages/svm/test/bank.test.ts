import { createHash } from 'node:crypto';
import { fieldToBytes, silentLogger, u64le } from '@polyproof/base';
import { accountKey, accountValue, verifyTreeProof } from '@polyproof/state';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Bank,
  BankError,
  CIRCUIT_LIMITS,
  chainDataHash,
  configHash,
  decodeBatchData,
  decodeTransaction,
  genesisStateRoot,
  NotProvableError,
  RollupConfigError,
  SYSTEM_PROGRAM,
} from '../src/index.js';
import { COLLECTOR, rollupConfig, SOL, TestBank } from './helpers.js';
import { address, signMessage, transfer, transferMessage } from './wire.js';

const FEE = 5_000n;
const GENESIS = { [COLLECTOR]: SOL, alice: 10n * SOL, bob: 10n * SOL };

describe('Bank', () => {
  let test: TestBank;
  beforeEach(async () => {
    test = await TestBank.open(GENESIS);
  });
  afterEach(() => test.close());

  it('starts at the genesis state', () => {
    const { bank } = test;
    const config = rollupConfig(GENESIS);
    expect(bank.slot).toBe(0n);
    expect(bank.stateRoot).toBe(genesisStateRoot(config));
    const label = Buffer.from('polyproof genesis');
    const parts = [label, fieldToBytes(configHash(config)), fieldToBytes(bank.stateRoot)];
    const hash = createHash('sha256').update(Buffer.concat(parts)).digest();
    expect(bank.latestBlockhash).toEqual(new Uint8Array(hash));
    expect(bank.openBatch).toEqual({ number: 1n, transactions: 0, blocks: 0 });
    expect(bank.lastBatch).toBe(0n);
  });

  it('executes a block, and its tree proves every account', async () => {
    const [record] = await test.block({ from: 'alice', to: 'carol', lamports: SOL });
    const { bank } = test;
    expect(record).toMatchObject({
      status: 'ok',
      slot: 1n,
      batch: 1n,
      feeLamports: FEE,
      unixTimestamp: 1_700_000_000n,
    });
    expect(test.balance('alice')).toBe(9n * SOL - FEE);
    expect(test.balance(COLLECTOR)).toBe(SOL + FEE);
    expect(bank.transactionCount).toBe(1n);
    for (const name of ['alice', 'bob', 'carol', COLLECTOR]) {
      const { account, proof, root } = bank.proveAccount(address(name));
      expect(root).toBe(bank.stateRoot);
      expect(account).toEqual(bank.getAccount(address(name)));
      expect(verifyTreeProof(root, accountKey(address(name)), proof)).toBe(accountValue(account!));
    }
    const absent = bank.proveAccount(address('nobody'));
    expect(absent.account).toBeUndefined();
    expect(verifyTreeProof(absent.root, accountKey(address('nobody')), absent.proof)).toBeUndefined();
  });

  it('proves accounts under old roots, and knows no others', async () => {
    const root = test.bank.stateRoot;
    await test.block({ from: 'alice', to: 'bob', lamports: 10n * SOL - FEE });
    expect(test.bank.proveAccount(address('alice')).account).toBeUndefined();
    expect(test.bank.proveAccount(address('alice'), root).account?.lamports).toBe(10n * SOL);
    expect(() => test.bank.proveAccount(address('alice'), 123n)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_ROOT' }),
    );
  });

  it('derives blockhashes from the block before, the slot and the signatures', async () => {
    const { bank } = test;
    const previous = bank.latestBlockhash;
    const transaction = test.transfer({ from: 'alice', to: 'bob', lamports: 1n });
    const block = await bank.produceBlock([transaction]);
    const bytes = Buffer.concat([previous, u64le(1n), transaction.signatures[0]!]);
    expect(block.blockhash).toEqual(new Uint8Array(createHash('sha256').update(bytes).digest()));
    expect(block.previousBlockhash).toEqual(previous);
    expect(block.signatures).toEqual(transaction.signatures);
    expect(bank.getBlock(1n)).toEqual(block);
    expect(bank.latestBlockhash).toEqual(block.blockhash);
  });

  it('makes empty blocks, which are in no batch', async () => {
    const { bank } = test;
    const root = bank.stateRoot;
    const block = await bank.produceBlock([]);
    expect(block).toMatchObject({ slot: 1n, signatures: [], stateRoot: root });
    expect(bank.openBatch).toEqual({ number: 1n, transactions: 0, blocks: 0 });
    expect(await bank.closeBatch()).toBeUndefined();
    expect(test.executor.processId).toBeUndefined();
  });

  it('never lets time run backwards', async () => {
    await test.block({ from: 'alice', to: 'bob', lamports: 1n });
    test.nowMs -= 60_000;
    expect((await test.bank.produceBlock([])).unixTimestamp).toBe(1_700_000_000n);
    test.nowMs += 61_999;
    expect((await test.bank.produceBlock([])).unixTimestamp).toBe(1_700_000_001n);
  });

  it('takes a blockhash for 150 blocks', async () => {
    const { bank } = test;
    const old = bank.latestBlockhash;
    expect(bank.lastValidBlockHeight).toBe(150n);
    for (let i = 0; i < 149; i++) await bank.produceBlock([]);
    expect(bank.isBlockhashRecent(old)).toBe(true);
    const [good] = await test.block({ from: 'alice', to: 'bob', lamports: 1n, blockhash: old });
    expect(good).toMatchObject({ status: 'ok', slot: 150n });
    expect(bank.isBlockhashRecent(old)).toBe(false);
    const [late] = await test.block({ from: 'alice', to: 'bob', lamports: 2n, blockhash: old });
    expect(late).toMatchObject({ status: 'rejected', error: 'BlockhashNotFound', feeLamports: 0n });
    expect(bank.transactionCount).toBe(1n);
  });

  describe('with a transaction that comes again', () => {
    it('refuses it and keeps its record', async () => {
      const { bank } = test;
      const transaction = test.transfer({ from: 'alice', to: 'bob', lamports: 1n });
      await bank.produceBlock([transaction, transaction]);
      const again = await bank.produceBlock([transaction]);
      expect(again.signatures).toEqual([]);
      expect(bank.getTransactionStatus(transaction.signatures[0]!)).toMatchObject({ status: 'ok', slot: 1n });
      expect(test.balance('bob')).toBe(10n * SOL + 1n);
    });

    it('refuses it under another signature of its fee payer too', async () => {
      const { bank } = test;
      const transaction = test.transfer({ payer: 'bob', from: 'alice', to: 'bob', lamports: SOL });
      await bank.produceBlock([transaction]);
      // What a fee payer who signs again would send; even with a good signature it is the same message.
      const bytes = transaction.bytes.slice();
      bytes[1]! ^= 1;
      const other = decodeTransaction(bytes);
      await bank.produceBlock([other]);
      expect(bank.getTransactionStatus(other.signatures[0]!)).toMatchObject({ error: 'AlreadyProcessed' });
      expect(test.balance('alice')).toBe(9n * SOL);
    });

    it('takes it when it was only rejected before', async () => {
      const { bank } = test;
      const transaction = test.transfer({ from: 'dora', to: 'bob', lamports: 1n });
      const signature = transaction.signatures[0]!;
      await bank.produceBlock([transaction]);
      expect(bank.getTransactionStatus(signature)).toMatchObject({
        status: 'rejected',
        error: 'AccountNotFound',
      });
      await test.block({ from: 'alice', to: 'dora', lamports: SOL });
      await bank.produceBlock([transaction]);
      expect(bank.getTransactionStatus(signature)).toMatchObject({ status: 'ok', slot: 3n });
    });
  });

  it('rejects a wrong signature', async () => {
    const bytes = transfer({ from: 'alice', to: 'bob', lamports: 1n, blockhash: test.bank.latestBlockhash });
    bytes[5]! ^= 1;
    const transaction = decodeTransaction(bytes);
    await test.bank.produceBlock([transaction]);
    const record = test.bank.getTransactionStatus(transaction.signatures[0]!);
    expect(record).toMatchObject({ status: 'rejected', error: 'SignatureFailure' });
    expect(test.bank.openBatch.transactions).toBe(0);
  });

  it('throws on what is not provable and changes nothing', async () => {
    const message = transferMessage({ from: 'alice', to: 'bob', lamports: 1n });
    message.instructions.push(message.instructions[0]!);
    const two = decodeTransaction(signMessage(message, ['alice']));
    const good = test.transfer({ from: 'alice', to: 'bob', lamports: 1n });
    await expect(test.bank.produceBlock([good, two])).rejects.toThrow(NotProvableError);
    expect(test.bank.slot).toBe(0n);
    expect(test.bank.getTransactionStatus(good.signatures[0]!)).toBeUndefined();
  });

  it('closes batches that chain', async () => {
    const { bank } = test;
    await test.block({ from: 'alice', to: 'bob', lamports: 1n });
    await bank.produceBlock([]);
    await test.block({ from: 'bob', to: 'carol', lamports: SOL }, { from: 'bob', to: 'alice', lamports: 3n });
    const rootAfter = bank.stateRoot;
    const first = (await bank.closeBatch())!;
    expect(first).toMatchObject({
      number: 1n,
      firstSlot: 1n,
      lastSlot: 3n,
      transactions: 3,
      prevDataHash: 0n,
    });
    expect(first.newStateRoot).toBe(rootAfter);
    expect(first.newDataHash).toBe(chainDataHash(0n, first.data));
    expect(decodeBatchData(first.data).map(({ lastOfBlock }) => lastOfBlock)).toEqual([true, false, true]);
    await test.block({ from: 'alice', to: 'bob', lamports: 5n });
    const second = (await bank.closeBatch())!;
    expect(second.prevStateRoot).toBe(first.newStateRoot);
    expect(second.prevDataHash).toBe(first.newDataHash);
    expect([bank.lastBatch, bank.openBatch.number]).toEqual([2n, 3n]);
    expect(bank.getBatch(1n)).toEqual(first);
    expect(bank.getBatch(3n)).toBeUndefined();
    expect(await bank.closeBatch()).toBeUndefined();
  });

  it('continues where it was, in the middle of a batch', async () => {
    await test.block({ from: 'alice', to: 'bob', lamports: 1n });
    const before = test.bank;
    const view = (bank: Bank) => ({
      slot: bank.slot,
      stateRoot: bank.stateRoot,
      blockhash: bank.latestBlockhash,
      open: bank.openBatch,
      count: bank.transactionCount,
      account: bank.getAccount(address('alice')),
      block: bank.getBlock(1n),
    });
    const expected = view(before);
    await test.reopen();
    expect(test.bank).not.toBe(before);
    expect(view(test.bank)).toEqual(expected);
    const [record] = await test.block({ from: 'bob', to: 'carol', lamports: SOL });
    expect(record).toMatchObject({ status: 'ok', slot: 2n });
    const batch = (await test.bank.closeBatch())!;
    expect(batch).toMatchObject({ transactions: 2, firstSlot: 1n, lastSlot: 2n });
    const witness = test.bank.getWitness(1n);
    await test.reopen();
    expect(test.bank.getBatch(1n)).toEqual(batch);
    expect(test.bank.getWitness(1n)).toEqual(witness);
  });

  it('refuses the directory of another rollup', async () => {
    await test.bank.close();
    const open = (balances: Record<string, bigint>, rollupId = 7n) =>
      Bank.open(
        { directory: test.directory, config: { ...rollupConfig(balances), rollupId } },
        { executor: test.executor, logger: silentLogger },
      );
    for (const attempt of [open({ ...GENESIS, alice: SOL }), open(GENESIS, 8n)])
      await expect(attempt).rejects.toThrow(expect.objectContaining({ code: 'CONFIG_MISMATCH' }));
    await expect(test.bank.produceBlock([])).rejects.toThrow(BankError);
  });

  describe('when the engine dies', () => {
    const kill = () => process.kill(test.executor.processId!, 'SIGKILL');

    it('between blocks, it goes on from the database', async () => {
      await test.block({ from: 'alice', to: 'bob', lamports: 1n });
      kill();
      // The block either meets the dead process and throws, or finds a new one; it never is half there.
      const transaction = test.transfer({ from: 'alice', to: 'bob', lamports: 2n });
      const attempts = [];
      while (test.bank.slot < 2n)
        attempts.push(
          await test.bank.produceBlock([transaction]).catch((error: { code: string }) => error.code),
        );
      expect(attempts.length).toBeLessThanOrEqual(2);
      expect(test.balance('bob')).toBe(10n * SOL + 3n);
    });

    it('in a block, the call rejects with what it was doing and the next one succeeds', async () => {
      await test.block({ from: 'alice', to: 'bob', lamports: 1n });
      const root = test.bank.stateRoot;
      const transaction = test.transfer({ from: 'alice', to: 'bob', lamports: 2n });
      process.kill(test.executor.processId!, 'SIGSTOP');
      const running = test.bank.produceBlock([transaction]);
      kill();
      await expect(running).rejects.toThrow(
        expect.objectContaining({
          code: 'EXECUTOR_CRASHED',
          message: expect.stringContaining('executing block 2 with 1 transactions'),
        }),
      );
      expect([test.bank.slot, test.bank.stateRoot]).toEqual([1n, root]);
      await test.bank.produceBlock([transaction]);
      expect(test.bank.getTransactionStatus(transaction.signatures[0]!)).toMatchObject({
        status: 'ok',
        slot: 2n,
      });
    });
  });
});

describe('Bank.fits', () => {
  const names = Array.from({ length: 40 }, (_, i) => `user ${i}`);
  let test: TestBank;
  beforeEach(async () => {
    test = await TestBank.open(Object.fromEntries([COLLECTOR, ...names].map((name) => [name, SOL])));
  });
  afterEach(() => test.close());

  it('limits the transactions of a batch, over its blocks', async () => {
    const make = (i: number) => test.transfer({ from: names[0]!, to: names[1]!, lamports: BigInt(i) });
    const chosen = Array.from({ length: CIRCUIT_LIMITS.transactions }, (_, i) => make(i));
    // The data of a full batch of short messages is within its limit.
    expect(test.bank.fits(chosen[0]!, chosen.slice(1))).toBe(true);
    expect(test.bank.fits(make(99), chosen)).toBe(false);
    await expect(test.bank.produceBlock([...chosen, make(99)])).rejects.toThrow(
      expect.objectContaining({ code: 'BATCH_FULL' }),
    );
    await test.bank.produceBlock(chosen.slice(0, -1));
    const [last, beyond] = [chosen.at(-1)!, make(99)];
    expect(test.bank.fits(last)).toBe(true);
    await test.reopen();
    expect(test.bank.fits(last)).toBe(true);
    expect(test.bank.fits(beyond, [last])).toBe(false);
    await test.bank.produceBlock([last]);
    expect(test.bank.fits(beyond)).toBe(false);
    await test.bank.closeBatch();
    expect(test.bank.fits(beyond)).toBe(true);
  });

  it('limits the accounts of a batch, the collector included', () => {
    // each transaction brings two new accounts
    const pairs = Array.from({ length: 12 }, (_, i) =>
      test.transfer({ from: names[2 * i]!, to: names[2 * i + 1]!, lamports: 1n }),
    );
    const most = (CIRCUIT_LIMITS.accounts - 1) >> 1;
    expect(test.bank.fits(pairs[most - 1]!, pairs.slice(0, most - 1))).toBe(true);
    expect(test.bank.fits(pairs[most]!, pairs.slice(0, most))).toBe(false);
    const known = test.transfer({ from: names[1]!, to: names[0]!, lamports: 1n });
    expect(test.bank.fits(known, pairs.slice(0, most))).toBe(true);
  });

  it('limits the bytes of batch data', () => {
    const long = (i: number) => {
      const parts = {
        payer: names[0]!,
        from: names[1]!,
        to: names[2]!,
        lamports: BigInt(i),
        version: 0 as const,
      };
      return test.transfer(parts);
    };
    const all = Array.from({ length: CIRCUIT_LIMITS.transactions }, (_, i) => long(i));
    const entry = 2 + all[0]!.messageBytes.length;
    const most = Math.floor(CIRCUIT_LIMITS.dataBytes / entry);
    expect(most).toBeLessThan(CIRCUIT_LIMITS.transactions);
    expect(test.bank.fits(all[most - 1]!, all.slice(0, most - 1))).toBe(true);
    expect(test.bank.fits(all[most]!, all.slice(0, most))).toBe(false);
  });
});

describe('configuration of a rollup', () => {
  it('is refused where it breaks a rule', async () => {
    const good = rollupConfig(GENESIS);
    const wrong = [
      { ...good, rollupId: 1n << 64n },
      { ...good, collector: new Uint8Array(31) },
      { ...good, collector: SYSTEM_PROGRAM },
      { ...good, lamportsPerSignature: 1n },
      { ...good, genesis: [...good.genesis, good.genesis[0]!] },
      { ...good, genesis: [{ address: address('x'), lamports: 890_879n }] },
      { ...good, genesis: [{ address: SYSTEM_PROGRAM, lamports: SOL }] },
      {
        ...good,
        genesis: [
          { address: address('x'), lamports: (1n << 64n) - SOL },
          { address: address('y'), lamports: SOL },
        ],
      },
    ];
    for (const config of wrong)
      await expect(
        Bank.open({ directory: '/nonexistent/never-opened', config }, {} as never),
      ).rejects.toThrow(RollupConfigError);
  });
});
