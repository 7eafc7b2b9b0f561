import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Logger, ServiceStack, silentLogger } from '@polyproof/base';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { proofHash, startAnvil } from '../src/index.js';
import { waitForStateFile } from '../src/state-owner.js';
import { clientsOf, createWorld, proofThat } from './fixture.js';

const logger = silentLogger;

let directory: string;
let stateFile: string;
let services: ServiceStack;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'polyproof-chain-'));
  stateFile = join(directory, 'deeper', 'anvil.json');
  services = new ServiceStack();
});
afterEach(async () => {
  await services.close();
  rmSync(directory, { recursive: true });
});

const start = async (options: Omit<Parameters<typeof startAnvil>[0], 'logger'> = {}) =>
  services.add(await startAnvil({ logger, ...options }));

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('startAnvil', () => {
  it('answers on a free port, with the chain id', async () => {
    const [first, second] = await Promise.all([start(), start({ chainId: 4242 })]);
    expect(first.port).not.toBe(second.port);
    for (const { url, chainId } of [first, second]) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
      });
      expect(await response.json()).toMatchObject({ result: `0x${chainId.toString(16)}` });
    }
    expect([first.chainId, second.chainId]).toEqual([31_337, 4242]);
  });

  it('names a busy port in one line', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(startAnvil({ logger, port })).rejects.toMatchObject({
      name: 'ChainError',
      code: 'PORT_BUSY',
      message: `port ${port} is in use: stop what listens there, or choose another port for anvil.`,
    });
    server.close();
    await once(server, 'close');
    expect((await start({ port })).port).toBe(port);
  });

  it('leaves nothing running after close, however often it is closed', async () => {
    const anvil = await start();
    await Promise.all([anvil.close(), anvil.close()]);
    await anvil.close();
    expect(await isListening(anvil.port)).toBe(false);
    expect(() => process.kill(anvil.pid, 0)).toThrow('ESRCH');
  });

  it('says when it ended by itself, and not when it was closed', async () => {
    const error = vi.fn();
    const watching: Logger = { ...silentLogger, error, child: () => watching };
    const closed = await startAnvil({ logger: watching });
    await closed.close();
    expect(error).not.toHaveBeenCalled();
    const killed = await startAnvil({ logger: watching });
    process.kill(killed.pid, 'SIGKILL');
    await killed.exited;
    expect(error).toHaveBeenCalledWith(
      'anvil ended by itself',
      expect.objectContaining({ port: killed.port, signal: 'SIGKILL' }),
    );
    await killed.close();
  });

  it('passes on why it did not start', async () => {
    await expect(startAnvil({ logger, blockTimeSeconds: -1 })).rejects.toMatchObject({
      code: 'ANVIL_FAILED',
      message: expect.stringMatching(/^anvil did not start: error: .*'-1'.*$/),
    });
  });

  it('makes blocks by itself when asked to', async () => {
    const anvil = await start({ blockTimeSeconds: 0.05 });
    const { reader } = clientsOf(anvil.url, {
      chainId: anvil.chainId,
      startBlock: 0,
      settlement: '0x0000000000000000000000000000000000000001',
      manager: '0x0000000000000000000000000000000000000001',
      bridge: '0x0000000000000000000000000000000000000001',
      bridgeBlock: 0,
      forcedInbox: '0x0000000000000000000000000000000000000001',
      operators: '0x0000000000000000000000000000000000000001',
      verifier: '0x0000000000000000000000000000000000000001',
    });
    await vi.waitUntil(async () => (await reader.blockNumber()) >= 2n, { timeout: 5_000 });
  });
});

describe('the state file', () => {
  it('keeps contracts, events and batches across a restart', async () => {
    const before = await start({ stateFile });
    const world = await createWorld(before);
    const batches = [Uint8Array.of(1, 2, 0)];
    await world.sequencer.sequence(1n, batches, 5n);
    const proof = proofThat('holds');
    await world.alice.commit(1n, proofHash(proof, world.alice.address));
    const [state, block] = [await world.reader.getState(), await world.reader.blockNumber()];
    const events = await world.reader.getEvents(0n, block);
    await before.close();

    const after = await start({ stateFile });
    const { reader, alice, sequencer } = clientsOf(after.url, world.deployment);
    expect(await reader.getState()).toEqual(state);
    expect(await reader.blockNumber()).toBe(block);
    expect(await reader.getEvents(0n, block)).toEqual(events);
    expect(await reader.getBatches(1n)).toEqual(batches);
    expect(await reader.getCommitment(1n, alice.address)).toMatchObject({ round: 1n });
    // The rollup goes on: also the client of before, whose nonces are ahead of nothing.
    expect(await sequencer.sequence(2n, batches, 6n)).toMatchObject({ sequence: 2n });
  });

  it('is replaced by its copy when a write was cut off', async () => {
    const before = await start({ stateFile });
    const { deployment, reader } = await createWorld(before);
    const state = await reader.getState();
    await vi.waitUntil(() => contains(`${stateFile}.copy`, deployment.settlement), { timeout: 10_000 });
    await before.close();
    const whole = readFileSync(stateFile, 'utf8');
    writeFileSync(stateFile, whole.slice(0, whole.length / 2));

    const warn = vi.fn();
    const watching: Logger = { ...silentLogger, warn, child: () => watching };
    const after = services.add(await startAnvil({ logger: watching, stateFile }));
    expect(warn).toHaveBeenCalledOnce();
    expect(await clientsOf(after.url, deployment).reader.getState()).toEqual(state);
  });

  it('is refused when neither it nor its copy is whole', async () => {
    await (await start({ stateFile })).close();
    writeFileSync(stateFile, '{"torn');
    writeFileSync(`${stateFile}.copy`, '');
    await expect(startAnvil({ logger, stateFile })).rejects.toMatchObject({ code: 'STATE_FILE_DAMAGED' });
    expect(readFileSync(stateFile, 'utf8')).toBe('{"torn');
  });
});

describe('the owner of a state file', () => {
  it('keeps others away as long as it lives', async () => {
    const first = await start({ stateFile });
    await expect(waitForStateFile(stateFile, 100)).rejects.toMatchObject({
      code: 'STATE_FILE_IN_USE',
      details: { stateFile, pid: first.pid },
    });
    await first.close();
    await waitForStateFile(stateFile, 0);
    expect(existsSync(`${stateFile}.pid`)).toBe(false);
  });

  it('does not when its number belongs to another process', async () => {
    await (await start({ stateFile })).close();
    for (const owner of [String(process.pid), '999999999', 'nonsense', '']) {
      writeFileSync(`${stateFile}.pid`, owner);
      await waitForStateFile(stateFile, 0);
    }
  });
});

describe('a parent that dies', () => {
  it('takes anvil with it, and the state is written', async () => {
    const program = `
      import { silentLogger } from '@polyproof/base';
      import { startAnvil } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
      const { url, port } = await startAnvil({ logger: silentLogger, stateFile: process.argv[1] });
      const body = '{"jsonrpc":"2.0","id":1,"method":"anvil_mine","params":["0x7"]}';
      await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      console.log(port);
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program, stateFile], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: new URL('..', import.meta.url),
    });
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const port = Number(line);
    expect(await isListening(port)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');

    // At once: the old anvil may still be about to write what it mined.
    const { url } = await start({ stateFile });
    expect(await isListening(port)).toBe(false);
    const body = '{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}';
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await response.json()).toMatchObject({ result: '0x7' });
  });
});

function contains(file: string, text: string): boolean {
  try {
    return readFileSync(file, 'utf8').toLowerCase().includes(text.toLowerCase());
  } catch {
    return false;
  }
}
