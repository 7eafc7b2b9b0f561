import {
  type Address,
  generateKeyPairSigner,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  lamports,
  type TransactionSigner,
} from '@solana/kit';
import { getCreateAccountInstruction, getTransferSolInstruction } from '@solana-program/system';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Inbox } from './support/inbox.js';
import { KitClient } from './support/kit-client.js';
import { TestNode } from './support/test-node.js';

const SYSTEM = '11111111111111111111111111111111';
/** Owner of the accounts that a test watches: no program needs to be there. */
const OWNER = 'Watched111111111111111111111111111111111111' as Address;

let node: TestNode;
let client: KitClient;
let payer: TransactionSigner;

beforeAll(async () => {
  node = await TestNode.start();
  client = new KitClient(node);
  payer = await client.fundedSigner();
});
afterAll(() => node?.close());

interface Subscribable<T> {
  subscribe(options: { abortSignal: AbortSignal }): Promise<AsyncIterable<T>>;
}

let subscriptions: AbortController;
beforeEach(() => {
  subscriptions = new AbortController();
});
afterEach(() => subscriptions.abort());

/** Subscribes until the end of the test. */
const listen = async <T>(request: Subscribable<T>): Promise<Inbox<T>> =>
  Inbox.from(await request.subscribe({ abortSignal: subscriptions.signal }));

const newAddress = async () => (await generateKeyPairSigner()).address;

const pay = (destination: Address, amount: bigint) =>
  getTransferSolInstruction({ source: payer, destination, amount: lamports(amount) });

/** Signs now, and sends when it is told to; preflight checks are left out. */
async function prepare(...instructions: Parameters<KitClient['sign']>[1]) {
  const transaction = await client.sign(payer, instructions);
  const wire = getBase64EncodedWireTransaction(transaction);
  return {
    signature: getSignatureFromTransaction(transaction),
    send: () => client.rpc.sendTransaction(wire, { encoding: 'base64', skipPreflight: true }).send(),
  };
}

describe('@solana/kit subscriptions', () => {
  it('accounts, in the encoding that was asked for', async () => {
    const address = await newAddress();
    const [binary, parsed] = await Promise.all([
      listen(
        client.rpcSubscriptions.accountNotifications(address, {
          commitment: 'confirmed',
          encoding: 'base64',
        }),
      ),
      listen(
        client.rpcSubscriptions.accountNotifications(address, {
          commitment: 'confirmed',
          encoding: 'jsonParsed',
        }),
      ),
    ]);
    await client.send(payer, [pay(address, 1_000_000n)]);
    const { context, value } = await binary.first();
    expect(context.slot).toBeGreaterThan(0n);
    expect(value).toMatchObject({
      lamports: 1_000_000n,
      owner: SYSTEM,
      data: ['', 'base64'],
      executable: false,
      space: 0n,
    });
    // There is nothing to parse: such an account is answered in base64.
    expect((await parsed.first()).value).toMatchObject({ lamports: 1_000_000n, data: ['', 'base64'] });
  });

  it('accounts, once they are final', async () => {
    const address = await newAddress();
    const final = await listen(
      client.rpcSubscriptions.accountNotifications(address, { commitment: 'finalized', encoding: 'base64' }),
    );
    await (await prepare(pay(address, 1_000_000n))).send();
    expect((await final.first()).value.lamports).toBe(1_000_000n);
  });

  it.each(['processed', 'confirmed', 'finalized'] as const)(
    'signatures, when they are %s',
    async (commitment) => {
      const { signature, send } = await prepare(pay(await newAddress(), 1_000_000n));
      const inbox = await listen(client.rpcSubscriptions.signatureNotifications(signature, { commitment }));
      await send();
      const { context, value } = await inbox.first();
      expect(context.slot).toBeGreaterThan(0n);
      expect(value).toEqual({ err: null });
    },
  );

  it('signatures, when the node receives them', async () => {
    const { signature, send } = await prepare(pay(await newAddress(), 1_000_000n));
    const inbox = await listen(
      client.rpcSubscriptions.signatureNotifications(signature, {
        commitment: 'confirmed',
        enableReceivedNotification: true,
      }),
    );
    await send();
    const values: unknown[] = (await inbox.take(2)).map(({ value }) => value);
    expect(values).toEqual(['receivedSignature', { err: null }]);
  });

  it('signatures of transactions that fail', async () => {
    const { signature, send } = await prepare(pay(await newAddress(), 10n ** 15n));
    const inbox = await listen(
      client.rpcSubscriptions.signatureNotifications(signature, { commitment: 'confirmed' }),
    );
    await send();
    expect((await inbox.first()).value).toEqual({ err: { InstructionError: [0n, { Custom: 1n }] } });
  });

  it('logs of everything, and of what mentions an address', async () => {
    const [watched, other] = [await newAddress(), await newAddress()];
    const commitment = 'confirmed';
    const [all, mentioning] = await Promise.all([
      listen(client.rpcSubscriptions.logsNotifications('all', { commitment })),
      listen(client.rpcSubscriptions.logsNotifications({ mentions: [watched] }, { commitment })),
    ]);
    const first = await client.send(payer, [pay(other, 1_000_000n)]);
    const second = await client.send(payer, [pay(watched, 1_000_000n)]);
    const logs = [`Program ${SYSTEM} invoke [1]`, `Program ${SYSTEM} success`];
    expect((await all.first()).value).toEqual({ signature: first, err: null, logs });
    expect((await mentioning.first()).value).toEqual({ signature: second, err: null, logs });
  });

  it('accounts of a program, through filters', async () => {
    const [small, large] = [await generateKeyPairSigner(), await generateKeyPairSigner()];
    const inbox = await listen(
      client.rpcSubscriptions.programNotifications(OWNER, {
        commitment: 'confirmed',
        encoding: 'base64',
        filters: [{ dataSize: 16n }],
      }),
    );
    const create = async (newAccount: TransactionSigner, space: bigint) =>
      getCreateAccountInstruction({
        payer,
        newAccount,
        space,
        lamports: await client.rpc.getMinimumBalanceForRentExemption(space).send(),
        programAddress: OWNER,
      });
    await client.send(payer, [await create(small, 8n)]);
    await client.send(payer, [await create(large, 16n)]);
    const { value } = await inbox.first();
    expect(value.pubkey).toBe(large.address);
    expect(value.account).toMatchObject({ owner: OWNER, space: 16n });
    expect(Buffer.from(value.account.data[0] as string, 'base64')).toEqual(Buffer.alloc(16));
  });

  it('slots, one after the other, and roots', async () => {
    const [slots, roots] = await Promise.all([
      listen(client.rpcSubscriptions.slotNotifications()),
      listen(client.rpcSubscriptions.rootNotifications()),
    ]);
    const [first, second, third] = await slots.take(3);
    expect(second).toMatchObject({ parent: first!.slot, slot: first!.slot + 1n });
    expect(third).toMatchObject({ parent: second!.slot, slot: second!.slot + 1n });
    expect(third!.root).toBeLessThanOrEqual(third!.slot);
    // Something must be in a batch, for its blocks to become final.
    await (await prepare(pay(await newAddress(), 1_000_000n))).send();
    const root = await roots.first();
    await (await prepare(pay(await newAddress(), 1_000_000n))).send();
    expect(await roots.first((later) => later > root)).toBeGreaterThan(root);
  });
});
