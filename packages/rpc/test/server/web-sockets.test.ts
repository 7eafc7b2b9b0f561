import { once } from 'node:events';
import { silentLogger } from '@polyproof/base';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { HttpServer } from '../../src/server/http-server.js';
import type { WebSocketPeer } from '../../src/server/web-socket-peer.js';
import { type WebSocketOptions, WebSockets } from '../../src/server/web-sockets.js';
import { post, RawConnection } from './raw-connection.js';

/** What hostile clients do to websockets. The server sends every message back; "much" is answered with much. */

let server: HttpServer;
let webSockets: WebSockets;
const clients: { terminate(): void }[] = [];
const MUCH = Buffer.alloc(100_000, 'x');

async function open(
  options: WebSocketOptions = {},
  session: (peer: WebSocketPeer, text: string) => void = echo,
) {
  webSockets = new WebSockets(options, {
    open: (peer) => ({ message: (text) => session(peer, text), closed: () => {} }),
    logger: silentLogger,
  });
  server = await HttpServer.open(
    { port: 0 },
    {
      handle: (body) => body,
      upgrade: (request, socket, head) => webSockets.upgrade(request, socket, head),
      logger: silentLogger,
    },
  );
}

function echo(peer: WebSocketPeer, text: string): void {
  peer.send(text === 'much' ? MUCH : text);
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await webSockets.close();
  await server.close();
});

async function connectClient(): Promise<WebSocket> {
  const client = new WebSocket(server.url.replace('http', 'ws'));
  clients.push(client);
  client.on('error', () => {});
  await once(client, 'open');
  return client;
}

