import { setMaxListeners } from 'node:events';
import { decodeBase58 } from '@polyproof/svm';
import { address, createSolanaRpcSubscriptions, type Signature, signature as toSignature } from '@solana/kit';
import { Connection, PublicKey } from '@solana/web3.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RpcServer } from '../../src/index.js';
import {
  account,
  addressOf,
  type FakeChain,
  openFakeChain,
  SYSTEM,
  signatureOf,
  TOKEN,
} from './fake-chain.js';

/** Unmodified clients from npm on websockets. */

let chain: FakeChain;
let server: RpcServer;

beforeEach(async () => {
  ({ chain, server } = await openFakeChain({ finalityPollMs: 60_000 }));
});
afterEach(() => server.close());

const [alice, mint] = [addressOf(1), addressOf(2)];
const done = signatureOf(1);
const owner = decodeBase58(TOKEN);
const data = Uint8Array.of(1, 2, 3);

/** One block that has something for everybody. */
function commit() {
  chain.commit({
    accounts: { [alice]: account(7n), [mint]: account(8n, { owner, data }) },
    transactions: [{ signature: done, accounts: [alice, SYSTEM], logs: ['Program log: hello'] }],
  });
}

const subscribed = (count: number) =>
  vi.waitFor(() => expect(server.webSockets.subscriptions).toBe(count), { timeout: 10_000, interval: 5 });

describe('@solana/kit', () => {
  it('subscribes to everything', async () => {
    const subscriptions = createSolanaRpcSubscriptions(server.webSocketUrl);
    const abort = new AbortController();
    setMaxListeners(100, abort.signal);
    const options = { abortSignal: abort.signal };
    const commitment = 'confirmed' as const;
    const config = { commitment, encoding: 'base64' as const };
    const iterables = await Promise.all([
      subscriptions.accountNotifications(address(alice), config).subscribe(options),
      subscriptions.programNotifications(address(TOKEN), config).subscribe(options),
      subscriptions.signatureNotifications(toSignature(done), { commitment }).subscribe(options),
      subscriptions.logsNotifications({ mentions: [address(alice)] }, { commitment }).subscribe(options),
      subscriptions.logsNotifications('all', { commitment }).subscribe(options),
      subscriptions.slotNotifications().subscribe(options),
      subscriptions.rootNotifications().subscribe(options),
    ]);
    const firsts = Promise.all(iterables.map((iterable) => first<unknown>(iterable)));
    commit();
    chain.finalize();
    chain.commit();
    const context = { slot: 1n };
    const shown = { executable: false, rentEpoch: 18446744073709551615n };
    const logs = { context, value: { err: null, logs: ['Program log: hello'], signature: done } };
    expect(await firsts).toEqual([
      { context, value: { ...shown, data: ['', 'base64'], lamports: 7n, owner: SYSTEM, space: 0n } },
      {
        context,
        value: {
          pubkey: mint,
          account: { ...shown, data: ['AQID', 'base64'], lamports: 8n, owner: TOKEN, space: 3n },
        },
      },
      { context, value: { err: null } },
      logs,
      logs,
      { slot: 1n, parent: 0n, root: 0n },
      1n,
    ]);
    abort.abort();
    await subscribed(0);
  });

  it('hears of a signature that is in a block before it asks, and of its finality', async () => {
    commit();
    const subscriptions = createSolanaRpcSubscriptions(server.webSocketUrl);
    const abort = new AbortController();
    const options = { abortSignal: abort.signal };
    const waitFor = (commitment: 'confirmed' | 'finalized') =>
      subscriptions.signatureNotifications(done as Signature, { commitment }).subscribe(options);
    const result = { context: { slot: 1n }, value: { err: null } };
    expect(await first(await waitFor('confirmed'))).toEqual(result);
    const final = await waitFor('finalized');
    chain.finalize();
    chain.commit();
    expect(await first(final)).toEqual(result);
    abort.abort();
  });

  it('gets an error for what cannot be subscribed to', async () => {
    const subscriptions = createSolanaRpcSubscriptions(server.webSocketUrl);
    const bad = subscriptions.accountNotifications('bad' as ReturnType<typeof address>);
    await expect(bad.subscribe({ abortSignal: new AbortController().signal })).rejects.toThrow();
  });
});

describe('@solana/web3.js 1', () => {
  it('subscribes to everything, at the port that it derives itself', async () => {
    const connection = new Connection(server.url, 'confirmed');
    const heard: Record<string, unknown[]> = {};
    const hear =
      (name: string) =>
      (...values: unknown[]) => {
        heard[name] = values;
      };
    const [key, program] = [new PublicKey(alice), new PublicKey(TOKEN)];
    const ends = [
      [connection.onAccountChange(key, hear('account')), 'removeAccountChangeListener'],
      [connection.onProgramAccountChange(program, hear('program')), 'removeProgramAccountChangeListener'],
      [connection.onLogs(key, hear('logs')), 'removeOnLogsListener'],
      [connection.onSlotChange(hear('slot')), 'removeSlotChangeListener'],
      [connection.onRootChange(hear('root')), 'removeRootChangeListener'],
      [connection.onSlotUpdate(hear('update')), 'removeSlotUpdateListener'],
    ] as const;
    connection.onSignature(done, hear('signature'));
    await subscribed(7);
    commit();
    chain.finalize();
    chain.commit();
    await vi.waitFor(() => expect(Object.keys(heard)).toHaveLength(7), { timeout: 10_000, interval: 5 });
    const context = { slot: 1 };
    expect(heard.account).toEqual([expect.objectContaining({ lamports: 7, data: Buffer.alloc(0) }), context]);
    expect(heard.program).toEqual([
      {
        accountId: new PublicKey(mint),
        accountInfo: expect.objectContaining({ lamports: 8, data: Buffer.from(data) }),
      },
      context,
    ]);
    expect(heard.logs).toEqual([{ err: null, logs: ['Program log: hello'], signature: done }, context]);
    expect(heard.signature).toEqual([{ err: null }, context]);
    expect(heard.root).toEqual([1]);
    for (const [id, remove] of ends) await connection[remove](id);
    await subscribed(0);
    // It hangs up by itself when it has subscribed to nothing for half a second.
    await vi.waitFor(() => expect(server.webSockets.webSockets).toBe(0), { timeout: 10_000, interval: 20 });
  });
});

async function first<T>(notifications: AsyncIterable<T>): Promise<T> {
  for await (const notification of notifications) return notification;
  throw new TypeError('the subscription ended without a notification');
}
