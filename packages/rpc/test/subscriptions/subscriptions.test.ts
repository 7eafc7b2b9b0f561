import { decodeBase58 } from '@polyproof/svm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RpcServer } from '../../src/index.js';
import {
  account,
  addressOf,
  type FakeChain,
  openFakeChain,
  SYSTEM,
  signatureOf,
  TOKEN,
  VOTE,
} from './fake-chain.js';
import { RawSocket } from './raw-socket.js';

/** Shapes are those of Agave's documentation of the websocket methods (solana.com/docs/rpc/websocket). */

let chain: FakeChain;
let server: RpcServer;
let client: RawSocket;

beforeEach(async () => {
  ({ chain, server } = await openFakeChain({ finalityPollMs: 60_000 }));
  client = await RawSocket.open(server.webSocketUrl);
});
afterEach(() => server.close());

const note = (method: string, subscription: number, result: unknown) => ({
  jsonrpc: '2.0',
  method: `${method}Notification`,
  params: { result, subscription },
});
const withSlot = (slot: number, value: unknown) => ({ context: { slot }, value });
const confirmed = { commitment: 'confirmed' };

/** Nothing but these notifications has come. */
async function expectAll(...notifications: unknown[]) {
  await client.settle();
  expect(client.notifications.splice(0)).toEqual(notifications);
}

describe('accountSubscribe', () => {
  const address = addressOf(1);
  const shown = (lamports: number, data: unknown, space = 0) => ({
    lamports,
    data,
    owner: SYSTEM,
    executable: false,
    rentEpoch: 18446744073709551615n,
    space,
  });

  it('tells of changes of that account alone, and of its end', async () => {
    const id = await client.call('accountSubscribe', address, { encoding: 'base64', ...confirmed });
    expect(id).toBeTypeOf('number');
    chain.commit({ accounts: { [address]: account(5n), [addressOf(2)]: account(6n) } });
    chain.commit({ accounts: { [addressOf(2)]: account(7n) } });
    chain.commit({ accounts: { [address]: null } });
    await expectAll(
      note('account', id, withSlot(1, shown(5, ['', 'base64']))),
      note('account', id, withSlot(3, { ...shown(0, ['', 'base64']), rentEpoch: 0 })),
    );
  });

  it('shows data in the encoding and the part that were asked for', async () => {
    const data = Uint8Array.from({ length: 200 }, (_, i) => i);
    const ids = [];
    for (const config of [
      { encoding: 'base64' },
      { encoding: 'base64', dataSlice: { offset: 1, length: 2 } },
      { encoding: 'base58', dataSlice: { offset: 1, length: 2 } },
      { encoding: 'base58' },
      {},
      { encoding: 'base64+zstd' },
      { encoding: 'jsonParsed' },
    ])
      ids.push(await client.call('accountSubscribe', address, { ...config, ...confirmed }));
    expect(new Set(ids).size).toBe(7);
    chain.commit({ accounts: { [address]: account(1n, { data }) } });
    await client.settle();
    const shownData = client.notifications.map(({ params }) => params.result.value.data);
    const base64 = Buffer.from(data).toString('base64');
    expect(shownData).toEqual([
      [base64, 'base64'],
      ['AQI=', 'base64'],
      ['5T', 'base58'],
      ['error: data too large for bs58 encoding', 'base58'],
      'error: data too large for bs58 encoding',
      [expect.stringMatching(/^KLUv/), 'base64+zstd'],
      [base64, 'base64'],
    ]);
  });

  it('tells of the clock with every slot', async () => {
    const clock = 'SysvarC1ock11111111111111111111111111111111';
    await client.call('accountSubscribe', clock, { encoding: 'jsonParsed', ...confirmed });
    chain.commit();
    chain.commit();
    await client.settle();
    const slots = client.notifications.map(({ params }) => params.result.value.data.parsed.info.slot);
    expect(slots).toEqual([1, 2]);
  });

  it('gives the same id to whoever asks for the same, as Agave does', async () => {
    const other = await RawSocket.open(server.url.replace('http', 'ws'));
    const id = await client.call('accountSubscribe', address, confirmed);
    expect(await other.call('accountSubscribe', address, confirmed)).toBe(id);
    expect(await client.call('accountSubscribe', address, confirmed)).toBe(id);
    expect(await client.call('accountSubscribe', address, { commitment: 'processed' })).not.toBe(id);
    chain.commit({ accounts: { [address]: account(1n) } });
    expect((await other.next()).params.subscription).toBe(id);
    await client.settle();
    expect(client.notifications).toHaveLength(2);
    await other.close();
    expect(await client.call('accountUnsubscribe', id)).toBe(true);
    expect(server.webSockets).toEqual({ webSockets: 1, subscriptions: 1 });
  });

  it('tells finalized subscribers of the newest state of each verified batch', async () => {
    const id = await client.call('accountSubscribe', address); // finalized by default
    chain.commit({ accounts: { [address]: account(1n) } });
    chain.commit({ accounts: { [address]: account(2n) } });
    chain.closeBatch();
    chain.commit({ accounts: { [address]: account(3n) } });
    await expectAll();
    chain.verified = 1n;
    chain.commit({ accounts: { [address]: account(4n) } });
    await expectAll(note('account', id, withSlot(2, shown(2, ''))));
    chain.finalize();
    chain.commit();
    await expectAll(note('account', id, withSlot(4, shown(4, ''))));
  });

  it('forgets what was rolled back', async () => {
    const id = await client.call('accountSubscribe', address);
    chain.commit({ accounts: { [address]: account(1n) } });
    chain.closeBatch();
    chain.commit({ accounts: { [address]: account(2n) } });
    chain.rollBack(0n);
    chain.commit({ accounts: { [addressOf(9)]: account(1n) } });
    chain.finalize();
    chain.commit();
    await expectAll();
    chain.commit({ accounts: { [address]: account(3n) } });
    chain.finalize();
    chain.commit();
    await expectAll(note('account', id, withSlot(3, shown(3, ''))));
  });

  it('gives up what waits for verification when it is too much, oldest first', async () => {
    const small = await openFakeChain({ maxFinalityBufferBytes: 3_000, finalityPollMs: 60_000 });
    const raw = await RawSocket.open(small.server.webSocketUrl);
    await raw.call('accountSubscribe', address, { encoding: 'base64' });
    for (const lamports of [1n, 2n, 3n]) {
      small.chain.commit({ accounts: { [address]: account(lamports, { data: new Uint8Array(1_000) }) } });
      small.chain.finalize();
      small.chain.verified = 0n;
    }
    small.chain.verified = 3n;
    small.chain.commit();
    await raw.settle();
    expect(raw.notifications.map(({ params }) => params.result.value.lamports)).toEqual([2, 3]);
    await small.server.close();
  });
});

