import { afterEach, describe, expect, it } from 'vitest';
import type { RpcServer, RpcServerOptions } from '../../src/index.js';
import { account, addressOf, type FakeChain, openFakeChain, SYSTEM, signatureOf } from './fake-chain.js';
import { RawSocket } from './raw-socket.js';

/** Floods of subscriptions. Each test ends with a well-behaved client that is served. */

let chain: FakeChain;
let server: RpcServer;

async function open(options: Partial<RpcServerOptions> = {}): Promise<RawSocket> {
  ({ chain, server } = await openFakeChain({ finalityPollMs: 60_000, ...options }));
  return RawSocket.open(server.webSocketUrl);
}

afterEach(() => server.close());

async function expectService() {
  const client = await RawSocket.open(server.webSocketUrl);
  await client.call('slotSubscribe');
  chain.commit();
  expect((await client.next()).method).toBe('slotNotification');
  await client.close();
}

const confirmed = { commitment: 'confirmed' };

describe('floods', () => {
  it('takes 10,000 attempts to subscribe, grants those allowed, and forgets them with their client', async () => {
    const flood = await open({ maxSubscriptionsPerConnection: 100, maxMessagesPerSecond: 20_000 });
    const answers = await Promise.all(
      Array.from({ length: 10_000 }, (_, i) => flood.ask('accountSubscribe', addressOf(i), confirmed)),
    );
    expect(answers.filter(({ result }) => result !== undefined)).toHaveLength(100);
    expect(answers.at(-1).error).toEqual({
      code: -32005,
      message: 'Subscription refused: 100 subscriptions of one connection at most.',
    });
    expect(server.webSockets.subscriptions).toBe(100);
    await expectService();
    // What it has, it keeps, and it may give it up for something else.
    expect(await flood.call('accountUnsubscribe', answers[0].result)).toBe(true);
    expect(await flood.call('slotSubscribe')).toBeTypeOf('number');
    await flood.close();
    await expectService();
    expect(server.webSockets.subscriptions).toBe(0);
  });

  it('bounds the subscriptions of all clients together, with the words of Agave', async () => {
    const first = await open({ maxSubscriptions: 30, maxSubscriptionsPerConnection: 20 });
    const second = await RawSocket.open(server.webSocketUrl);
    for (const client of [first, second])
      for (let i = 0; i < 20; i++) await client.ask('logsSubscribe', { mentions: [addressOf(i)] });
    expect(server.webSockets.subscriptions).toBe(30);
    expect(await second.ask('rootSubscribe')).toMatchObject({
      error: {
        code: -32603,
        message: 'Internal Error: Subscription refused. Node subscription limit reached',
      },
    });
    await first.close();
    await expectService();
  });

  it('bounds the places that filters look at, and none of those that are looked at already', async () => {
    const client = await open({ maxFilterPlaces: 3 });
    const ask = (offset: number, bytes: string) =>
      client.ask('programSubscribe', SYSTEM, { ...confirmed, filters: [{ memcmp: { offset, bytes } }] });
    const ids = [];
    for (let offset = 0; offset < 3; offset++) ids.push((await ask(offset, '2')).result);
    expect(await ask(3, '2')).toMatchObject({ error: { code: -32005 } });
    expect(await ask(2, '3')).toMatchObject({ result: expect.any(Number) });
    await client.call('programUnsubscribe', ids[0]);
    expect(await ask(3, '2')).toMatchObject({ result: expect.any(Number) });
    await expectService();
  });

  it('keeps nothing of subscriptions that come and go', async () => {
    const client = await open({ maxMessagesPerSecond: 20_000 });
    chain.commit({ transactions: [{ signature: signatureOf(1) }] });
    for (let i = 0; i < 300; i++) {
      const [method, params] = i % 2 ? ['signature', [signatureOf(1)]] : ['account', [addressOf(i)]];
      const id = await client.call(`${method}Subscribe`, ...(params as string[]));
      expect(await client.call(`${method}Unsubscribe`, id)).toBe(true);
    }
    expect(server.webSockets.subscriptions).toBe(0);
    chain.finalize();
    await expectService();
    expect(client.notifications).toEqual([]);
  });

  it('answers a batch, bounds it, and takes any nesting', async () => {
    const client = await open({ maxBatchRequests: 3 });
    const request = (id: number) => ({ jsonrpc: '2.0', id, method: 'slotSubscribe' });
    const read = () =>
      new Promise((resolve) => client.socket.once('message', (data) => resolve(JSON.parse(String(data)))));
    client.socket.send(JSON.stringify([request(1), request(2)]));
    expect(await read()).toEqual([1, 2].map((id) => ({ jsonrpc: '2.0', result: 1, id })));
    client.socket.send(JSON.stringify([1, 2, 3, 4].map(request)));
    expect(await read()).toMatchObject({ error: { code: -32600 } });
    const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    client.socket.send(`{"jsonrpc":"2.0","id":1,"method":"accountSubscribe","params":[${nested}]}`);
    expect(await read()).toMatchObject({ error: { code: -32602 }, id: 1 });
    client.socket.send('{"jsonrpc":');
    expect(await read()).toMatchObject({ error: { code: -32700 }, id: null });
    await expectService();
  });
});

describe('many subscribers', () => {
  it('all hear of a hot account, while one that does not read is cut off', async () => {
    const good = await open({ maxBufferedBytes: 500_000 });
    const lazy = await RawSocket.open(server.webSocketUrl);
    const hot = addressOf(1);
    for (const client of [good, lazy])
      await client.call('accountSubscribe', hot, { ...confirmed, encoding: 'base64' });
    lazy.socket.pause();
    const data = new Uint8Array(100_000);
    for (let slot = 1; slot <= 100; slot++) {
      chain.commit({ accounts: { [hot]: account(BigInt(slot), { data }) } });
      expect((await good.next()).params.result.value.lamports).toBe(slot);
    }
    lazy.socket.resume();
    expect((await lazy.closed).code).toBeOneOf([1013, 1006]);
    await expectService();
  });
});
