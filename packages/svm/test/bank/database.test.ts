import { silentLogger } from '@polyproof/base';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Bank } from '../../src/bank/bank.js';
import { PrioritizationFees } from '../../src/bank/prioritization-fees.js';
import type { RuntimeTransaction } from '../../src/runtime/types.js';
import { address } from '../wire.js';
import { COLLECTOR, rollupConfig, SOL, TestBank } from './test-bank.js';

const GENESIS = { [COLLECTOR]: SOL, alice: 100n * SOL, bob: 100n * SOL };

describe('the database of a bank', () => {
  let test: TestBank;
  beforeEach(async () => {
    test = await TestBank.open(GENESIS);
  });
  afterEach(() => test.close());

  it('is refused where it has another layout', async () => {
    await test.block({ from: 'alice', to: 'bob', lamports: 1n });
    await test.bank.close();
    await changeFirstByte(test.directory, 'head', Buffer.from('head'));
    await expect(test.reopen()).rejects.toThrow(
      expect.objectContaining({
        code: 'BAD_DATABASE',
        message: expect.stringContaining('a state in format 1'),
      }),
    );
    // The lock is free again.
    await expect(test.reopen()).rejects.toThrow(expect.objectContaining({ code: 'BAD_DATABASE' }));
    await changeFirstByte(test.directory, 'head', Buffer.from('head'));
    await test.reopen();
    expect(test.bank.slot).toBe(1n);
  });

  it('is closed and free again when the runtime cannot be made', async () => {
    await test.bank.close();
    const options = { directory: test.directory, config: rollupConfig(GENESIS), hashThreads: 1 };
    const runtime = () => {
      throw new Error('no runtime');
    };
    await expect(Bank.open(options, { runtime, logger: silentLogger })).rejects.toThrow('no runtime');
    await test.reopen();
  });

  it('keeps what is final, also when told while a block is made', async () => {
    await test.close();
    test = await TestBank.open(GENESIS, { keepBatches: 1 });
    const fill = async (lamports: bigint) => {
      const made = test.block({ from: 'alice', to: 'bob', lamports });
      test.bank.markFinal(lamports - 1n);
      test.bank.markFinal(7n); // there is no such batch
      await made;
      await test.bank.closeBatch();
      return test.bank.firstBatch;
    };
    expect([await fill(1n), await fill(2n)]).toEqual([1n, 2n]);
    await test.reopen();
    await test.block({ from: 'alice', to: 'bob', lamports: 3n });
    await test.bank.closeBatch();
    // Batch 2 is not known to be final, batch 1 was.
    expect(test.bank.firstBatch).toBe(2n);
    expect(await fill(4n)).toBe(4n);
  });

  it('goes on with a tiny cache', async () => {
    await test.close();
    test = await TestBank.open(GENESIS, { accountCacheBytes: 0 });
    for (let i = 1n; i < 6n; i++) {
      const made = test.block(
        { from: 'alice', to: `new ${i}`, lamports: SOL },
        { from: 'bob', to: 'alice', lamports: 2n * SOL },
      );
      const proof = setInterval(() => test.bank.proveAccount(address('alice')), 0);
      await made;
      clearInterval(proof);
      expect(test.bank.proveAccount(address('alice')).account).toEqual(
        test.bank.getAccount(address('alice')),
      );
    }
    expect(test.balance('alice')).toBe(105n * SOL - 25_000n);
  });

  it('tells that it was rolled back', async () => {
    const events: unknown[] = [];
    test.bank.on('rolledBack', (event) => events.push(event));
    const transaction = test.transfer({ from: 'alice', to: 'carol', lamports: SOL });
    await test.bank.produceBlock([]);
    await test.produce(transaction);
    await test.bank.closeBatch();
    await test.bank.rollBack(0n);
    expect(events).toEqual([{ batch: 0n, slot: 0n }]);
    expect(test.bank.getTransaction(transaction.signatures[0]!)).toBeUndefined();
    expect(test.bank.getSignaturesForAddress(address('carol'), { limit: 1 })).toEqual([]);
    expect([test.bank.getBatch(1n), test.bank.getWitness(1n), test.bank.getBlock(1n)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([test.bank.transactionCount, test.bank.lastBatch, test.balance('carol')]).toEqual([0n, 0n, 0n]);
    // The same transaction may run again.
    expect((await test.produce(transaction)).included).toHaveLength(1);
    expect(await test.bank.closeBatch()).toMatchObject({ number: 1n, firstSlot: 1n });
  });
});

describe('prioritization fees', () => {
  it('are what it took at least to write all accounts', () => {
    const fees = new PrioritizationFees();
    const transaction = (computeUnitPrice: bigint, ...written: string[]) =>
      ({
        computeUnitPrice,
        accountKeys: [...written.map(address), address('read')],
        writable: [...written.map(() => true), false],
      }) as RuntimeTransaction;
    fees.addBlock(1n, [transaction(5n, 'a'), transaction(9n, 'b', 'c'), transaction(7n, 'c')]);
    fees.addBlock(2n, []);
    fees.addBlock(3n, [transaction(4n, 'a'), transaction(4n, 'b')]);
    const recent = (...names: string[]) =>
      fees.recent(names.map(address)).map(({ prioritizationFee }) => prioritizationFee);
    expect(fees.recent([])).toEqual([
      { slot: 1n, prioritizationFee: 5n },
      { slot: 2n, prioritizationFee: 0n },
      { slot: 3n, prioritizationFee: 4n },
    ]);
    expect(recent('a')).toEqual([5n, 0n, 4n]);
    expect(recent('b')).toEqual([9n, 0n, 4n]);
    expect(recent('c')).toEqual([7n, 0n, 4n]);
    expect(recent('a', 'b', 'c')).toEqual([9n, 0n, 4n]);
    expect(recent('read', 'nobody')).toEqual([5n, 0n, 4n]);
    for (let slot = 4n; slot < 160n; slot++) fees.addBlock(slot, []);
    expect(fees.recent([])).toHaveLength(150);
    expect(fees.recent([])[0]!.slot).toBe(10n);
  });
});

/** Adds one where it is 1, and takes it away again. */
async function changeFirstByte(directory: string, table: string, key: Buffer): Promise<void> {
  const binary = { keyEncoding: 'binary', encoding: 'binary' } as const;
  const root = open<Buffer, Buffer>({ path: directory, maxDbs: 30, ...binary });
  const rows = root.openDB<Buffer, Buffer>({ name: table, ...binary });
  const value = Buffer.from(rows.get(key)!);
  value[0] = value[0] === 1 ? 2 : 1;
  rows.putSync(key, value);
  await root.close();
}