describe('programSubscribe', () => {
  const owner = decodeBase58(TOKEN);
  const [one, two] = [addressOf(1), addressOf(2)];

  it('tells of accounts of the program that meet the filters', async () => {
    const config = { encoding: 'base64', ...confirmed };
    const all = await client.call('programSubscribe', TOKEN, config);
    const filters = [{ dataSize: 3 }, { memcmp: { offset: 1, bytes: '2' } }];
    const some = await client.call('programSubscribe', TOKEN, { ...config, filters });
    const data = Uint8Array.of(9, 1, 9);
    chain.commit({
      accounts: {
        [one]: account(1n, { owner, data }),
        [two]: account(2n, { owner }),
        [addressOf(3)]: account(3n),
      },
    });
    const value = (pubkey: string, lamports: number, shownData: string, space: number) => ({
      pubkey,
      account: {
        lamports,
        data: [shownData, 'base64'],
        owner: TOKEN,
        executable: false,
        rentEpoch: 18446744073709551615n,
        space,
      },
    });
    await expectAll(
      note('program', all, withSlot(1, value(one, 1, 'CQEJ', 3))),
      note('program', some, withSlot(1, value(one, 1, 'CQEJ', 3))),
      note('program', all, withSlot(1, value(two, 2, '', 0))),
    );
  });

  it('tells nothing of an account that has left the program before its batch is verified', async () => {
    await client.call('programSubscribe', TOKEN, { encoding: 'base64' });
    chain.commit({ accounts: { [one]: account(1n, { owner }), [two]: account(2n, { owner }) } });
    chain.commit({ accounts: { [one]: null } });
    chain.finalize();
    chain.commit();
    await client.settle();
    expect(client.notifications.map(({ params }) => params.result.value.pubkey)).toEqual([two]);
  });
});

