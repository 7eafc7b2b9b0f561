import { getBase58Decoder } from '@solana/kit';
import {
  type AccountInfo,
  type Context,
  type KeyedAccountInfo,
  Keypair,
  type Logs,
  type PublicKey,
  type SignatureResult,
  type SlotInfo,
  SystemProgram,
  Transaction,
} from '@solana/web3.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Inbox } from './support/inbox.js';
import { TestNode } from './support/test-node.js';
import { Web3Client } from './support/web3-client.js';

let node: TestNode;
let client: Web3Client;
let payer: Keypair;
const undo: (() => Promise<void>)[] = [];

beforeAll(async () => {
  node = await TestNode.start();
  client = new Web3Client(node);
  payer = await client.fundedKeypair();
});
afterEach(async () => {
  await Promise.all(undo.splice(0).map((remove) => remove()));
});
afterAll(() => node?.close());

const newAddress = () => Keypair.generate().publicKey;

const pay = (toPubkey: PublicKey, lamports: number) =>
  SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey, lamports });

/** The client does not say when a subscription stands: a notification of a slot tells that the connection does. */
async function standing(): Promise<void> {
  const slots = new Inbox<SlotInfo>();
  const id = client.connection.onSlotChange(slots.push);
  await slots.take(2);
  await client.connection.removeSlotChangeListener(id);
}

describe('@solana/web3.js subscriptions', () => {
  it('accounts', async () => {
    const address = newAddress();
    const inbox = new Inbox<{ account: AccountInfo<Buffer>; context: Context }>();
    const id = client.connection.onAccountChange(address, (account, context) =>
      inbox.push({ account, context }),
    );
    undo.push(() => client.connection.removeAccountChangeListener(id));
    await standing();
    await client.send([payer], pay(address, 1_000_000));
    const { account, context } = await inbox.first();
    expect(account).toMatchObject({ lamports: 1_000_000, executable: false });
    expect(account.owner).toEqual(SystemProgram.programId);
    expect(account.data).toEqual(Buffer.alloc(0));
    expect(context.slot).toBeGreaterThan(0);
  });

  it('accounts of a program', async () => {
    const owner = newAddress();
    const account = Keypair.generate();
    const inbox = new Inbox<KeyedAccountInfo>();
    const id = client.connection.onProgramAccountChange(owner, inbox.push, {
      commitment: 'confirmed',
      filters: [{ dataSize: 8 }],
    });
    undo.push(() => client.connection.removeProgramAccountChangeListener(id));
    await standing();
    await client.send(
      [payer, account],
      SystemProgram.createAccount({
        fromPubkey: payer.publicKey,
        newAccountPubkey: account.publicKey,
        lamports: await client.connection.getMinimumBalanceForRentExemption(8),
        space: 8,
        programId: owner,
      }),
    );
    const { accountId, accountInfo } = await inbox.first();
    expect(accountId).toEqual(account.publicKey);
    expect(accountInfo.data).toEqual(Buffer.alloc(8));
  });

  it('logs', async () => {
    const address = newAddress();
    const [mentioning, all] = [new Inbox<Logs>(), new Inbox<Logs>()];
    const ids = [
      client.connection.onLogs(address, mentioning.push),
      client.connection.onLogs('all', all.push),
    ];
    undo.push(...ids.map((id) => () => client.connection.removeOnLogsListener(id)));
    await standing();
    const signature = await client.send([payer], pay(address, 1_000_000));
    const logs = [
      `Program ${SystemProgram.programId} invoke [1]`,
      `Program ${SystemProgram.programId} success`,
    ];
    expect(await mentioning.first()).toEqual({ signature, err: null, logs });
    expect(await all.first((entry) => entry.signature === signature)).toEqual({ signature, err: null, logs });
  });

  it.each([
    ['succeed', 1_000_000, null],
    ['fail', 10 ** 15, { InstructionError: [0, { Custom: 1 }] }],
  ])('signatures of transactions that %s', async (_, lamports, err) => {
    const { blockhash, lastValidBlockHeight } = await client.connection.getLatestBlockhash();
    const transaction = new Transaction({ feePayer: payer.publicKey, blockhash, lastValidBlockHeight });
    transaction.add(pay(newAddress(), lamports)).sign(payer);
    const inbox = new Inbox<SignatureResult>();
    const signature = getBase58Decoder().decode(transaction.signature!);
    client.connection.onSignature(signature, inbox.push, 'confirmed');
    await standing();
    await client.connection.sendRawTransaction(transaction.serialize(), { skipPreflight: true });
    expect(await inbox.first()).toEqual({ err });
  });

  it('slots and roots', async () => {
    const [slots, roots] = [new Inbox<SlotInfo>(), new Inbox<number>()];
    const slotId = client.connection.onSlotChange(slots.push);
    const rootId = client.connection.onRootChange(roots.push);
    undo.push(
      () => client.connection.removeSlotChangeListener(slotId),
      () => client.connection.removeRootChangeListener(rootId),
    );
    const [first, second] = await slots.take(2);
    expect(second).toMatchObject({ parent: first!.slot, slot: first!.slot + 1 });
    expect(second!.root).toBeLessThanOrEqual(second!.slot);
    await client.send([payer], pay(newAddress(), 1_000_000));
    expect(await roots.first()).toBeGreaterThan(0);
  });
});
