import '../fixed-seed.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { toHex, trackChild } from '@polyproof/base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Account, genesisAccounts, type RollupConfig } from '../../src/index.js';
import { address } from '../wire.js';
import { checkLedger } from './check-ledger.js';
import { COLLECTOR, rollupConfig, TestBank } from './test-bank.js';
import { key } from './token-accounts.js';

const FIXTURE = fileURLToPath(new URL('../fixtures/killed-bank.mjs', import.meta.url));
const FUNDS = 1_000_000_000_000n;
const ROUNDS = 10;

interface Acknowledged {
  slot: string;
  root: string;
  blockhash: string;
  signature?: string;
}

const NAME = 'a bank that is killed at any moment loses nothing that it acknowledged, and is consistent';

it.each(['any', 'zk'] as const)(
  `${NAME}: %s`,
  async (execution) => {
    const config = rollupConfig({ [COLLECTOR]: FUNDS, payer: FUNDS }, execution);
    const test = await TestBank.open({}, { config, keepBatches: 2 });
    const kills = fc.sample(fc.record({ blocks: fc.integer({ min: 1, max: 12 }), ms: fc.nat(25) }), ROUNDS);
    try {
      for (const { blocks, ms } of kills) {
        await test.bank.close();
        const acknowledged = await runUntilKilled(execution, test.directory, blocks, ms);
        await test.reopen();
        const { bank } = test;
        const last = acknowledged.at(-1)!;
        expect(bank.slot).toBeGreaterThanOrEqual(BigInt(last.slot));
        expect(bank.slot).toBeLessThanOrEqual(BigInt(last.slot) + 1n);
        for (const { slot, root, blockhash, signature } of acknowledged) {
          const block = bank.getBlock(BigInt(slot))!;
          expect([String(block.stateRoot), Buffer.from(block.blockhash).toString('hex')]).toEqual([
            root,
            blockhash,
          ]);
          if (signature === undefined) continue;
          expect(bank.getSignatureStatus(Buffer.from(signature, 'hex'))).toMatchObject({
            slot: BigInt(slot),
            index: 0,
          });
          expect(bank.getBlockTransactions(BigInt(slot))).toHaveLength(4);
        }
        checkLedger(bank, allAccounts(test, config));
        const { lastBatch, firstBatch } = bank;
        if (execution === 'zk')
          for (let number = firstBatch; number <= lastBatch; number++)
            expect(bank.getWitness(number)?.newStateRoot).toBe(bank.getBatch(number)!.newStateRoot);
        // It goes on, also in the middle of a batch.
        await bank.closeBatch();
        const { included } = await test.block({ from: 'payer', to: COLLECTOR, lamports: bank.slot });
        expect(included).toHaveLength(1);
      }
    } finally {
      await test.close();
    }
  },
  60_000,
);

/** Whatever the process prints until it is dead is acknowledged. */
async function runUntilKilled(
  execution: string,
  directory: string,
  blocks: number,
  ms: number,
): Promise<Acknowledged[]> {
  const names = [COLLECTOR, 'payer'].map((name) => toHex(address(name)));
  const child = trackChild(
    spawn(process.execPath, [FIXTURE, execution, directory, ...names], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const exited = once(child, 'exit');
  const acknowledged: Acknowledged[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(JSON.parse(line) as Acknowledged);
    // A random moment after that block: in the middle of another one, of a commit, or of a batch's end.
    if (acknowledged.length === blocks) setTimeout(() => child.kill('SIGKILL'), ms);
  }
  await exited;
  expect(child.signalCode).toBe('SIGKILL');
  return acknowledged;
}

function allAccounts({ bank }: TestBank, config: RollupConfig): [Uint8Array, Account][] {
  const addresses = [
    ...genesisAccounts(config).map(([name]) => name),
    ...Array.from({ length: 40 }, (_, i) => key(`account ${i}`)),
  ];
  return addresses.flatMap((name): [Uint8Array, Account][] => {
    const account = bank.getAccount(name);
    return account === undefined ? [] : [[name, account]];
  });
}
