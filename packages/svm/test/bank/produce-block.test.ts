import { accountValue, decodeAccount, encodeAccount } from '@polyproof/state';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommittedBlock } from '../../src/bank/types.js';
import { genesisPrograms } from '../../src/genesis-programs.js';
import {
  decodeTransaction,
  encodeMessage,
  MAX_TRANSACTION_BYTES,
  systemAccount,
  type Transaction,
  TransactionDecodeError,
} from '../../src/index.js';
import { address, signMessage, transfer, transferMessage } from '../wire.js';
import type { Effect } from './fake-runtime.js';
import { COLLECTOR, rollupConfig, SOL, TestBank } from './test-bank.js';
import { encoded, key, plain } from './token-accounts.js';

const FEE = 5_000n;
const GENESIS = { [COLLECTOR]: SOL, alice: 100n * SOL, bob: 100n * SOL };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const first = ({ signatures }: Transaction) => hex(signatures[0]!);

describe('Bank.produceBlock', () => {
  let test: TestBank;
  beforeEach(async () => {
    test = await TestBank.open(GENESIS);
  });
  afterEach(() => test.close());

  it('gives back what was deferred, which may come again', async () => {
    const [now, later] = [1n, 2n].map((lamports) => test.transfer({ from: 'alice', to: 'bob', lamports }));
    test.runtime.deferred.add(first(later!));
    const { included, deferred, rejected } = await test.produce(now!, later!);
    expect([included, deferred].map((list) => list.map(({ transaction }) => transaction))).toEqual([
      [now],
      [later],
    ]);
    expect(rejected).toEqual([]);
    expect(test.bank.hasProcessed(later!)).toBe(false);
    test.runtime.deferred.clear();
    expect((await test.produce(later!)).included).toHaveLength(1);
  });

  it('remembers what killed the engine, also after a restart', async () => {
    const poison = test.transfer({ from: 'alice', to: 'bob', lamports: 1n });
    const good = test.transfer({ from: 'alice', to: 'bob', lamports: 2n });
    test.runtime.poison.add(first(poison));
    const { included, rejected } = await test.produce(poison, good);
    expect(included.map(({ transaction }) => transaction)).toEqual([good]);
    expect(rejected.map(({ transaction, error }) => [transaction.transaction, error])).toEqual([
      [poison, 'CommitCancelled'],
    ]);
    await test.reopen();
    const again = decodeTransaction(poison.bytes);
    expect(test.bank.isPoisonous(again)).toBe(true);
    expect(test.bank.isPoisonous(good)).toBe(false);
    expect((await test.produce(again)).rejected).toMatchObject([{ error: 'CommitCancelled' }]);
    expect(test.runtime.contexts).toHaveLength(0);
    expect(await test.bank.simulate(poison.bytes)).toMatchObject({ error: 'CommitCancelled' });
  });

  it('changes nothing when the runtime fails', async () => {
    const transaction = test.transfer({ from: 'alice', to: 'bob', lamports: 1n });
    test.runtime.error = new Error('no engine');
    await expect(test.produce(transaction)).rejects.toThrow('no engine');
    expect([test.bank.slot, test.bank.openBatch.transactions]).toEqual([0n, 0]);
    expect((await test.produce(transaction)).included).toHaveLength(1);
  });

  const moved =
    (alice: bigint, carol: bigint): Effect =>
    (get) =>
      [
        ['alice', alice],
        ['carol', carol],
      ].map(([name, by]) => {
        const key = address(name as string);
        const before = get(key);
        const account = before === null ? systemAccount(0n) : decodeAccount(before);
        return [key, encodeAccount({ ...account, lamports: account.lamports + (by as bigint) })];
      });

  it.each<[string, Effect]>([
    ['moves more', moved(-SOL - 1n, SOL + 1n)],
    ['changes an account besides', () => [[key('rich'), encoded(plain(key('owner')))]]],
    ['leaves changes out', () => []],
    ['leaves one of two changes out', (get) => moved(-SOL, SOL)(get).slice(1)],
  ])(
    'refuses a block whose engine %s, unlike the machine that proves it, and has it forget it',
    async (_, effect) => {
      const root = test.bank.stateRoot;
      const transaction = test.transfer({ payer: 'bob', from: 'alice', to: 'carol', lamports: SOL });
      test.runtime.effects.set(first(transaction), effect);
      await expect(test.produce(transaction)).rejects.toThrow(
        expect.objectContaining({ code: 'UNPROVABLE_BLOCK' }),
      );
      expect(test.runtime.discards).toBe(1);
      expect([test.bank.slot, test.bank.stateRoot]).toEqual([0n, root]);
      expect(test.bank.openBatch.transactions).toBe(0);
      expect(test.bank.getAccount(key('rich'))).toBeUndefined();
      test.runtime.effects.clear();
      expect((await test.produce(transaction)).included).toHaveLength(1);
      expect(test.balance('carol')).toBe(SOL);
    },
  );

  it('tells the runtime of the blocks before', async () => {
    const { bank } = test;
    const hashes = [bank.latestBlockhash];
    for (let i = 0; i < 3; i++) hashes.push((await bank.produceBlock([])).block.blockhash);
    await test.reopen();
    await test.block({ from: 'alice', to: 'bob', lamports: 1n });
    const [context] = test.runtime.contexts;
    expect(context).toMatchObject({ slot: 4n, unixTimestamp: 1_700_000_000n });
    expect(context!.blockhashes).toEqual(hashes);
    expect(context!.slotHashes).toEqual(hashes.map((hash, slot) => [BigInt(slot), hash]).reverse());
  });

  it('keeps 150 blockhashes and 512 slot hashes', async () => {
    for (let i = 0; i < 520; i++) await test.bank.produceBlock([]);
    await test.block({ from: 'alice', to: 'bob', lamports: 1n });
    const [context] = test.runtime.contexts;
    expect([context!.blockhashes.length, context!.slotHashes.length]).toEqual([150, 512]);
    expect(context!.slotHashes[0]).toEqual([520n, context!.blockhashes.at(-1)]);
    await test.reopen();
    await test.block({ from: 'alice', to: 'bob', lamports: 2n });
    const [after] = test.runtime.contexts;
    expect(after!.blockhashes.slice(0, -1)).toEqual(context!.blockhashes.slice(1));
    expect(after!.slotHashes.slice(1)).toEqual(context!.slotHashes.slice(0, -1));
  });

  it('burns fees that the collector cannot hold', async () => {
    await test.close();
    test = await TestBank.open({ alice: SOL });
    await test.block({ from: 'alice', to: 'bob', lamports: SOL / 2n });
    expect(test.balance(COLLECTOR)).toBe(0n);
    await test.block({ from: 'alice', to: COLLECTOR, lamports: SOL / 10n });
    expect(test.balance(COLLECTOR)).toBe(SOL / 10n + FEE);
  });

  it('reads the state before the block while it is made', async () => {
    let open = () => {};
    test.runtime.gate = new Promise((resolve) => {
      open = resolve;
    });
    const made = test.block({ from: 'alice', to: 'bob', lamports: SOL });
    expect(test.balance('bob')).toBe(100n * SOL);
    open();
    await made;
    expect(test.balance('bob')).toBe(101n * SOL);
  });

  it('tells listeners of blocks and batches once they are on disk', async () => {
    const { bank } = test;
    const blocks: CommittedBlock[] = [];
    const batches: bigint[] = [];
    bank.on('blockCommitted', (block) => blocks.push(block));
    bank.on('blockCommitted', () => {
      throw new Error('a listener that fails');
    });
    const end = bank.on('batchClosed', ({ batch }) => batches.push(batch.number));
    const transaction = test.transfer({ from: 'alice', to: 'carol', lamports: SOL });
    const { block } = await test.produce(transaction);
    await bank.closeBatch();
    end();
    await test.block({ from: 'alice', to: 'carol', lamports: 100n * SOL });
    await bank.closeBatch();
    expect(batches).toEqual([1n]);
    expect(blocks).toHaveLength(2);
    expect(blocks[0]!.block).toEqual(block);
    expect(blocks[0]!.transactions).toMatchObject([
      { signature: transaction.signatures[0], transaction: { transaction }, outcome: { status: 'ok' } },
    ]);
    const changed = new Map(blocks[0]!.accounts.map(({ address, account }) => [hex(address), account]));
    expect([...changed.keys()].sort()).toEqual(
      ['alice', 'carol', COLLECTOR].map((name) => hex(address(name))).sort(),
    );
    expect(changed.get(hex(address('carol')))?.lamports).toBe(SOL);
    expect(blocks[1]!.transactions).toMatchObject([{ outcome: { status: 'failed' } }]);
  });

  it('refuses transactions beyond the open batch', async () => {
    const transactions = Array.from({ length: 40 }, (_, i) =>
      test.transfer({ from: 'alice', to: 'bob', lamports: BigInt(i + 1) }),
    );
    const most = test.bank.fitting(transactions);
    expect(most).toBeGreaterThan(3);
    expect(most).toBeLessThan(40);
    await expect(test.produce(...transactions)).rejects.toThrow(
      expect.objectContaining({ code: 'BATCH_FULL' }),
    );
    await test.produce(...transactions.slice(0, most));
    expect(test.bank.fits(transactions[most]!)).toBe(false);
    await test.reopen();
    expect(test.bank.fits(transactions[most]!)).toBe(false);
    await test.bank.closeBatch();
    expect(test.bank.fits(transactions[most]!)).toBe(true);
  });
});