describe('signatureSubscribe', () => {
  const signature = signatureOf(1);
  const transactions = [{ signature }];

  it('tells once when the transaction is in a block, then is over', async () => {
    const id = await client.call('signatureSubscribe', signature, confirmed);
    chain.commit({ transactions: [{ signature: signatureOf(2) }] });
    chain.commit({ transactions });
    await expectAll(note('signature', id, withSlot(2, { err: null })));
    expect(server.webSockets.subscriptions).toBe(0);
    expect(await client.ask('signatureUnsubscribe', id)).toMatchObject({
      error: { code: -32602, message: 'Invalid subscription id.' },
    });
  });

  it('tells the error of a failed transaction', async () => {
    const id = await client.call('signatureSubscribe', signature, { commitment: 'processed' });
    const error = { InstructionError: [0, { Custom: 6 }] };
    chain.commit({ transactions: [{ signature, error }] });
    await expectAll(note('signature', id, withSlot(1, { err: error })));
  });

  it('tells soon, behind the answer, when the transaction is in a block already', async () => {
    chain.commit({ transactions });
    const order: unknown[] = [];
    client.socket.on('message', (data: Buffer) => order.push(Object.keys(JSON.parse(data.toString()))[1]));
    const id = await client.call('signatureSubscribe', signature, confirmed);
    expect(await client.next()).toEqual(note('signature', id, withSlot(1, { err: null })));
    expect(order).toEqual(['result', 'method']);
    expect(server.webSockets.subscriptions).toBe(0);
  });

  it('waits for verification where that is asked for, whether subscribed before or after the block', async () => {
    const before = await client.call('signatureSubscribe', signature);
    chain.commit({ transactions });
    const late = await client.call('signatureSubscribe', signature, { enableReceivedNotification: true });
    await expectAll();
    chain.finalize();
    chain.commit();
    await expectAll(
      note('signature', before, withSlot(1, { err: null })),
      note('signature', late, withSlot(1, { err: null })),
    );
    const after = await client.call('signatureSubscribe', signature);
    expect(await client.next()).toEqual(note('signature', after, withSlot(1, { err: null })));
    expect(server.webSockets.subscriptions).toBe(0);
  });

  it('waits for the batch that the transaction comes into after it was rolled back', async () => {
    const id = await client.call('signatureSubscribe', signature);
    chain.commit({ transactions });
    chain.rollBack(0n);
    chain.commit();
    chain.finalize();
    chain.commit();
    await expectAll();
    chain.commit({ transactions });
    chain.finalize();
    chain.commit();
    await expectAll(note('signature', id, withSlot(3, { err: null })));
  });

  it('tells that the transaction has been received where that is asked for', async () => {
    const id = await client.call('signatureSubscribe', signature, {
      ...confirmed,
      enableReceivedNotification: true,
    });
    chain.commit({ transactions });
    await expectAll(
      note('signature', id, withSlot(1, 'receivedSignature')),
      note('signature', id, withSlot(1, { err: null })),
    );
  });
});

describe('logsSubscribe', () => {
  const [alice, bob] = [addressOf(1), addressOf(2)];
  const transfer = { signature: signatureOf(1), accounts: [alice, SYSTEM], logs: ['Program 11 success'] };
  const failed = { signature: signatureOf(2), accounts: [bob, SYSTEM], error: 'AccountInUse' };
  const vote = { signature: signatureOf(3), accounts: [alice, VOTE], logs: ['vote'] };
  const value = (of: { signature: string; logs?: string[]; error?: unknown }) => ({
    signature: of.signature,
    err: of.error ?? null,
    logs: of.logs ?? [],
  });

  it('tells of all transactions, without and with votes', async () => {
    const all = await client.call('logsSubscribe', 'all', confirmed);
    const votes = await client.call('logsSubscribe', 'allWithVotes', confirmed);
    chain.commit({ transactions: [transfer, failed, vote] });
    await client.settle();
    const of = (id: number) =>
      client.notifications
        .filter(({ params }) => params.subscription === id)
        .map(({ params }) => params.result);
    expect(of(all)).toEqual([withSlot(1, value(transfer)), withSlot(1, value(failed))]);
    expect(of(votes)).toEqual([transfer, failed, vote].map((one) => withSlot(1, value(one))));
  });

  it('tells of transactions that name an address', async () => {
    const id = await client.call('logsSubscribe', { mentions: [bob] }, confirmed);
    chain.commit({ transactions: [transfer, failed] });
    await expectAll(note('logs', id, withSlot(1, value(failed))));
  });

  it('waits for verification where that is asked for', async () => {
    const id = await client.call('logsSubscribe', { mentions: [alice] });
    chain.commit({ transactions: [transfer, failed] });
    await expectAll();
    chain.finalize();
    chain.commit();
    await expectAll(note('logs', id, withSlot(1, value(transfer))));
  });

  it('takes exactly one address', async () => {
    expect(await client.ask('logsSubscribe', { mentions: [alice, bob] })).toMatchObject({
      error: { code: -32602, message: 'Invalid Request: Only 1 address supported' },
    });
    for (const bad of [undefined, 'none', {}, { mentions: 'all' }, { mentions: ['?'] }])
      expect(await client.ask('logsSubscribe', bad)).toMatchObject({ error: { code: -32602 } });
  });
});

