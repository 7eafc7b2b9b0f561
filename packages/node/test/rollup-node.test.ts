import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, silentLogger } from '@polyproof/base';
import { encodeBase58 } from '@polyproof/svm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { developmentKeypair, ROLLUP_NODE_CONFIG, RollupNode, signTransfer } from '../src/index.js';
import { Command, killCommands } from './support/command.js';
import { until } from './support/until.js';

const SOL = 1_000_000_000n;
const receiver = developmentKeypair('receiver');

let directory: string;
let node: RollupNode | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'polyproof-node-'));
});
afterEach(async () => {
  killCommands();
  await node?.close();
  node = undefined;
  rmSync(directory, { recursive: true, force: true });
});

async function start(overrides: Record<string, unknown> = {}): Promise<RollupNode> {
  const own = { dataDirectory: directory, rpcPort: 0, blockTimeMs: 20, executors: 1, ...overrides };
  const config = loadConfig(ROLLUP_NODE_CONFIG, { overrides: own });
  node = await RollupNode.start(config, { logger: silentLogger });
  return node;
}

async function call(url: string, method: string, ...params: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error !== undefined) throw new TypeError(error.message);
  return result;
}

const latestBlockhash = async (url: string) =>
  ((await call(url, 'getLatestBlockhash')) as { value: { blockhash: string } }).value.blockhash;

const balanceOf = async (url: string, address: Uint8Array) =>
  ((await call(url, 'getBalance', encodeBase58(address))) as { value: number }).value;

/** Sends over RPC and waits until the transfer is in a block. */
async function transfer(url: string, lamports: bigint): Promise<void> {
  const before = await balanceOf(url, receiver.address);
  const from = developmentKeypair('account 1');
  const bytes = await signTransfer({ from, to: receiver, lamports, blockhash: await latestBlockhash(url) });
  await call(url, 'sendTransaction', Buffer.from(bytes).toString('base64'), { encoding: 'base64' });
  await until('the transfer', async () =>
    (await balanceOf(url, receiver.address)) > before ? true : undefined,
  );
}

describe('RollupNode', () => {
  it.each(['any', 'zk'])(
    'takes transactions over RPC and makes blocks, with execution %s',
    async (execution) => {
      const { url, bank, sequencer, settlement } = await start({ execution });
      await transfer(url, SOL);
      expect(await balanceOf(url, receiver.address)).toBe(Number(SOL));
      await sequencer.closeBatch();
      expect(bank.lastBatch).toBe(1n);
      expect(settlement.verifiedBatch()).toBe(1n);
      expect(settlement.view.verifiedStateRoot).toBe(bank.getBatch(1n)?.newStateRoot);
    },
  );

  it('continues after a restart where it stopped', async () => {
    const before = await start();
    await transfer(before.url, SOL);
    const { slot, genesisBlockhash } = before.bank;
    const blockhash = before.bank.latestBlockhash;
    await before.close();
    const { url, bank } = await start();
    expect(bank.slot).toBeGreaterThanOrEqual(slot);
    expect(bank.genesisBlockhash).toEqual(genesisBlockhash);
    expect(bank.isBlockhashRecent(blockhash)).toBe(true);
    expect(await balanceOf(url, receiver.address)).toBe(Number(SOL));
    await transfer(url, SOL);
  });

  it('begins with the accounts of a genesis file', async () => {
    const genesisFile = join(directory, 'genesis.json');
    const account = {
      lamports: 2_039_280,
      data: [Buffer.from('some data').toString('base64'), 'base64'],
      owner: encodeBase58(new Uint8Array(32).fill(7)),
      executable: false,
      rentEpoch: 0,
      space: 9,
    };
    const write = (...accounts: unknown[]) => writeFileSync(genesisFile, JSON.stringify(accounts));
    write({ pubkey: encodeBase58(receiver.address), account });
    const { bank } = await start({ genesisFile });
    expect(bank.getAccount(receiver.address)).toMatchObject({
      lamports: 2_039_280n,
      data: Uint8Array.from(Buffer.from('some data')),
      owner: new Uint8Array(32).fill(7),
    });
    await node!.close();
    write({ pubkey: 'not an address', account });
    await expect(start({ genesisFile })).rejects.toMatchObject({
      code: 'GENESIS_FILE',
      message: expect.stringContaining('0.pubkey: "not an address"'),
    });
    await expect(start({ genesisFile: join(directory, 'absent.json') })).rejects.toMatchObject({
      code: 'GENESIS_FILE',
    });
  });

  it('refuses a second node on the same data, and another rollup', async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject({ name: 'LockError' });
    await first.close();
    await expect(start({ rollupId: 2 })).rejects.toMatchObject({ code: 'CONFIG_MISMATCH' });
    await (await start()).close(); // a start that failed leaves nothing behind
  });
});

describe('polyproof node', () => {
  it('runs until it is told to stop, and continues', async () => {
    const args = [
      'node',
      '--data-directory',
      directory,
      '--rpc-port',
      '0',
      '--executors',
      '1',
      '--block-time-ms',
      '20',
    ];
    const first = new Command(args);
    const [, url] = await first.printed(/JSON-RPC\)\s+(http:\S+)/);
    await transfer(url!, SOL);
    const key = JSON.parse(readFileSync(join(directory, 'keys', 'account-1.json'), 'utf8')) as number[];
    expect(Uint8Array.from(key)).toEqual(developmentKeypair('account 1').secretKey);
    first.signal('SIGTERM');
    expect(await first.exit).toBe(0);
    await first.isGone();
    expect(first.stderr).toBe('');

    const second = new Command(args);
    const [, again] = await second.printed(/JSON-RPC\)\s+(http:\S+)/);
    expect(await balanceOf(again!, receiver.address)).toBe(Number(SOL));
    second.interrupt();
    expect(await second.exit).toBe(0);
    await second.isGone();
  });
});
