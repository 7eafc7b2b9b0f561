import { generateKeyPairSigner, lamports, type TransactionSigner } from '@solana/kit';
import { createMint, TOKEN_PROGRAM_ID } from '@solana/spl-token';
import {
  Keypair,
  SendTransactionError,
  SystemProgram,
  sendAndConfirmTransaction,
  Transaction,
  TransactionInstruction,
} from '@solana/web3.js';
import { getTransferSolInstruction } from '@solana-program/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './support/json-rpc.js';
import { KitClient } from './support/kit-client.js';
import { rejection } from './support/rejection.js';
import { TestNode } from './support/test-node.js';
import { Web3Client } from './support/web3-client.js';

let node: TestNode;
let kit: KitClient;
let signer: TransactionSigner;
let web3: Web3Client;
let payer: Keypair;

beforeAll(async () => {
  node = await TestNode.start({ execution: 'zk' });
  [kit, web3] = [new KitClient(node), new Web3Client(node)];
  [signer, payer] = [await kit.fundedSigner(), await web3.fundedKeypair()];
});
afterAll(() => node?.close());

describe('a rollup whose every transaction is proved', () => {
  it('takes transfers of every client', async () => {
    const { address } = await generateKeyPairSigner();
    await kit.send(signer, [
      getTransferSolInstruction({ source: signer, destination: address, amount: lamports(1_000_000n) }),
    ]);
    expect((await kit.rpc.getBalance(address, { commitment: 'confirmed' }).send()).value).toBe(1_000_000n);
    const toPubkey = Keypair.generate().publicKey;
    const pay = SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey, lamports: 2_000_000 });
    await web3.send([payer], pay);
    expect(await web3.connection.getBalance(toPubkey)).toBe(2_000_000);
  });

  it('refuses what its circuit cannot prove, and says why', async () => {
    const { connection } = web3;
    const balance = await connection.getBalance(payer.publicKey);
    const program = TOKEN_PROGRAM_ID.toBase58();
    const instruction = new TransactionInstruction({
      programId: TOKEN_PROGRAM_ID,
      keys: [{ pubkey: Keypair.generate().publicKey, isSigner: false, isWritable: true }],
      data: Buffer.of(9),
    });
    for (const skipPreflight of [false, true]) {
      const transaction = new Transaction().add(instruction);
      const refused = await rejection(
        sendAndConfirmTransaction(connection, transaction, [payer], { skipPreflight }),
      );
      if (!(refused instanceof SendTransactionError)) throw refused;
      expect(refused.message).toContain('this rollup cannot prove the transaction');
      expect(refused.logs?.join('\n')).toContain('NOT_PROVABLE');
      const wire = transaction.serialize().toString('base64');
      const options = { encoding: 'base64', skipPreflight };
      expect((await ask(node.url, 'sendTransaction', [wire, options])).error).toMatchObject({
        code: -32002,
        message: expect.stringContaining('this rollup cannot prove the transaction'),
        data: { err: { polyproof: 'NOT_PROVABLE', program, reason: expect.any(String) } },
      });
    }
    expect(await rejection(createMint(connection, payer, payer.publicKey, null, 6))).toBeInstanceOf(
      SendTransactionError,
    );
    expect(await connection.getBalance(payer.publicKey)).toBe(balance);
  });
});
