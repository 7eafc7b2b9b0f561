import { silentLogger } from '@polyproof/base';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ConnectionLimits } from '../../src/server/connection-gate.js';
import { ConnectionGate } from '../../src/server/connection-gate.js';
import { HttpServer, type HttpServerOptions } from '../../src/server/http-server.js';
import { post, RawConnection } from './raw-connection.js';

/** What hostile clients do to an HTTP server. Each test ends with a well-behaved client that is answered. */

type Handle = (body: string) => string | undefined | Promise<string | undefined>;

let server: HttpServer;
const connections: RawConnection[] = [];

async function open(options: HttpServerOptions & ConnectionLimits = {}, handle: Handle = (body) => body) {
  const gate = new ConnectionGate(options);
  server = await HttpServer.open({ port: 0, ...options }, { handle, gate, logger: silentLogger });
  return gate;
}

async function connectRaw(): Promise<RawConnection> {
  const connection = await RawConnection.open(server.url);
  connections.push(connection);
  return connection;
}

async function expectService() {
  const connection = await connectRaw();
  expect(await connection.write(post('well')).response()).toMatchObject({ status: 200, body: 'well' });
  connection.socket.destroy();
}

afterEach(async () => {
  for (const { socket } of connections.splice(0)) socket.destroy();
  await server.close();
});

const busy = (message: RegExp) => ({
  jsonrpc: '2.0',
  error: { code: -32005, message: expect.stringMatching(message) },
  id: null,
});

describe('clients that are slow', () => {
  const timeouts = { headersTimeoutMs: 100, requestTimeoutMs: 200 };

  it.each([
    ['nothing at all', ''],
    ['half a head', 'POST / HTTP/1.1\r\nhost: node\r\n'],
    ['half a body', 'POST / HTTP/1.1\r\nhost: node\r\ncontent-length: 10\r\n\r\nhalf'],
    ['half a chunk', 'POST / HTTP/1.1\r\nhost: node\r\ntransfer-encoding: chunked\r\n\r\nff\r\nhalf'],
  ])('cuts off who sends %s', async (_what, text) => {
    const gate = await open(timeouts);
    const slow = await connectRaw();
    slow.write(text);
    await expectService();
    expect(await slow.rest()).toMatch(/^(HTTP\/1.1 408 .*took too long to arrive|$)/s);
    await vi.waitFor(() => expect(gate.open).toBe(0));
    await expectService();
  });

  it('cuts off who sends a byte now and then', async () => {
    await open(timeouts);
    const slow = await connectRaw();
    slow.write('POST / HTTP/1.1\r\nhost: node\r\n');
    const drip = setInterval(() => slow.write('x: y\r\n'), 20);
    await slow.closed;
    clearInterval(drip);
    await expectService();
  });

  it('cuts off who does not take answers, and frees what they held', async () => {
    const answer = 'x'.repeat(8_000_000);
    await open({ stallTimeoutMs: 300, maxPendingBytes: 10_000_000 }, (body) =>
      body === 'much' ? answer : body,
    );
    const greedy = await connectRaw();
    greedy.socket.pause();
    greedy.write(post('much')).write(post('much'));
    // While it holds the most that the server keeps, others are told so.
    await vi.waitFor(async () => {
      const other = await connectRaw();
      const response = await other.write(post('well')).response();
      expect(response?.status).toBe(503);
      expect(JSON.parse(response?.body ?? '')).toEqual(busy(/holds as many/));
    });
    await vi.waitFor(expectService, { timeout: 10_000 });
  });

  it('does not wait for half-open connections when it is closed', async () => {
    await open();
    const half = await connectRaw();
    half.write('POST / HTTP/1.1\r\nhost: node\r\ncontent-length: 10\r\n\r\nhalf');
    await expectService();
    await server.close();
    await half.closed;
  });
});

