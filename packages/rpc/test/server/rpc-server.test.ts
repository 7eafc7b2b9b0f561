import { createServer, type Server } from 'node:net';
import { silentLogger } from '@polyproof/base';
import { afterEach, describe, expect, it } from 'vitest';
import type { RpcServer } from '../../src/index.js';
import { HttpServer } from '../../src/server/http-server.js';
import { openPorts } from '../../src/server/open-ports.js';
import { openFakeChain } from '../subscriptions/fake-chain.js';
import { RawSocket } from '../subscriptions/raw-socket.js';
import { post, RawConnection } from './raw-connection.js';

const servers: { close(): Promise<void> }[] = [];

async function open(options = {}): Promise<RpcServer> {
  const { server } = await openFakeChain(options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** Takes a port, as another program does. */
const listen = (port: number) =>
  new Promise<Server>((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
const close = (server: Server) => new Promise((resolve) => server.close(resolve));
const portOf = (url: string) => Number(new URL(url).port);
const getSlot = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getSlot' });

describe('RpcServer', () => {
  it('takes websockets on its port and on the one above it, and requests on both', async () => {
    const server = await open();
    expect(portOf(server.webSocketUrl)).toBe(portOf(server.url) + 1);
    for (const url of [server.url, server.webSocketUrl]) {
      const socket = await RawSocket.open(`${url.replace('http', 'ws')}/any/path`);
      expect(await socket.call('slotSubscribe')).toBeTypeOf('number');
      const response = await fetch(url.replace('ws', 'http'), { method: 'POST', body: getSlot });
      expect(await response.json()).toEqual({ jsonrpc: '2.0', result: 0, id: 1 });
    }
  });

  it('counts the connections of both ports together', async () => {
    const server = await open({ maxConnections: 1 });
    const socket = await RawSocket.open(server.webSocketUrl);
    const refused = await RawConnection.open(server.url);
    expect((await refused.write(post(getSlot)).response())?.status).toBe(503);
    expect(await socket.call('slotSubscribe')).toBeTypeOf('number');
    await refused.closed;
  });

  it('names the port that is taken, be it the one above its own, and leaves none open', async () => {
    const first = await open();
    const port = portOf(first.url);
    for (const taken of [port, port + 1]) {
      const second = openFakeChain({ port: taken });
      await expect(second).rejects.toMatchObject({ code: 'PORT_IN_USE', details: { port: taken } });
    }
    // Of its two ports only the upper one stays taken: no other process owns the lower one.
    await first.close();
    const above = await listen(port + 1);
    await expect(openFakeChain({ port })).rejects.toMatchObject({ details: { port: port + 1 } });
    await close(await listen(port));
    await close(above);
  });

  it('looks for a free port with a free one above it', async () => {
    const opened: number[] = [];
    const [http, above] = await openPorts(0, async (port) => {
      const server = await HttpServer.open({ port }, { handle: () => '', logger: silentLogger });
      servers.push(server);
      opened.push(server.port);
      // The first two neighbours turn out to be taken.
      if (port !== 0 && opened.length < 6) {
        await server.close();
        throw new TypeError('taken');
      }
      return server;
    });
    expect(above.port).toBe(http.port + 1);
    expect(opened).toHaveLength(6);
  });

  it('ends everything when it is closed, and closes twice', async () => {
    const server = await open();
    const socket = await RawSocket.open(server.webSocketUrl);
    const [idle, half] = [await RawConnection.open(server.url), await RawConnection.open(server.url)];
    half.write('POST / HTTP/1.1\r\nhost: node\r\ncontent-length: 10\r\n\r\nhalf');
    expect(await idle.write(post(getSlot)).response()).toMatchObject({ status: 200 });
    await Promise.all([server.close(), server.close()]);
    expect((await socket.closed).code).toBe(1001);
    await Promise.all([idle.closed, half.closed]);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it('tells its health', async () => {
    const server = await open();
    expect(await (await fetch(`${server.url}/health`)).text()).toBe('ok');
  });
});
