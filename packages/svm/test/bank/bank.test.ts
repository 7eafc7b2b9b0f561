import { createHash } from 'node:crypto';
import { fieldToBytes, silentLogger, u64le } from '@polyproof/base';
import { accountKey, accountValue, verifyTreeProof } from '@polyproof/state';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bank } from '../../src/bank/bank.js';
import { genesisPrograms } from '../../src/genesis-programs.js';
import {
  chainDataHash,
  configHash,
  decodeProvedData,
  decodeTransaction,
  genesisStateRoot,
  NotProvableError,
  RollupConfigError,
  SYSTEM_PROGRAM,
} from '../../src/index.js';
import { address, signMessage, transferMessage } from '../wire.js';
import { COLLECTOR, rollupConfig, SOL, TestBank } from './test-bank.js';
import { TOKEN } from './token-accounts.js';

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
    expect(bank.genesisBlockhash).toEqual(bank.latestBlockhash);
    expect(bank.openBatch).toEqual({ number: 1n, transactions: 0, blocks: 0, deposits: 0 });
    expect(bank.lastBatch).toBe(0n);
    expect(bank.execution).toBe('zk');
  });

  it('executes a block, and its tree proves every account', async () => {
    const { bank } = test;
    const transaction = test.transfer({ from: 'alice', to: 'carol', lamports: SOL });
    const { block, included } = await test.produce(transaction);
    expect(included.map(({ transaction }) => transaction)).toEqual([transaction]);
    expect(block).toMatchObject({ slot: 1n, batch: 1n, transactions: 1, unixTimestamp: 1_700_000_000n });
    expect(bank.getTransaction(transaction.signatures[0]!)).toMatchObject({
      bytes: transaction.bytes,
      slot: 1n,
      index: 0,
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
    const { block } = await test.produce(transaction);
    const bytes = Buffer.concat([previous, u64le(1n), transaction.signatures[0]!]);
    expect(block.blockhash).toEqual(new Uint8Array(createHash('sha256').update(bytes).digest()));
    expect(block.previousBlockhash).toEqual(previous);
    expect(bank.getBlock(1n)).toEqual(block);
    expect(bank.latestBlockhash).toEqual(block.blockhash);
  });

  it('makes empty blocks, which are in no batch', async () => {
    const { bank } = test;
    const root = bank.stateRoot;
    const { block } = await bank.produceBlock([]);
    expect(block).toMatchObject({ slot: 1n, transactions: 0, stateRoot: root });
    expect(bank.openBatch).toEqual({ number: 1n, transactions: 0, blocks: 0, deposits: 0 });
    expect(await bank.closeBatch()).toBeUndefined();
    expect(test.runtime.contexts).toEqual([]);
  });

  it('never lets time run backwards', async () => {
    await test.block({ from: 'alice', to: 'bob', lamports: 1n });
    test.nowMs -= 60_000;
    expect((await test.bank.produceBlock([])).block.unixTimestamp).toBe(1_700_000_000n);
    test.nowMs += 61_999;
    expect((await test.bank.produceBlock([])).block.unixTimestamp).toBe(1_700_000_001n);
  });

  it('takes a blockhash for 150 blocks', async () => {
    const { bank } = test;
    const old = bank.latestBlockhash;
    expect(bank.lastValidBlockHeight).toBe(150n);
    for (let i = 0; i < 149; i++) await bank.produceBlock([]);
    expect(bank.isBlockhashRecent(old)).toBe(true);
    const late = bank.resolve(test.transfer({ from: 'alice', to: 'bob', lamports: 2n, blockhash: old }));
    const good = await test.block({ from: 'alice', to: 'bob', lamports: 1n, blockhash: old });
    expect(good.included).toHaveLength(1);
    expect(bank.isBlockhashRecent(old)).toBe(false);
    // resolved while the blockhash was good
    const { included, rejected } = await bank.produceBlock([late]);
    expect(included).toEqual([]);
    expect(rejected).toEqual([{ transaction: late, error: 'BlockhashNotFound' }]);
    expect(bank.transactionCount).toBe(1n);
  });

  it('refuses a transaction that comes again, and keeps its record', async () => {
    const { bank } = test;
    const transaction = test.transfer({ from: 'alice', to: 'bob', lamports: 1n });
    expect(bank.hasProcessed(transaction)).toBe(false);
    const first = await test.produce(transaction, transaction);
    expect(first.rejected).toMatchObject([{ error: 'AlreadyProcessed' }]);
    expect(bank.hasProcessed(transaction)).toBe(true);
    const again = await test.produce(transaction);
    expect(again.rejected).toMatchObject([{ error: 'AlreadyProcessed' }]);
    expect(bank.getSignatureStatus(transaction.signatures[0]!)).toEqual({ slot: 1n, index: 0, batch: 1n });
    expect(test.balance('bob')).toBe(10n * SOL + 1n);
    await test.reopen();
    expect(test.bank.hasProcessed(decodeTransaction(transaction.bytes))).toBe(true);
  });

  it('refuses it under another signature of its fee payer too', async () => {
    const transaction = test.transfer({ payer: 'bob', from: 'alice', to: 'bob', lamports: SOL });
    await test.produce(transaction);
    // What a fee payer who signs again would send; even with a good signature it is the same message.
    const bytes = transaction.bytes.slice();
    bytes[1]! ^= 1;
    const other = decodeTransaction(bytes);
    expect((await test.produce(other)).rejected).toMatchObject([{ error: 'AlreadyProcessed' }]);
    expect(test.bank.getTransaction(other.signatures[0]!)).toBeUndefined();
    expect(test.balance('alice')).toBe(9n * SOL);
  });

  it('takes it when it was only rejected before, and keeps no record of that', async () => {
    const { bank } = test;
    const transaction = test.transfer({ from: 'dora', to: 'bob', lamports: 1n });
    const { rejected } = await test.produce(transaction);
    expect(rejected).toMatchObject([{ error: 'AccountNotFound' }]);
    expect(bank.getTransaction(transaction.signatures[0]!)).toBeUndefined();
    await test.block({ from: 'alice', to: 'dora', lamports: SOL });
    await test.produce(transaction);
    expect(bank.getSignatureStatus(transaction.signatures[0]!)).toMatchObject({ slot: 3n });
  });

  it('throws on what is not provable and changes nothing', async () => {
    const message = transferMessage({ from: 'alice', to: 'bob', lamports: 1n });
    message.instructions[0]!.data[0] = 3;
    const other = decodeTransaction(signMessage(message, ['alice']));
    const good = test.bank.resolve(test.transfer({ from: 'alice', to: 'bob', lamports: 1n }));
    expect(() => test.bank.resolve(other)).toThrow(NotProvableError);
    await expect(test.bank.produceBlock([good, { ...good, transaction: other }])).rejects.toThrow(
      NotProvableError,
    );
    expect(test.bank.slot).toBe(0n);
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
    expect(decodeProvedData(first.data).entries.map(({ lastOfBlock }) => lastOfBlock)).toEqual([
      true,
      false,
      true,
    ]);
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
    const { block } = await test.block({ from: 'bob', to: 'carol', lamports: SOL });
    expect(block).toMatchObject({ slot: 2n, transactions: 1 });
    const batch = (await test.bank.closeBatch())!;
    expect(batch).toMatchObject({ transactions: 2, firstSlot: 1n, lastSlot: 2n });
    const witness = test.bank.getWitness(1n);
    await test.reopen();
    expect(test.bank.getBatch(1n)).toEqual(batch);
    expect(test.bank.getWitness(1n)).toEqual(witness);
  });

  it('refuses the directory of another rollup, and of a running bank', async () => {
    const open = (balances: Record<string, bigint>, changes = {}) =>
      Bank.open(
        { directory: test.directory, config: { ...rollupConfig(balances), ...changes } },
        { runtime: () => ({}) as never, logger: silentLogger },
      );
    await expect(open(GENESIS)).rejects.toThrow(expect.objectContaining({ code: 'DIRECTORY_IN_USE' }));
    await test.bank.close();
    for (const attempt of [
      () => open({ ...GENESIS, alice: SOL }),
      () => open(GENESIS, { rollupId: 8n }),
      () => open(GENESIS, { execution: 'any' }),
    ])
      await expect(attempt()).rejects.toThrow(expect.objectContaining({ code: 'CONFIG_MISMATCH' }));
    await expect(test.bank.produceBlock([])).rejects.toThrow(expect.objectContaining({ code: 'CLOSED' }));
  });
});

