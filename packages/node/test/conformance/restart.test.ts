import {
  createMint,
  getAccount,
  getMint,
  getOrCreateAssociatedTokenAccount,
  mintTo,
} from '@solana/spl-token';
import { Keypair, type PublicKey, SystemProgram, Transaction } from '@solana/web3.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rejection } from './support/rejection.js';
import { TestNode } from './support/test-node.js';
import { Web3Client } from './support/web3-client.js';

let node: TestNode;
let client: Web3Client;
let payer: Keypair;

beforeAll(async () => {
  node = await TestNode.start();
  client = new Web3Client(node);
  payer = await client.fundedKeypair();
});
afterAll(() => node?.close());

const pay = (toPubkey: PublicKey, lamports: number) =>
  SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey, lamports });

describe('a node that was stopped and started again', () => {
  it('has everything that it had', async () => {
    const { connection } = client;
    const history = { maxSupportedTransactionVersion: 0 };
    const to = Keypair.generate().publicKey;
    const signature = await client.send([payer], pay(to, 1_000_000));
    const mint = await createMint(connection, payer, payer.publicKey, null, 6);
    const { address } = await getOrCreateAssociatedTokenAccount(connection, payer, mint, payer.publicKey);
    await mintTo(connection, payer, mint, address, payer, 1_000n);
    const latest = await connection.getLatestBlockhash();
    const transaction = new Transaction({ feePayer: payer.publicKey, ...latest }).add(pay(to, 2_000_000));
    transaction.sign(payer);
    const landed = new Transaction({ feePayer: payer.publicKey, ...latest }).add(pay(to, 3_000_000));
    landed.sign(payer);
    const landedSignature = await connection.sendRawTransaction(landed.serialize());
    await connection.confirmTransaction({ signature: landedSignature, ...latest });

    const read = async () => ({
      genesis: await connection.getGenesisHash(),
      transaction: await connection.getTransaction(signature, history),
      token: await connection.getAccountInfo(address),
      owned: await connection.getTokenAccountsByOwner(payer.publicKey, { mint }),
      signatures: (await connection.getSignaturesForAddress(payer.publicKey)).map((entry) => entry.signature),
      balance: await connection.getBalance(payer.publicKey),
    });
    const before = await read();
    const slot = await connection.getSlot();
    const block = await connection.getBlock(before.transaction!.slot, history);
    // The slot of an answer tells when it was made.
    const withoutContext = ({ owned, ...rest }: typeof before) => ({ ...rest, owned: owned.value });

    await node.restart();

    const after = await read();
    expect(withoutContext(after)).toEqual(withoutContext(before));
    expect(await connection.getBlock(before.transaction!.slot, history)).toEqual(block);
    expect(await connection.getSlot()).toBeGreaterThanOrEqual(slot);
    expect((await getMint(connection, mint)).supply).toBe(1_000n);
    expect((await connection.getSignatureStatus(landedSignature)).value?.err).toBe(null);

    // Blockhashes from before are as good as they were, and what ran once does not run again.
    expect((await connection.isBlockhashValid(latest.blockhash)).value).toBe(true);
    expect(String(await rejection(connection.sendRawTransaction(landed.serialize())))).toContain(
      'This transaction has already been processed',
    );
    const late = await connection.sendRawTransaction(transaction.serialize());
    await connection.confirmTransaction({ signature: late, ...latest });
    expect(await connection.getBalance(to)).toBe(6_000_000);

    // And it goes on: programs run, indexes grow.
    await mintTo(connection, payer, mint, address, payer, 500n);
    expect((await getAccount(connection, address)).amount).toBe(1_500n);
    expect((await connection.getSignaturesForAddress(payer.publicKey)).length).toBe(
      after.signatures.length + 2,
    );
  });
});
