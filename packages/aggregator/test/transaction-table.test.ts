import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Hex, silentLogger } from '@polyproof/base';
import {
  type Anvil,
  DEVELOPMENT_ACCOUNTS,
  type JournaledTransaction,
  SettlementClient,
  startAnvil,
} from '@polyproof/chain';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { deploy } from '../../chain/test/fixture.js';
import { Database } from '../src/database/database.js';
import { TransactionTable } from '../src/proof-sender/transaction-table.js';

const hex = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`);
const wei = fc.bigInt({ min: 0n, max: 1n << 200n });
const gas = fc.bigInt({ min: 0n, max: 1n << 40n });
const transaction = fc.record<JournaledTransaction>({
  id: hex(32),
  chainId: fc.constant(1),
  account: fc.constant('0xaa'),
  nonce: fc.nat(),
  what: fc.string().filter((text) => !text.includes('\0')),
  sequence: fc.option(gas),
  to: fc.option(hex(20)),
  data: hex(9),
  valueWei: wei,
  gas,
  mustReturn: fc.option(hex(32)),
  versions: fc.array(
    fc.record({
      hash: hex(32),
      raw: hex(40),
      empty: fc.boolean(),
      maxFeePerGas: wei,
      maxPriorityFeePerGas: wei,
    }),
    { minLength: 1, maxLength: 3 },
  ),
  state: fc.constantFrom('pending', 'included', 'final', 'superseded', 'withdrawn', 'refused'),
  reason: fc.option(fc.constant('why')),
  inclusion: fc.option(
    fc.record({
      hash: hex(32),
      blockNumber: gas,
      blockHash: hex(32),
      gasUsed: gas,
      feeWei: wei,
      reverted: fc.boolean(),
    }),
  ),
});

describe('the table of transactions', () => {
  it('gives back what is unfinished as it was stored last, lowest nonce first', async () => {
    const database = await Database.open();
    const table = new TransactionTable({ database });
    const last = new Map<Hex, JournaledTransaction>();
    await fc.assert(
      fc.asyncProperty(transaction, transaction, async (first, second) => {
        for (const one of [first, { ...second, id: first.id }, { ...second }]) {
          await table.save(one);
          last.set(one.id, one);
        }
        const unfinished = [...last.values()]
          .filter(({ state }) => state === 'pending' || state === 'included')
          .sort((a, b) => a.nonce - b.nonce);
        const stored = await table.unfinished('0xaa', 1);
        expect(stored.map(({ nonce }) => nonce)).toEqual(unfinished.map(({ nonce }) => nonce));
        const byId = (list: JournaledTransaction[]) => new Map(list.map((one) => [one.id, one]));
        expect(byId(stored)).toEqual(byId(unfinished));
        expect(await table.unfinished('0xaa', 2)).toEqual([]);
      }),
      { numRuns: 30 },
    );
    await database.close();
  });
});

const dist = (file: string) => fileURLToPath(new URL(`../dist/${file}`, import.meta.url));
const chainDist = fileURLToPath(new URL('../../chain/dist/index.js', import.meta.url));

/** Sends 1 wei, 2 wei, 3 wei ..., and tells when it begins and when it has the answer. */
const SENDER = `
  const { Database } = await import(${JSON.stringify(dist('database/database.js'))});
  const { TransactionTable } = await import(${JSON.stringify(dist('proof-sender/transaction-table.js'))});
  const { SettlementClient } = await import(${JSON.stringify(chainDist)});
  const { directory, ...options } = JSON.parse(process.argv[2]);
  const database = await Database.open({ directory });
  const logger = { debug() {}, info() {}, warn() {}, error() {}, child() { return logger; } };
  const client = new SettlementClient(options, { logger, journal: new TransactionTable({ database }) });
  for (let i = 1n; ; i++) {
    process.send({ begun: Number(i) });
    await client.fundRewards(i);
    process.send({ done: Number(i) });
  }
`;

describe('a process that is killed while it sends', () => {
  let anvil: Anvil;
  beforeAll(async () => {
    anvil = await startAnvil({ logger: silentLogger });
  });
  afterAll(() => anvil.close());

  it.each([{ begun: 1 }, { begun: 2 }, { done: 2 }])(
    'at $begun $done leaves no transaction lost or sent twice',
    async (when) => {
      const directory = mkdtempSync(join(tmpdir(), 'polyproof-transactions-'));
      try {
        const deployment = await deploy(anvil.url);
        const { privateKey } = DEVELOPMENT_ACCOUNTS[6]!;
        const options = { rpcUrl: anvil.url, deployment, privateKey, pollingIntervalMs: 10 };
        const script = join(directory, 'sender.mjs');
        writeFileSync(script, SENDER);
        const data = join(directory, 'data');
        const child = fork(script, [JSON.stringify({ ...options, directory: data })]);
        const seen = { begun: 0, done: 0 };
        child.on('message', (message: Partial<typeof seen>) => {
          Object.assign(seen, message);
          if (Object.entries(when).every(([key, count]) => message[key as 'begun'] === count))
            child.kill('SIGKILL');
        });
        await once(child, 'exit');
        expect(child.signalCode).toBe('SIGKILL');

        const database = await Database.open({ directory: data });
        const client = new SettlementClient(options, {
          logger: silentLogger,
          journal: new TransactionTable({ database }),
        });
        await client.maintain();
        await vi.waitUntil(async () => {
          await client.maintain();
          return client.pendingTransactions === 0;
        });
        const sent = await valuesSentTo(anvil.url, deployment.settlement);
        // Every one that was answered, and perhaps the one after it; each once.
        expect(sent).toEqual(sent.map((_, i) => BigInt(i + 1)));
        expect(sent.length).toBeGreaterThanOrEqual(seen.done);
        expect(sent.length).toBeLessThanOrEqual(seen.begun);
        await database.close();
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
    60_000,
  );
});

async function valuesSentTo(rpcUrl: string, address: Hex): Promise<bigint[]> {
  const ask = async <T>(method: string, params: unknown[]): Promise<T> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(rpcUrl, { method: 'POST', headers, body });
    return ((await response.json()) as { result: T }).result;
  };
  const values: bigint[] = [];
  const last = Number(await ask<Hex>('eth_blockNumber', []));
  for (let n = 0; n <= last; n++) {
    type Block = { transactions: { to: Hex | null; value: Hex }[] };
    const { transactions } = await ask<Block>('eth_getBlockByNumber', [`0x${n.toString(16)}`, true]);
    for (const { to, value } of transactions)
      if (to?.toLowerCase() === address.toLowerCase() && BigInt(value) > 0n) values.push(BigInt(value));
  }
  return values;
}
