import { getBase58Decoder } from '@solana/kit';
import {
  ComputeBudgetProgram,
  Ed25519Program,
  Keypair,
  LAMPORTS_PER_SOL,
  NONCE_ACCOUNT_LENGTH,
  type NonceAccount,
  type ParsedInstruction,
  PublicKey,
  SendTransactionError,
  SystemProgram,
  sendAndConfirmRawTransaction,
  sendAndConfirmTransaction,
  Transaction,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rejection } from './support/rejection.js';
import { TestNode } from './support/test-node.js';
import { Web3Client } from './support/web3-client.js';

const FEE = 5000;
const FUNDS = 100 * LAMPORTS_PER_SOL;
const MEMO = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');

let node: TestNode;
let client: Web3Client;
let payer: Keypair;

beforeAll(async () => {
  node = await TestNode.start();
  client = new Web3Client(node);
  payer = await client.fundedKeypair();
});
afterAll(() => node?.close());

beforeEach(() => {
  client = new Web3Client(node);
});

const newAddress = () => Keypair.generate().publicKey;

const pay = (toPubkey: PublicKey, lamports: number, from: Keypair = payer) =>
  SystemProgram.transfer({ fromPubkey: from.publicKey, toPubkey, lamports });

const memo = (text: string) =>
  new TransactionInstruction({ programId: MEMO, keys: [], data: Buffer.from(text) });