/** Where the bytes of the token program are: the only account of it that is not reserved. */
const PROGRAM_DATA = genesisPrograms()
  .find(([name]) => Buffer.compare(name, TOKEN) === 0)![1]
  .data.slice(4, 36);

describe('configuration of a rollup', () => {
  it('may give a provable rollup accounts with data, which are part of its state', async () => {
    const config = rollupConfig(GENESIS);
    const account = { address: address('x'), lamports: SOL, data: new Uint8Array(82).fill(1), owner: TOKEN };
    config.genesis.push(account);
    const test = await TestBank.open({}, { config });
    try {
      const { address: name, ...fields } = account;
      const expected = { ...fields, executable: false, rentEpoch: (1n << 64n) - 1n };
      expect(test.bank.getAccount(name)).toEqual(expected);
      expect(test.bank.getAccount(PROGRAM_DATA)!.data.length).toBeGreaterThan(10_000);
      expect(test.bank.stateRoot).toBe(genesisStateRoot(config));
      expect(test.bank.stateRoot).not.toBe(genesisStateRoot(rollupConfig(GENESIS)));
    } finally {
      await test.close();
    }
  });

  it('is refused where it breaks a rule', async () => {
    const good = rollupConfig(GENESIS);
    const x = address('x');
    const wrong = [
      { ...good, rollupId: 1n << 64n },
      { ...good, collector: new Uint8Array(31) },
      { ...good, collector: SYSTEM_PROGRAM },
      { ...good, lamportsPerSignature: 1n },
      { ...good, genesis: [...good.genesis, good.genesis[0]!] },
      { ...good, genesis: [{ address: x, lamports: 890_879n }] },
      { ...good, genesis: [{ address: SYSTEM_PROGRAM, lamports: SOL }] },
      { ...good, genesis: [{ address: x, lamports: 890_880n, data: Uint8Array.of(1) }] },
      { ...good, genesis: [{ address: x, lamports: SOL, owner: new Uint8Array(33) }] },
      { ...good, genesis: [{ address: PROGRAM_DATA, lamports: SOL }] },
      { ...good, genesis: [{ address: x, lamports: SOL, executable: true }] },
      {
        ...good,
        execution: 'any' as const,
        genesis: [{ address: x, lamports: 2_039_279n, data: new Uint8Array(165) }],
      },
      {
        ...good,
        execution: 'any' as const,
        genesis: [{ address: x, lamports: SOL, owner: new Uint8Array(31) }],
      },
      {
        ...good,
        genesis: [
          { address: x, lamports: (1n << 64n) - SOL },
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