/** A websocket of which the test writes and reads the bytes. */
async function connectRaw(): Promise<RawConnection> {
  const raw = await RawConnection.open(server.url);
  clients.push({ terminate: () => raw.socket.destroy() });
  raw.write(
    'GET /any/path HTTP/1.1\r\nhost: node\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
      'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  expect((await raw.response())?.status).toBe(101);
  return raw;
}

/** A frame as a client sends it, with a mask of zeros. */
function frame(opcode: number, payload: string | Buffer = '', fin = true): Buffer {
  const bytes = Buffer.from(payload);
  const length =
    bytes.length < 126
      ? Buffer.of(0x80 | bytes.length)
      : Buffer.of(0xfe, bytes.length >> 8, bytes.length & 0xff);
  return Buffer.concat([Buffer.of((fin ? 0x80 : 0) | opcode), length, Buffer.alloc(4), bytes]);
}

async function answerTo(client: WebSocket, text: string): Promise<string> {
  client.send(text);
  const [data] = await once(client, 'message');
  return String(data);
}

async function expectService() {
  const client = await connectClient();
  expect(await answerTo(client, 'well')).toBe('well');
  client.terminate();
}

describe('clients that break the protocol', () => {
  it.each([
    ['a frame without mask', Buffer.from([0x81, 0x01, 0x61]), 1002],
    ['an unknown frame', frame(0x3), 1002],
    ['reserved bits', Buffer.concat([Buffer.of(0xf1), frame(1, 'x').subarray(1)]), 1002],
    ['a continuation of nothing', frame(0x0, 'x'), 1002],
    ['a text that is not UTF-8', frame(0x1, Buffer.of(0xc3, 0x28)), 1007],
    ['bytes that are not UTF-8', frame(0x2, Buffer.of(0xc3, 0x28)), 1007],
    ['a message that is too long', frame(0x1, 'x'.repeat(1_001)), 1009],
    ['the length of an endless message', Buffer.from([0x81, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0]), 1009],
    [
      'a message in too many pieces',
      Buffer.concat(
        Array(100)
          .fill(frame(0x1, 'x', false))
          .fill(frame(0x0, 'x', false), 1),
      ),
      1008,
    ],
  ])('closes %s with the code for it', async (_what, bytes, code) => {
    await open({ maxMessageBytes: 1_000 });
    const raw = await connectRaw();
    raw.write(bytes);
    const rest = Buffer.from(await raw.rest(), 'latin1');
    expect([rest[0], rest.readUInt16BE(2)]).toEqual([0x88, code]);
    await vi.waitFor(() => expect(webSockets.size).toBe(0));
    await expectService();
  });

  it('takes bytes that are UTF-8 as text', async () => {
    await open();
    const client = await connectClient();
    client.send(Buffer.from('ä'));
    const [data] = await once(client, 'message');
    expect(String(data)).toBe('ä');
  });

  it('refuses what is not quite a handshake', async () => {
    await open();
    const raw = await RawConnection.open(server.url);
    raw.write('GET / HTTP/1.1\r\nhost: node\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    expect((await raw.response())?.status).toBe(400);
    await raw.closed;
    await expectService();
  });

  it('answers a request that offers HTTP/2 as if it did not', async () => {
    await open();
    const raw = await RawConnection.open(server.url);
    const offer =
      'connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n';
    raw.write(post('first', offer));
    expect(await raw.response()).toMatchObject({ status: 200, body: 'first' });
    raw.write(post('second'));
    expect(await raw.response()).toMatchObject({ status: 200, body: 'second' });
    raw.socket.destroy();
  });
});

describe('clients that do not read', () => {
  it('cuts off who leaves too much unread, and serves others meanwhile', async () => {
    await open({ maxBufferedBytes: 1_000_000, maxMessagesPerSecond: 10_000 });
    const raw = await connectRaw();
    raw.socket.pause();
    // Much more than the buffers of the operating system hold.
    for (let i = 0; i < 1_000; i++) raw.write(frame(0x1, 'much'));
    await vi.waitFor(() => expect(webSockets.size).toBe(0), { timeout: 10_000 });
    raw.socket.resume();
    await raw.closed;
    await expectService();
  });

  it('cuts off the worst one when all together leave too much unread', async () => {
    await open({ maxTotalBufferedBytes: 3_000_000, maxMessagesPerSecond: 10_000 });
    const [lazy, good] = [await connectRaw(), await connectClient()];
    lazy.socket.pause();
    for (let i = 0; i < 300; i++) lazy.write(frame(0x1, 'much'));
    await vi.waitFor(() => expect(webSockets.size).toBe(1), { timeout: 10_000 });
    expect(await answerTo(good, 'still')).toBe('still');
  });

  it('cuts off who gives no sign of life, and nobody else', async () => {
    await open({ pingIntervalMs: 200 });
    const [dead, alive] = [await connectRaw(), await connectClient()];
    await dead.closed; // the raw connection answers no pings
    expect(await answerTo(alive, 'still')).toBe('still');
  });

  it('tells the slow client why', async () => {
    let peer: WebSocketPeer | undefined;
    await open({}, (one) => {
      peer = one;
    });
    const client = await connectClient();
    client.send('x');
    await vi.waitFor(() => expect(peer).toBeDefined());
    peer?.cutOff();
    const [code, reason] = await once(client, 'close');
    expect([code, String(reason)]).toEqual([1013, 'too slow: more is unread than the node keeps']);
  });
});

describe('clients that send too much', () => {
  it('lets a client that has sent too many messages wait, and loses none', async () => {
    await open({ maxMessagesPerSecond: 100 });
    const client = await connectClient();
    let received = 0;
    client.on('message', () => received++);
    const start = performance.now();
    for (let i = 0; i < 150; i++) client.send('x');
    await vi.waitFor(() => expect(received).toBe(150));
    await expectService();
    expect(await answerTo(client, 'late')).toBe('late');
    // A hundred were free, fifty more take half a second. No machine is too slow for this to hold.
    expect(performance.now() - start).toBeGreaterThan(300);
  });

  it('does not answer a flood of pings without end', async () => {
    await open({ maxMessagesPerSecond: 50 });
    const raw = await connectRaw();
    raw.write(Buffer.concat(Array(2_000).fill(frame(0x9, 'x'))));
    await expectService();
    raw.socket.destroy();
    await vi.waitFor(() => expect(webSockets.size).toBe(0));
  });

  it('refuses more websockets than allowed', async () => {
    await open({ maxWebSockets: 2 });
    const [first] = [await connectClient(), await connectClient()];
    const third = new WebSocket(server.url.replace('http', 'ws'));
    third.on('error', () => {});
    const [, response] = await once(third, 'unexpected-response');
    expect(response.statusCode).toBe(503);
    third.terminate();
    first.terminate();
    await vi.waitFor(() => expect(webSockets.size).toBe(1));
    await expectService();
  });
});

describe('close', () => {
  it('says goodbye, and waits for nobody who does not answer', async () => {
    await open();
    const [polite, rude] = [await connectClient(), await connectRaw()];
    const goodbye = once(polite, 'close');
    await webSockets.close();
    expect((await goodbye)[0]).toBe(1001);
    await rude.closed;
    await webSockets.close();
    await server.close();
  });
});

describe('afterRead', () => {
  it('calls back in order when the client has come so far, whatever pongs it invents', async () => {
    const done: string[] = [];
    await open({}, (peer, text) => {
      peer.send(text);
      peer.afterRead(() => done.push(text));
    });
    const raw = await connectRaw();
    raw.write(frame(0xa, '99')).write(frame(0xa, 'NaN')).write(frame(0x1, 'a')).write(frame(0x1, 'b'));
    const client = await connectClient();
    expect(await answerTo(client, 'c')).toBe('c');
    await vi.waitFor(() => expect(done).toEqual(['c']));
    raw.write(frame(0xa, '1'));
    await vi.waitFor(() => expect(done).toEqual(['c', 'a']));
    raw.write(frame(0xa, '1')).write(frame(0xa, '2'));
    await vi.waitFor(() => expect(done).toEqual(['c', 'a', 'b']));
  });
});