describe('a rollup that executes any program', () => {
  let test: TestBank;
  beforeEach(async () => {
    test = await TestBank.open(
      {},
      {
        config: {
          ...rollupConfig(GENESIS, 'any'),
          genesis: [
            ...rollupConfig(GENESIS).genesis,
            { address: key('custom'), lamports: 3n * SOL, data: Uint8Array.of(1, 2, 3), owner: key('owner') },
          ],
        },
        maxBatchBytes: 2_048,
      },
    );
  });
  afterEach(() => test.close());

  it('starts with the SPL programs and whatever accounts it is given', () => {
    const { bank } = test;
    expect(bank.execution).toBe('any');
    const programs = genesisPrograms();
    expect(programs).toHaveLength(8);
    expect(programs.filter(([, { executable }]) => executable)).toHaveLength(5);
    for (const [name, account] of programs)
      expect(Buffer.compare(encodeAccount(bank.getAccount(name)!), encodeAccount(account))).toBe(0);
    expect(bank.getAccount(key('custom'))).toMatchObject({
      data: Uint8Array.of(1, 2, 3),
      owner: key('owner'),
    });
    const { account, proof } = bank.proveAccount(key('custom'));
    expect(proof.terminal).toMatchObject({ value: accountValue(account!) });
    expect([...bank.getProgramAccounts(key('owner'))].map(([name]) => name)).toEqual([key('custom')]);
  });

  it('takes any transaction, as many as fit in the batch by their bytes', async () => {
    const { bank } = test;
    const message = transferMessage({
      from: 'alice',
      to: 'bob',
      lamports: 1n,
      blockhash: bank.latestBlockhash,
    });
    message.instructions.push(...message.instructions, ...message.instructions);
    const odd = decodeTransaction(signMessage(message, ['alice']));
    expect((await test.produce(odd)).included).toHaveLength(1);
    const transactions = Array.from({ length: 20 }, (_, i) =>
      test.transfer({ from: 'alice', to: 'bob', lamports: BigInt(i + 2) }),
    );
    const used = odd.messageBytes.length + 2;
    const each = transactions[0]!.messageBytes.length + 2;
    const most = Math.floor((2_048 - used) / each);
    expect(bank.fitting(transactions)).toBe(most);
    expect(bank.fits(transactions[most - 1]!, transactions.slice(0, most - 1))).toBe(true);
    expect(bank.fits(transactions[most]!, transactions.slice(0, most))).toBe(false);
    const batch = (await bank.closeBatch())!;
    expect(batch.transactions).toBe(1);
    expect(bank.getWitness(batch.number)).toBeUndefined();
    expect(bank.fits(transactions[0]!)).toBe(true);
    expect(MAX_TRANSACTION_BYTES).toBeLessThan(2_048);
  });

  it('refuses a block that makes lamports, and has the runtime forget it', async () => {
    const root = test.bank.stateRoot;
    const transaction = test.transfer({ from: 'alice', to: 'bob', lamports: 1n });
    test.runtime.effects.set(first(transaction), () => [[key('rich'), encoded(plain(key('owner')))]]);
    await expect(test.produce(transaction)).rejects.toThrow(expect.objectContaining({ code: 'INVARIANT' }));
    expect(test.runtime.discards).toBe(1);
    expect([test.bank.slot, test.bank.stateRoot]).toEqual([0n, root]);
    expect(test.bank.getAccount(key('rich'))).toBeUndefined();
  });

  it('is refused where an option is out of range', async () => {
    await test.close();
    for (const options of [
      { historySlots: 511 },
      { keepBatches: 0 },
      { maxBatchBytes: 2_047 },
      { keepBatches: 1.5 },
    ])
      await expect(TestBank.open(GENESIS, options)).rejects.toThrow(
        expect.objectContaining({ code: 'BAD_OPTIONS' }),
      );
    test = await TestBank.open(GENESIS);
  });
});

