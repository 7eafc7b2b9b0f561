import { silentLogger } from '@polyproof/base';
import { expect, it } from 'vitest';
import { DepositWatcher } from '../src/deposit-watcher.js';

const deposit = (index: bigint) => ({ index, recipient: new Uint8Array(32), lamports: 1n });

it('knows the deposits from the next one on, also after the bank went back', async () => {
  const bank = { nextDeposit: 0n };
  const asked: unknown[] = [];
  const inbox = {
    getDeposits: async (from: bigint, options: object) => {
      asked.push({ from, ...options });
      return [0n, 1n, 3n].filter((index) => index >= from).map(deposit);
    },
  };
  const watcher = new DepositWatcher({ depositConfirmations: 5 }, { inbox, bank, logger: silentLogger });
  expect(watcher.waiting(0n)).toEqual([]);
  await watcher.look();
  expect(watcher.waiting(0n)).toEqual([0n, 1n, 3n].map(deposit));
  expect(watcher.waiting(2n)).toEqual([deposit(3n)]);
  bank.nextDeposit = 3n;
  await watcher.look();
  expect(watcher.waiting(3n)).toEqual([deposit(3n)]);
  expect(watcher.waiting(1n)).toEqual([]);
  bank.nextDeposit = 1n;
  await watcher.look();
  expect(watcher.waiting(1n)).toEqual([1n, 3n].map(deposit));
  expect(asked).toEqual([0n, 3n, 1n].map((from) => ({ from, limit: 16, confirmations: 5 })));
});