describe('@solana/web3.js transactions', () => {
  it('sends, confirms and reads back, as it is and parsed', async () => {
    const { connection } = client;
    const from = await client.fundedKeypair();
    const to = newAddress();
    const signature = await client.send([from], pay(to, 1_500_000, from), memo('hello'));
    expect(await connection.getBalance(to)).toBe(1_500_000);
    expect(await connection.getBalance(from.publicKey)).toBe(FUNDS - 1_500_000 - FEE);

    const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
    expect(found?.version).toBe('legacy');
    expect(found?.transaction.signatures).toEqual([signature]);
    const keys = found!.transaction.message.getAccountKeys();
    expect(keys.get(0)).toEqual(from.publicKey);
    expect(found?.meta).toMatchObject({ err: null, fee: FEE, innerInstructions: [], preTokenBalances: [] });
    expect(found?.meta?.logMessages).toContain('Program log: hello');
    expect(found?.meta?.computeUnitsConsumed).toBeGreaterThan(150);
    expect(found?.meta?.preBalances[0]).toBe(FUNDS);
    expect(found?.meta?.postBalances[0]).toBe(FUNDS - 1_500_000 - FEE);
    expect(Math.abs(found!.blockTime! - Date.now() / 1000)).toBeLessThan(60);

    const parsed = await connection.getParsedTransaction(signature);
    const [transfer, text] = parsed!.transaction.message.instructions as ParsedInstruction[];
    expect(transfer).toMatchObject({
      program: 'system',
      programId: SystemProgram.programId,
      parsed: {
        type: 'transfer',
        info: { source: from.publicKey.toBase58(), destination: to.toBase58(), lamports: 1_500_000 },
      },
    });
    expect(text).toMatchObject({ program: 'spl-memo', programId: MEMO, parsed: 'hello' });
    expect(parsed?.transaction.message.accountKeys[0]).toMatchObject({
      pubkey: from.publicKey,
      signer: true,
      writable: true,
    });
  });

  it('sends version 0 transactions and raw bytes', async () => {
    const { connection } = client;
    const to = newAddress();
    const latest = await connection.getLatestBlockhash();
    const message = new TransactionMessage({
      payerKey: payer.publicKey,
      recentBlockhash: latest.blockhash,
      instructions: [pay(to, 1_000_000)],
    });
    const transaction = new VersionedTransaction(message.compileToV0Message());
    transaction.sign([payer]);
    const signature = await connection.sendTransaction(transaction);
    const { value } = await connection.confirmTransaction({ signature, ...latest });
    expect(value.err).toBe(null);
    const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
    expect(found?.version).toBe(0);

    const legacy = new Transaction({ feePayer: payer.publicKey, ...latest }).add(pay(to, 2_000_000));
    legacy.sign(payer);
    await sendAndConfirmRawTransaction(connection, legacy.serialize(), {
      signature: getBase58Decoder().decode(legacy.signature!),
      ...latest,
    });
    expect(await connection.getBalance(to)).toBe(3_000_000);
  });

  it('takes a transaction again and again, as impatient clients send it, and runs it once', async () => {
    const { connection } = client;
    const to = newAddress();
    const latest = await connection.getLatestBlockhash();
    const transaction = new Transaction({ feePayer: payer.publicKey, ...latest }).add(pay(to, 1_000_000));
    transaction.sign(payer);
    const send = () => connection.sendRawTransaction(transaction.serialize(), { skipPreflight: true });
    const signature = await send();
    expect(await send()).toBe(signature);
    await connection.confirmTransaction({ signature, ...latest });
    // Without the preflight check Agave answers with the signature, whether it landed or not.
    expect(await send()).toBe(signature);
    expect(await connection.getBalance(to)).toBe(1_000_000);
    expect(String(await rejection(connection.sendRawTransaction(transaction.serialize())))).toContain(
      'This transaction has already been processed',
    );
  });

  it('refuses to show a version 0 transaction to clients that do not know them', async () => {
    const { connection } = client;
    const latest = await connection.getLatestBlockhash();
    const message = new TransactionMessage({
      payerKey: payer.publicKey,
      recentBlockhash: latest.blockhash,
      instructions: [pay(newAddress(), 1_000_000)],
    });
    const transaction = new VersionedTransaction(message.compileToV0Message());
    transaction.sign([payer]);
    const signature = await connection.sendTransaction(transaction);
    await connection.confirmTransaction({ signature, ...latest });
    expect(String(await rejection(connection.getTransaction(signature)))).toContain(
      'Transaction version (0) is not supported by the requesting client. ' +
        'Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": 0',
    );
  });

  it('shows the logs of a preflight check that fails', async () => {
    const from = await client.fundedKeypair();
    const error = await rejection(client.send([from], pay(newAddress(), 2 * FUNDS, from)));
    if (!(error instanceof SendTransactionError)) throw error;
    expect(error.transactionError.message).toBe(
      'Transaction simulation failed: Error processing Instruction 0: custom program error: 0x1',
    );
    const logs = [
      `Program ${SystemProgram.programId} invoke [1]`,
      `Transfer: insufficient lamports ${FUNDS - FEE}, need ${2 * FUNDS}`,
      `Program ${SystemProgram.programId} failed: custom program error: 0x1`,
    ];
    expect(error.logs).toEqual(logs);
    expect(await error.getLogs(client.connection)).toEqual(logs);
    expect(await client.connection.getBalance(from.publicKey)).toBe(FUNDS);
  });

  it('keeps transactions that fail, with their error and logs', async () => {
    const { connection } = client;
    const from = await client.fundedKeypair();
    const transaction = new Transaction().add(pay(newAddress(), 2 * FUNDS, from));
    const error = await rejection(
      sendAndConfirmTransaction(connection, transaction, [from], { skipPreflight: true }),
    );
    // The client rejects with the bare error where it asks for the status, and with an Error where it is notified first.
    const shown = error instanceof Error ? error.message : JSON.stringify(error);
    expect(shown).toContain('{"InstructionError":[0,{"Custom":1}]}');
    const { signature, err } = (await connection.getSignaturesForAddress(from.publicKey))[0]!;
    expect(err).toEqual({ InstructionError: [0, { Custom: 1 }] });
    const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
    expect(found?.meta).toMatchObject({ err: { InstructionError: [0, { Custom: 1 }] }, fee: FEE });
    expect(await connection.getBalance(from.publicKey)).toBe(FUNDS - FEE);
  });

  it('checks signatures in instructions, and keeps to compute budgets', async () => {
    const { connection } = client;
    const message = Buffer.from('signed elsewhere');
    const signed = { privateKey: payer.secretKey, message };
    await client.send([payer], Ed25519Program.createInstructionWithPrivateKey(signed));
    const forged = Ed25519Program.createInstructionWithPrivateKey(signed);
    forged.data[forged.data.length - 1]! ^= 1;
    const error = await rejection(client.send([payer], forged));
    expect(String(error)).toContain('Error processing Instruction 0: custom program error: 0x2');

    const from = await client.fundedKeypair();
    await client.send(
      [from],
      ComputeBudgetProgram.setComputeUnitLimit({ units: 10_000 }),
      ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 300_000 }),
      memo('within the budget'),
    );
    expect(await connection.getBalance(from.publicKey)).toBe(FUNDS - FEE - 3000);
    const short = await rejection(
      client.send(
        [from],
        ComputeBudgetProgram.setComputeUnitLimit({ units: 200 }),
        memo('too much'.repeat(50)),
      ),
    );
    expect(String(short)).toMatch(
      /exceeded CUs meter|Computational budget exceeded|Program failed to complete/,
    );
  });

  it('simulates legacy and version 0 transactions', async () => {
    const { connection } = client;
    const transaction = new Transaction().add(pay(newAddress(), 1_000_000));
    const signed = await connection.simulateTransaction(transaction, [payer]);
    expect(signed.value).toMatchObject({ err: null, unitsConsumed: 150 });

    const message = new TransactionMessage({
      payerKey: payer.publicKey,
      recentBlockhash: PublicKey.default.toBase58(),
      instructions: [pay(newAddress(), 1_000_000)],
    });
    const unsigned = new VersionedTransaction(message.compileToV0Message());
    const { value } = await connection.simulateTransaction(unsigned, {
      sigVerify: false,
      replaceRecentBlockhash: true,
      accounts: { encoding: 'base64', addresses: [payer.publicKey.toBase58()] },
    });
    expect(value.err).toBe(null);
    expect(value.accounts?.[0]?.lamports).toBeLessThan(FUNDS);
    const stale = await connection.simulateTransaction(unsigned, { sigVerify: false });
    expect(stale.value.err).toBe('BlockhashNotFound');
    const unverified = await connection.simulateTransaction(unsigned, { sigVerify: true });
    expect(unverified.value.err).toBe('SignatureFailure');
  });

  it('tells fees and rent', async () => {
    const { connection } = client;
    const { blockhash } = await connection.getLatestBlockhash();
    const message = new TransactionMessage({
      payerKey: payer.publicKey,
      recentBlockhash: blockhash,
      instructions: [pay(newAddress(), 1)],
    });
    expect((await connection.getFeeForMessage(message.compileToLegacyMessage())).value).toBe(FEE);
    expect((await connection.getFeeForMessage(message.compileToV0Message())).value).toBe(FEE);
    message.recentBlockhash = PublicKey.default.toBase58();
    expect((await connection.getFeeForMessage(message.compileToV0Message())).value).toBe(null);
    expect(await connection.getMinimumBalanceForRentExemption(0)).toBe(890_880);
    expect(await connection.getMinimumBalanceForRentExemption(165)).toBe(2_039_280);
    expect((await connection.isBlockhashValid(blockhash)).value).toBe(true);
  });

  it('uses durable nonces', async () => {
    const { connection } = client;
    const nonce = Keypair.generate();
    await client.send(
      [payer, nonce],
      SystemProgram.createAccount({
        fromPubkey: payer.publicKey,
        newAccountPubkey: nonce.publicKey,
        lamports: await connection.getMinimumBalanceForRentExemption(NONCE_ACCOUNT_LENGTH),
        space: NONCE_ACCOUNT_LENGTH,
        programId: SystemProgram.programId,
      }),
      SystemProgram.nonceInitialize({ noncePubkey: nonce.publicKey, authorizedPubkey: payer.publicKey }),
    );
    const account = (await connection.getNonce(nonce.publicKey)) as NonceAccount;
    expect(account.authorizedPubkey).toEqual(payer.publicKey);
    const advance = { noncePubkey: nonce.publicKey, authorizedPubkey: payer.publicKey };
    const to = newAddress();
    const transaction = new Transaction({
      feePayer: payer.publicKey,
      nonceInfo: { nonce: account.nonce, nonceInstruction: SystemProgram.nonceAdvance(advance) },
      minContextSlot: await connection.getSlot(),
    }).add(pay(to, 1_000_000));
    await sendAndConfirmTransaction(connection, transaction, [payer]);
    expect(await connection.getBalance(to)).toBe(1_000_000);
    const { value, context } = await connection.getNonceAndContext(nonce.publicKey);
    expect(value?.nonce).not.toBe(account.nonce);
    expect(context.slot).toBeGreaterThan(0);
  });

  it('refuses a signature that is not the signer’s', async () => {
    const { connection } = client;
    const { blockhash } = await connection.getLatestBlockhash();
    const transaction = new Transaction({ feePayer: payer.publicKey, recentBlockhash: blockhash } as never);
    transaction.add(pay(newAddress(), 1_000_000));
    transaction.sign(payer);
    const bytes = transaction.serialize();
    bytes[5]! ^= 1;
    const error = await rejection(connection.sendRawTransaction(bytes));
    expect(String(error)).toContain('signature verification failure');
  });
});