describe('slots', () => {
  it('tells of every slot, and of roots when a batch is verified', async () => {
    const slots = await client.call('slotSubscribe');
    const roots = await client.call('rootSubscribe');
    chain.commit();
    await expectAll(note('slot', slots, { slot: 1, parent: 0, root: 0 }));
    chain.finalize();
    chain.commit();
    await expectAll(note('slot', slots, { slot: 2, parent: 1, root: 1 }), note('root', roots, 1));
    expect(await client.call('slotUnsubscribe', slots)).toBe(true);
    chain.commit();
    await expectAll();
  });

  it('notices a verification without a block', async () => {
    const quick = await openFakeChain({ finalityPollMs: 5 });
    const raw = await RawSocket.open(quick.server.webSocketUrl);
    const id = await raw.call('rootSubscribe');
    quick.chain.commit();
    quick.chain.finalize();
    expect(await raw.next()).toEqual(note('root', id, 1));
    await quick.server.close();
  });

  it('tells of the steps of a block', async () => {
    const id = await client.call('slotsUpdatesSubscribe');
    chain.commit({
      transactions: [{ signature: signatureOf(1) }, { signature: signatureOf(2), error: 'AccountInUse' }],
    });
    chain.finalize();
    chain.commit();
    await client.settle();
    const timestamp = expect.any(Number);
    const stats = {
      numTransactionEntries: 2,
      numSuccessfulTransactions: 1,
      numFailedTransactions: 1,
      maxTransactionsPerEntry: 1,
    };
    expect(client.notifications.slice(0, 3)).toEqual([
      note('slotsUpdates', id, { slot: 1, timestamp, parent: 0, type: 'createdBank' }),
      note('slotsUpdates', id, { slot: 1, timestamp, stats, type: 'frozen' }),
      note('slotsUpdates', id, { slot: 1, timestamp, type: 'optimisticConfirmation' }),
    ]);
    expect(client.notifications.at(-1)).toEqual(
      note('slotsUpdates', id, { slot: 1, timestamp, type: 'root' }),
    );
  });
});

describe('requests over websockets', () => {
  it('refuses unknown methods, methods of HTTP, wrong parameters and ids of others', async () => {
    for (const method of ['getSlot', 'voteSubscribe', 'blockSubscribe', 'toString'])
      expect(await client.ask(method)).toMatchObject({ error: { code: -32601 } });
    for (const [method, ...params] of [
      ['accountSubscribe'],
      ['accountSubscribe', 'x'],
      ['accountSubscribe', addressOf(1), { encoding: 'base32' }],
      ['accountSubscribe', addressOf(1), { commitment: 'sure' }],
      ['accountSubscribe', addressOf(1), { dataSlice: { offset: -1, length: 1 } }],
      ['accountSubscribe', addressOf(1), { dataSlice: 5 }],
      ['programSubscribe', TOKEN, { filters: [{ dataSize: 'x' }] }],
      ['signatureSubscribe', addressOf(1)],
      ['accountUnsubscribe', 12345],
      ['accountUnsubscribe', 'x'],
      ['accountUnsubscribe'],
    ] as const)
      expect(await client.ask(method, ...params)).toMatchObject({ error: { code: -32602 } });
    for (const [method, param, thing] of [
      ['accountSubscribe', 'x', 'pubkey'],
      ['programSubscribe', '?', 'pubkey'],
      ['signatureSubscribe', addressOf(1), 'signature'],
      ['logsSubscribe', { mentions: ['x'] }, 'mentions'],
    ] as const)
      expect(await client.ask(method, param)).toMatchObject({
        error: { message: `Invalid Request: Invalid ${thing} provided` },
      });
    const other = await RawSocket.open(server.webSocketUrl);
    const id = await other.call('slotSubscribe');
    expect(await client.ask('slotUnsubscribe', id)).toMatchObject({
      error: { code: -32602, message: 'Invalid subscription id.' },
    });
  });

  it('ignores pings of clients, which are notifications', async () => {
    client.socket.send('{"jsonrpc":"2.0","method":"ping"}');
    await expectAll();
  });

  it('keeps nothing of a client that has gone', async () => {
    for (let i = 0; i < 50; i++) await client.call('accountSubscribe', addressOf(i));
    expect(server.webSockets).toEqual({ webSockets: 1, subscriptions: 50 });
    await client.close();
    const other = await RawSocket.open(server.webSocketUrl);
    await other.settle();
    expect(server.webSockets).toEqual({ webSockets: 1, subscriptions: 0 });
  });
});