describe('what a transaction would do', () => {
  let test: TestBank;
  beforeEach(async () => {
    test = await TestBank.open(GENESIS);
  });
  afterEach(() => test.close());

  it('is simulated without a trace', async () => {
    const { bank } = test;
    const { bytes } = test.transfer({ from: 'alice', to: 'bob', lamports: SOL });
    const simulation = await bank.simulate(bytes);
    expect(simulation).toMatchObject({ computeUnits: 150n, feeLamports: FEE });
    expect('error' in simulation).toBe(false);
    expect(simulation.account(address('bob'))?.lamports).toBe(101n * SOL);
    expect(simulation.account(address(COLLECTOR))?.lamports).toBe(SOL);
    expect(simulation.account(address('nobody'))).toBeUndefined();
    expect(test.balance('bob')).toBe(100n * SOL);
    expect(bank.slot).toBe(0n);
    const failed = await bank.simulate(
      test.transfer({ from: 'alice', to: 'bob', lamports: 1_000n * SOL }).bytes,
    );
    expect(failed).toMatchObject({ error: { InstructionError: [0, { Custom: 1 }] }, feeLamports: FEE });
    expect(failed.account(address('alice'))?.lamports).toBe(100n * SOL);
  });

  it('needs a recent blockhash, unless that is replaced', async () => {
    const { bank } = test;
    const parts = { from: 'alice', to: 'bob', lamports: SOL, blockhash: new Uint8Array(32).fill(3) };
    const bytes = transfer(parts);
    expect(await bank.simulate(bytes)).toMatchObject({ error: 'BlockhashNotFound', computeUnits: 0n });
    const replaced = await bank.simulate(bytes, { replaceRecentBlockhash: true });
    expect('error' in replaced).toBe(false);
    expect(replaced.replacementBlockhash).toEqual({
      blockhash: bank.latestBlockhash,
      lastValidBlockHeight: 150n,
    });
    await expect(bank.simulate(bytes.slice(0, -1))).rejects.toThrow(TransactionDecodeError);
  });

  it('was done already', async () => {
    const transaction = test.transfer({ from: 'alice', to: 'bob', lamports: SOL });
    await test.produce(transaction);
    expect(await test.bank.simulate(transaction.bytes)).toMatchObject({ error: 'AlreadyProcessed' });
  });

  it('costs a fee', () => {
    const { bank } = test;
    const fee = (parts: Partial<Parameters<typeof transferMessage>[0]>) =>
      bank.feeForMessage(
        encodeMessage(
          transferMessage({
            from: 'alice',
            to: 'bob',
            lamports: 1n,
            blockhash: bank.latestBlockhash,
            ...parts,
          }),
        ),
      );
    expect(fee({})).toBe(FEE);
    expect(fee({ payer: 'bob' })).toBe(2n * FEE);
    expect(fee({ blockhash: new Uint8Array(32) })).toBeUndefined();
    expect(() => bank.feeForMessage(new Uint8Array(5))).toThrow(TransactionDecodeError);
  });

  it('tells rent', () => {
    expect(test.bank.minimumBalanceForRentExemption(0n)).toBe(890_880n);
    expect(test.bank.minimumBalanceForRentExemption(165n)).toBe(2_039_280n);
  });
});
