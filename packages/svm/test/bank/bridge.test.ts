import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  batchExitRoot,
  chainDataHash,
  decodeProvedData,
  encodeProvedData,
  forcedBatchData,
  StatelessExecutor,
  SYSTEM_PROGRAM,
} from '../../src/index.js';
import { type Call, callsTransaction, pay } from '../calls.js';
import { COLLECTOR, SOL } from '../helpers.js';
import { address } from '../wire.js';
import { realRuntime } from './real-runtime.js';
import type { TestBank } from './test-bank.js';
import { openTokenBank, tokenRollup } from './token-bank.js';

const MINIMUM = 890_880n;

let test: TestBank;
beforeEach(async () => {
  test = await openTokenBank();
});
afterEach(() => test.close());

const deposit = (index: bigint, name: string, lamports = MINIMUM) => ({
  index,
  recipient: address(name),
  lamports,
});
const block = (payer: string, ...calls: Call[]) =>
  test.produce(callsTransaction(payer, calls, test.bank.latestBlockhash));
const exit = (name: string, lamports: bigint) => ({ recipient: address(name).slice(12), lamports });

async function executed(number: bigint) {
  const stateless = new StatelessExecutor({ runtime: realRuntime });
  try {
    return await stateless.execute(test.bank.getWitness(number)!);
  } finally {
    await stateless.close();
  }
}

describe('withdrawals', () => {
  it('leave at the end of the batch, and nothing of them stays', async () => {
    const before = test.bank.totalLamports;
    await block('a', pay('a', 'exit one', MINIMUM), pay('a', 'exit two', SOL / 2n));
    await block('b', pay('b', 'exit one', 5n));
    await test.produce();
    expect(test.balance('exit one')).toBe(MINIMUM + 5n);
    const batch = (await test.bank.closeBatch())!;
    expect(batch.exits).toHaveLength(2);
    expect(batch.exits).toEqual(
      expect.arrayContaining([exit('exit one', MINIMUM + 5n), exit('exit two', SOL / 2n)]),
    );
    expect([test.balance('exit one'), test.balance('exit two')]).toEqual([0n, 0n]);
    expect(test.bank.getAccount(address('exit one'))).toBeUndefined();
    expect(test.bank.totalLamports).toBe(before - MINIMUM - 5n - SOL / 2n);
    expect(batch.newStateRoot).toBe(test.bank.stateRoot);
    expect(test.bank.getBlock(test.bank.slot)!.stateRoot).toBe(batch.newStateRoot);
    expect(test.bank.getBatch(1n)).toEqual(batch);
    expect((await executed(1n)).exits).toEqual(batch.exits);

    await test.reopen();
    expect(test.bank.getExits(1n)).toEqual(batch.exits);
    expect(test.bank.stateRoot).toBe(batch.newStateRoot);
    expect(test.bank.proveAccount(address('exit one')).account).toBeUndefined();
  });

  it('come again in a later batch, and are undone with their batch', async () => {
    await block('a', pay('a', 'exit one', MINIMUM));
    const first = (await test.bank.closeBatch())!;
    const { totalLamports, slot } = test.bank;
    await block('a', pay('a', 'exit one', MINIMUM + 1n));
    await test.bank.closeBatch();
    expect(test.bank.getExits(2n)).toEqual([exit('exit one', MINIMUM + 1n)]);
    expect((await executed(2n)).exits).toEqual(test.bank.getExits(2n));

    await test.bank.rollBack(1n);
    expect([test.bank.stateRoot, test.bank.totalLamports, test.bank.slot]).toEqual([
      first.newStateRoot,
      totalLamports,
      slot,
    ]);
    expect([test.bank.getExits(1n), test.bank.getExits(2n)]).toEqual([first.exits, []]);
    await test.bank.rollBack(0n);
    expect(test.balance('a')).toBe(SOL);
    expect(test.bank.getExits(1n)).toEqual([]);
  });

  it('that are taken back in the same batch do not leave', async () => {
    // Nobody has a key of an exit address: a program that pays back could do it, no such program is proved.
    const { rejected } = await block('a', pay('a', 'exit one', MINIMUM - 1n));
    expect(rejected).toEqual([]);
    expect((await test.bank.closeBatch())!.exits).toEqual([]);
  });

  it('are at most as many in a batch as the circuit has room for', async () => {
    const names = ['exit one', 'exit two', 'exit three', 'exit four', 'exit five'];
    const transactions = names.map((name) =>
      callsTransaction('a', [pay('a', name, MINIMUM)], test.bank.latestBlockhash),
    );
    expect(test.bank.fitting(transactions)).toBe(4);
    await expect(test.produce(...transactions)).rejects.toThrow(/no room for so many exits/);
  });
});

