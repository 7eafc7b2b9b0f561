import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@polyproof/base';
import { type Deployment, SettlementClient } from '@polyproof/chain';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEVNET_CONFIG } from '../src/config.js';
import { Devnet } from '../src/devnet.js';
import { killCommands } from './support/command.js';
import { Network } from './support/network.js';

// A few seconds each; on a machine that proves at the same time, many times that.
vi.setConfig({ testTimeout: 180_000 });

const LAMPORTS = 1_000_000_000_000;
const STOPPED = 'stopped; the same command continues here\n';

let root: string;
/** of a network that was stopped with one transfer in batch 1, closed and not submitted */
let prepared: string;
let settlement: string;
let slot: number;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'polyproof-devnet-'));
  prepared = join(root, 'prepared');
  const network = await new Network(prepared, { 'batch-timeout-ms': '200' }).started();
  await network.transfer(7n);
  ({ slot } = await network.statusWith({ lastBatch: 1, lastSequence: 0 }));
  settlement = network.value('Settlement contract');
  network.signal('SIGTERM');
  expect(await network.exit).toBe(0);
  // The first start on a machine compiles the circuits.
}, 600_000);
afterEach(killCommands);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A copy of the prepared data directory. */
function copy(): string {
  const directory = mkdtempSync(join(root, 'copy-'));
  cpSync(prepared, directory, { recursive: true });
  rmSync(join(directory, 'logs'), { recursive: true });
  return directory;
}

/** With everything that can run on demand, running. */
async function startAll(directory: string, flags: Record<string, string> = {}): Promise<Network> {
  const network = await new Network(directory, { provers: '1', ...flags }).started();
  await network.transfer(1n);
  await network.runs(/engine-process/);
  await network.runs(/worker-process/);
  await network.runs(/anvil/);
  await network.runs(/bb msgpack/, 2);
  return network;
}