describe('clients that send what is not a request', () => {
  it.each([
    ['garbage', '\u0000\u0001\u0002\r\n\r\n', 400],
    ['a TLS greeting', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\n${`x: ${'y'.repeat(1_000)}\r\n`.repeat(20)}\r\n`, 431],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', 400],
    ['a wrong chunk', 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 400],
  ])('refuses %s', async (_what, text, status) => {
    await open();
    const raw = await connectRaw();
    const response = await raw.write(Buffer.from(text, 'latin1')).response();
    expect(response?.status).toBe(status);
    expect(JSON.parse(response?.body ?? '')).toMatchObject({ error: { code: -32600 }, id: null });
    await raw.closed;
    await expectService();
  });

  it('refuses a body that is not UTF-8', async () => {
    const handle = vi.fn((body: string) => body);
    await open({}, handle);
    const raw = await connectRaw();
    const response = await raw.write(post(Buffer.of(0x22, 0xc3, 0x28, 0x22))).response();
    expect(response?.status).toBe(400);
    expect(JSON.parse(response?.body ?? '')).toMatchObject({ error: { code: -32700 }, id: null });
    expect(handle).not.toHaveBeenCalled();
    await expectService();
  });

  it('reads no more of a body than it takes', async () => {
    await open({ maxBodyBytes: 1_000 });
    const raw = await connectRaw();
    raw.write('POST / HTTP/1.1\r\nhost: node\r\ntransfer-encoding: chunked\r\n\r\n');
    const flood = setInterval(() => raw.write(`400\r\n${'x'.repeat(1_024)}\r\n`), 1);
    expect((await raw.response())?.status).toBe(413);
    await raw.closed;
    clearInterval(flood);
    await expectService();
  });
});

describe('clients that send too much at once', () => {
  it('answers pipelined requests in their order', async () => {
    await open({}, async (body) => {
      if (body === '0') await new Promise((resolve) => setTimeout(resolve, 20));
      return body;
    });
    const raw = await connectRaw();
    raw.write(Buffer.concat(Array.from({ length: 50 }, (_, i) => post(`${i}`))));
    for (let i = 0; i < 50; i++) expect((await raw.response())?.body).toBe(`${i}`);
  });

  it('refuses more requests under way on a connection than allowed, and ends it', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let underWay = 0;
    await open({ maxRequestsPerConnection: 4 }, async (body) => {
      if (body === 'well') return body;
      underWay++;
      await gate;
      return body;
    });
    const raw = await connectRaw();
    raw.write(Buffer.concat(Array.from({ length: 1_000 }, (_, i) => post(`${i}`))));
    await vi.waitFor(() => expect(underWay).toBe(4));
    await expectService();
    release();
    for (let i = 0; i < 4; i++) expect(await raw.response()).toMatchObject({ status: 200, body: `${i}` });
    const refused = await raw.response();
    expect(refused?.status).toBe(429);
    expect(JSON.parse(refused?.body ?? '')).toEqual(busy(/4 requests at once/));
    await raw.closed;
    expect(underWay).toBe(4);
    await expectService();
  });

  it.each([
    [{ maxConnectionsPerAddress: 3 }, 429, /3 connections from one address/],
    [{ maxConnections: 3 }, 503, /3 connections at most/],
  ])('refuses more connections than %j', async (limits, status, message) => {
    const gate = await open(limits);
    const held: RawConnection[] = [];
    for (let i = 0; i < 3; i++) {
      held.push(await connectRaw());
      await held[i]?.write(post('x')).response();
    }
    const refused = await connectRaw();
    const response = await refused.write(post('x')).response();
    expect(response?.status).toBe(status);
    expect(JSON.parse(response?.body ?? '')).toEqual(busy(message));
    await refused.closed;
    // A flood of them leaves nothing behind, and those that are served stay so.
    const flood = await Promise.all(Array.from({ length: 400 }, connectRaw));
    expect(await held[0]?.write(post('still')).response()).toMatchObject({ body: 'still' });
    for (const { socket } of flood) socket.destroy();
    held[1]?.socket.destroy();
    await vi.waitFor(() => expect(gate.open).toBe(2));
    await vi.waitFor(expectService);
  });

  it('closes refused connections that say nothing', async () => {
    await open({ maxConnections: 1 });
    const held = await connectRaw();
    await held.write(post('x')).response();
    const silent = await connectRaw();
    await silent.closed;
    expect(await held.write(post('still')).response()).toMatchObject({ body: 'still' });
  });
});

describe('other requests', () => {
  it('tells its health, and people what it is', async () => {
    await open();
    const health = await fetch(`${server.url}/health`);
    expect([health.status, await health.text()]).toEqual([200, 'ok']);
    expect(await (await fetch(server.url)).text()).toContain('JSON-RPC');
    expect((await fetch(`${server.url}/favicon.ico`)).status).toBe(404);
    expect((await fetch(`${server.url}/health`, { method: 'HEAD' })).status).toBe(200);
  });
});