describe('deposits', () => {
  it('begin a batch, and can be spent in it', async () => {
    const before = test.bank.totalLamports;
    const deposits = [deposit(0n, 'new', 2n * SOL), deposit(1n, 'a'), deposit(2n, 'new')];
    expect(await test.bank.creditDeposits(deposits)).toEqual(deposits);
    expect([test.balance('new'), test.balance('a')]).toEqual([2n * SOL + MINIMUM, SOL + MINIMUM]);
    expect(test.bank.getAccount(address('new'))!.owner).toEqual(SYSTEM_PROGRAM);
    expect(test.bank.totalLamports).toBe(before + 2n * SOL + 2n * MINIMUM);
    expect([test.bank.nextDeposit, test.bank.openBatch.deposits]).toEqual([3n, 3]);
    await block('new', pay('new', 'exit one', SOL));
    const batch = (await test.bank.closeBatch())!;
    expect(batch.deposits).toEqual(deposits.map(({ recipient, lamports }) => ({ recipient, lamports })));
    expect(decodeProvedData(batch.data).deposits).toEqual(batch.deposits);
    expect(batch.firstSlot).toBe(1n);
    const { accounts, exits } = await executed(1n);
    expect(exits).toEqual([exit('exit one', SOL)]);
    expect(accounts).toHaveLength(4);
    expect(batchExitRoot(exits)).not.toBe(0n);
  });

  it('can be all of a batch', async () => {
    await test.bank.creditDeposits([deposit(0n, 'new')]);
    const batch = (await test.bank.closeBatch())!;
    expect([batch.transactions, batch.firstSlot, batch.lastSlot]).toEqual([0, 1n, 1n]);
    expect((await executed(1n)).newStateRoot).toBe(batch.newStateRoot);
    expect(test.bank.getBatch(1n)).toEqual(batch);
  });

  it('stay in an open batch when the bank is opened again, and are undone with it', async () => {
    const { stateRoot, totalLamports } = test.bank;
    await test.bank.creditDeposits([deposit(3n, 'new', SOL), deposit(5n, 'a')]);
    await block('new', pay('new', 'b', 5n));
    await test.reopen();
    expect([test.bank.nextDeposit, test.bank.openBatch.deposits]).toEqual([6n, 2]);
    await block('new', pay('new', 'b', 6n));
    const batch = (await test.bank.closeBatch())!;
    expect((await executed(1n)).newStateRoot).toBe(batch.newStateRoot);
    await test.bank.rollBack(0n);
    expect([test.bank.stateRoot, test.bank.totalLamports, test.bank.nextDeposit]).toEqual([
      stateRoot,
      totalLamports,
      0n,
    ]);
    await test.bank.creditDeposits([deposit(0n, 'new')]);
    await test.bank.closeBatch();
    await test.bank.creditDeposits([deposit(1n, 'new')]);
    await test.bank.rollBack(1n);
    expect([test.bank.nextDeposit, test.balance('new')]).toEqual([1n, MINIMUM]);
  });

  it('are credited as far as they fit', async () => {
    const deposits = Array.from({ length: 6 }, (_, i) => deposit(BigInt(i), `new ${i}`));
    expect(await test.bank.creditDeposits(deposits)).toEqual(deposits.slice(0, 4));
    expect(test.bank.nextDeposit).toBe(4n);
  });

  it('are refused, and nothing changes, where they cannot come next', async () => {
    const refusal = (...deposits: Parameters<typeof test.bank.creditDeposits>[0]) =>
      test.bank.creditDeposits(deposits).then(
        () => 'credited',
        (error: { code: string }) => error.code,
      );
    const { stateRoot } = test.bank;
    expect(await refusal(deposit(0n, 'exit one'))).toBe('BAD_DEPOSIT');
    expect(await refusal({ ...deposit(0n, 'new'), recipient: SYSTEM_PROGRAM })).toBe('BAD_DEPOSIT');
    expect(await refusal(deposit(0n, 'new', MINIMUM - 1n))).toBe('BAD_DEPOSIT');
    expect(await refusal(deposit(1n, 'new'), deposit(1n, 'new'))).toBe('BAD_DEPOSIT');
    expect([test.bank.stateRoot, test.bank.slot]).toEqual([stateRoot, 0n]);
    expect(await refusal(deposit(0n, 'new'))).toBe('credited');
    expect(await refusal(deposit(1n, 'new'))).toBe('BATCH_NOT_EMPTY');
    await test.bank.closeBatch();
    expect(await refusal(deposit(0n, 'new'))).toBe('BAD_DEPOSIT');
    await block('a', pay('a', 'b', 1n));
    expect(await refusal(deposit(1n, 'new'))).toBe('BATCH_NOT_EMPTY');
  });

  it('are bound by the data: a witness with others is refused', async () => {
    await test.bank.creditDeposits([deposit(0n, 'new')]);
    await test.bank.closeBatch();
    const witness = test.bank.getWitness(1n)!;
    const stateless = new StatelessExecutor({ runtime: realRuntime });
    const refusal = (...deposits: { recipient: Uint8Array; lamports: bigint }[]) => {
      const data = encodeProvedData([], deposits);
      const newDataHash = chainDataHash(witness.prevDataHash, data);
      return stateless.execute({ ...witness, data, newDataHash }).then(
        () => 'executed',
        (error: { code: string }) => error.code,
      );
    };
    expect(await refusal({ recipient: address('new'), lamports: MINIMUM })).toBe('executed');
    expect(await refusal({ recipient: address('new'), lamports: MINIMUM + 1n })).toBe('WRONG_STATE_ROOT');
    expect(await refusal({ recipient: address('a'), lamports: MINIMUM })).toBe('WRONG_ACCOUNT');
    expect(await refusal({ recipient: address('exit one'), lamports: MINIMUM })).toBe('BAD_BATCH_DATA');
    expect(await refusal()).toBe('WRONG_ACCOUNT');
    await stateless.close();
  });
});

