import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { toHex, trackChild } from '@polyproof/base';
import { expect, it } from 'vitest';
import { COLLECTOR, SOL, TestBank } from './helpers.js';
import { address, transfer } from './wire.js';

const NAMES = [COLLECTOR, 'alice', 'bob'];
const FIXTURE = fileURLToPath(new URL('./fixtures/bank-process.mjs', import.meta.url));

interface Acknowledged {
  slot: bigint;
  stateRoot: bigint;
  blockhash: Uint8Array;
}

it('a bank that is killed loses nothing that it acknowledged, and goes on', async () => {
  const test = await TestBank.open(Object.fromEntries(NAMES.map((name) => [name, SOL])));
  try {
    for (let round = 1n; round <= 3n; round++) {
      await test.bank.close();
      const child = trackChild(
        fork(FIXTURE, [test.directory, ...NAMES.map((name) => toHex(address(name)))], {
          execArgv: [],
          serialization: 'advanced',
        }),
      );
      const acknowledged = async (): Promise<Acknowledged> =>
        (await once(child, 'message'))[0] as Acknowledged;
      let last = await acknowledged();
      for (let i = 1n; i <= 4n; i++) {
        const parts = { from: 'alice', to: 'bob', lamports: round * 100n + i, blockhash: last.blockhash };
        child.send(transfer(parts));
        last = await acknowledged();
      }
      child.send(transfer({ from: 'bob', to: 'alice', lamports: round, blockhash: last.blockhash }));
      child.kill('SIGKILL');
      await once(child, 'exit');

      await test.reopen();
      const { bank } = test;
      expect([last.slot, last.slot + 1n]).toContain(bank.slot);
      expect(bank.getBlock(last.slot)).toMatchObject(last);
      const [record] = await test.block({ from: 'bob', to: 'alice', lamports: 1_000n + round });
      expect(record).toMatchObject({ status: 'ok' });
      expect(NAMES.reduce((sum, name) => sum + test.balance(name), 0n)).toBe(3n * SOL);
      await bank.closeBatch();
    }
  } finally {
    await test.close();
  }
});