describe('polyproof devnet', () => {
  it('tells where it is, and ends on Ctrl-C with all its processes', async () => {
    const network = await startAll(copy());
    expect(network.value('Base chain \\(EVM\\)')).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(network.value('Aggregator for provers')).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(network.value('Settlement contract')).toMatch(/^0x[0-9a-f]{40}$/);
    expect(network.stdout.match(/^ {2}account \d +\w{32,44}$/gm)).toHaveLength(8);

    network.interrupt();
    expect(await network.exit).toBe(0);
    await network.isGone();
    expect(network.stdout.endsWith(STOPPED)).toBe(true);
    expect(network.stderr).toBe('');
    expect(network.complaints()).toEqual([]);
    expect(existsSync(join(network.directory, 'lock'))).toBe(false);
    expect(existsSync(join(network.directory, 'aggregator', 'lock'))).toBe(false);
  });

  it('ends on SIGTERM to the main process alone', async () => {
    const network = await startAll(copy());
    network.signal('SIGTERM');
    expect(await network.exit).toBe(0);
    await network.isGone();
    expect(network.stdout.endsWith(STOPPED)).toBe(true);
    expect(network.stderr).toBe('');
    expect(network.complaints()).toEqual([]);
  });

  it('gives a proof up when it ends, and nothing counts as failed', async () => {
    const network = await startAll(copy(), { 'sequence-timeout-ms': '1' });
    await network.printed(/prover-1: batch proof, sequence 1, batch 1 \.\.\./);
    network.interrupt();
    expect(await network.exit).toBe(0);
    await network.isGone();
    expect(network.stdout.endsWith(`stopping\n${STOPPED}`)).toBe(true);
    expect(network.complaints()).toEqual([]);
  });

  it('ends when its base chain does', async () => {
    const network = await startAll(copy());
    network.kill(/anvil --host/);
    expect(await network.exit).toBe(1);
    await network.isGone();
    expect(network.stderr).toMatch(/^polyproof: the base chain \(anvil\) ended by itself.*\n$/);
  });

  it('can be stopped while it starts', async () => {
    const directory = copy();
    const network = new Network(directory);
    await network.printed(/starting the base chain/);
    network.interrupt();
    expect(await network.exit).toBe(0);
    await network.isGone();
    expect(network.stdout).toMatch(/stopped/);
    expect(await (await new Network(directory).started()).balance()).toBe(LAMPORTS + 7);
  });

  it('continues on its data: each batch is submitted once, and the aggregator knows the sequences', async () => {
    const flags = { 'batch-timeout-ms': '200', 'sequence-timeout-ms': '1' };
    const directory = copy();
    const second = await new Network(directory, flags).started();
    expect(second.value('Settlement contract')).toBe(settlement);
    expect((await second.status()).slot).toBeGreaterThanOrEqual(slot);
    expect(await second.balance()).toBe(LAMPORTS + 7);
    await second.statusWith({ lastSequence: 1, lastBatch: 1 });
    await second.printed(/sequence 1 found/);
    second.signal('SIGTERM');
    expect(await second.exit).toBe(0);

    const third = await new Network(directory, flags).started();
    await third.transfer(8n);
    await third.statusWith({ lastSequence: 2, lastBatch: 2 });
    await third.printed(/sequence 2 found/);
    expect(third.stdout).not.toContain('sequence 1 found');
    const { deployment } = JSON.parse(readFileSync(join(directory, 'deployment.json'), 'utf8')) as {
      deployment: Deployment;
    };
    const rpcUrl = third.value('Base chain \\(EVM\\)');
    const client = new SettlementClient({ rpcUrl, deployment }, { logger: silentLogger });
    expect(await client.getSequence(1n)).toMatchObject({ firstBatch: 1n, lastBatch: 1n });
    expect(await client.getSequence(2n)).toMatchObject({ firstBatch: 2n, lastBatch: 2n });
    third.signal('SIGTERM');
    expect(await third.exit).toBe(0);

    const ports = { rpcPort: 0, baseChainPort: 0, aggregatorPort: 0, provers: 0 };
    const config = DEVNET_CONFIG.parse({ ...ports, dataDirectory: directory });
    const fourth = await Devnet.start(config, { logger: silentLogger });
    const { sequences } = await fourth.aggregator.status();
    await fourth.close();
    expect(sequences.map(({ sequence }) => sequence)).toEqual([1n, 2n]);
  });

  it('leaves nothing running when it is killed, and continues', async () => {
    const network = await startAll(copy());
    const balance = await network.balance();
    const { slot } = await network.status();
    network.signal('SIGKILL');
    expect(await network.exit).toBe('SIGKILL');
    await network.isGone();

    const next = await new Network(network.directory).started();
    expect(next.value('Settlement contract')).toBe(settlement);
    expect((await next.status()).slot).toBeGreaterThanOrEqual(slot);
    expect(await next.balance()).toBe(balance);
    next.signal('SIGTERM');
    expect(await next.exit).toBe(0);
  });
});

describe('polyproof devnet refuses', () => {
  /** Ends with code 1 and one line, and leaves nothing behind. */
  async function refusal(network: Network): Promise<string> {
    expect(await network.exit).toBe(1);
    await network.isGone();
    expect(network.stderr).toMatch(/^polyproof: .*\n$/);
    return network.stderr;
  }

  it.each(['rpc-port', 'base-chain-port', 'aggregator-port'])('a busy %s', async (flag) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    try {
      expect(await refusal(new Network(copy(), { [flag]: String(port) }))).toContain(String(port));
    } finally {
      server.close();
    }
  });

  it('a data directory that another network uses', async () => {
    const directory = copy();
    const first = await new Network(directory).started();
    expect(await refusal(new Network(directory))).toContain(`${directory} is in use by process`);
    expect(await first.balance()).toBe(LAMPORTS + 7);
    first.signal('SIGTERM');
    expect(await first.exit).toBe(0);
  });

  it('a data directory that was made with another genesis', async () => {
    const directory = copy();
    expect(await refusal(new Network(directory, { accounts: '3' }))).toContain(
      `${directory} was made with another genesisStateRoot`,
    );
  });
});