it('no account of the genesis is at an exit address', async () => {
  const config = tokenRollup({ address: address('exit one'), lamports: SOL });
  await expect(openTokenBank({ config })).rejects.toThrow(/is an exit address/);
  await expect(
    openTokenBank({ config: { ...tokenRollup(), collector: address(`exit ${COLLECTOR}`) } }),
  ).rejects.toThrow(/is an exit address/);
});

describe('forced withdrawals', () => {
  const PRESCRIBED = new Uint8Array(32).fill(0xf0);
  const withdrawal = (payer: string) =>
    callsTransaction(payer, [pay(payer, 'exit one', MINIMUM)], PRESCRIBED);

  it('are included whatever stands for their blockhash, once, and alone in their batch', async () => {
    const { bank } = test;
    const transaction = bank.resolve(withdrawal('a'));
    expect((await bank.produceBlock([transaction])).rejected).toMatchObject([{ error: 'BlockhashNotFound' }]);
    const { included } = await bank.produceBlock([transaction], { isForced: true });
    expect(included).toHaveLength(1);
    const batch = (await bank.closeBatch())!;
    expect(batch.data).toEqual(forcedBatchData(transaction.transaction.messageBytes));
    expect(batch.exits).toEqual([exit('exit one', MINIMUM)]);
    expect((await executed(1n)).exits).toEqual(batch.exits);
    const again = await bank.produceBlock([transaction], { isForced: true });
    expect(again.rejected).toMatchObject([{ error: 'AlreadyProcessed' }]);
  });

  it('are refused where nobody can pay, and leave nothing in the batch', async () => {
    const { bank } = test;
    const { rejected } = await bank.produceBlock([bank.resolve(withdrawal('nobody'))], { isForced: true });
    expect(rejected).toHaveLength(1);
    expect(await bank.closeBatch()).toBeUndefined();
  });
});
