import {
  createKeyPairSignerFromBytes,
  generateKeyPairSigner,
  lamports,
  type TransactionSigner,
  address as toAddress,
} from '@solana/kit';
import {
  AccountLayout,
  createApproveInstruction,
  createAssociatedTokenAccount,
  createBurnInstruction,
  createCloseAccountInstruction,
  createInitializeAccount3Instruction,
  createMint,
  createMintToInstruction,
  createTransferInstruction,
  getAccount,
  getMint,
  MintLayout,
  TOKEN_PROGRAM_ID,
} from '@solana/spl-token';
import {
  ComputeBudgetProgram,
  Keypair,
  PublicKey,
  SendTransactionError,
  SystemProgram,
  sendAndConfirmTransaction,
  Transaction,
  TransactionInstruction,
} from '@solana/web3.js';
import { getTransferSolInstruction } from '@solana-program/system';
import { getTransferCheckedInstruction } from '@solana-program/token';
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

/** Of the token: who may mint, and whose accounts there are from the start. */
const [mint, owner, other] = [Keypair.generate(), Keypair.generate(), Keypair.generate()];
const [source, target] = [Keypair.generate().publicKey, Keypair.generate().publicKey];

function genesis(): unknown[] {
  const account = (pubkey: PublicKey, lamports: number, data: Buffer) => ({
    pubkey: pubkey.toBase58(),
    account: {
      lamports,
      data: [data.toString('base64'), 'base64'],
      owner: TOKEN_PROGRAM_ID.toBase58(),
      executable: false,
    },
  });
  const mintData = Buffer.alloc(MintLayout.span);
  MintLayout.encode(
    {
      mintAuthorityOption: 1,
      mintAuthority: owner.publicKey,
      supply: 1_000n,
      decimals: 2,
      isInitialized: true,
      freezeAuthorityOption: 0,
      freezeAuthority: PublicKey.default,
    },
    mintData,
  );
  const tokens = ([key, of, amount]: [PublicKey, Keypair, bigint]) => {
    const data = Buffer.alloc(AccountLayout.span);
    AccountLayout.encode(
      {
        mint: mint.publicKey,
        owner: of.publicKey,
        amount,
        delegateOption: 0,
        delegate: PublicKey.default,
        state: 1,
        isNativeOption: 0,
        isNative: 0n,
        delegatedAmount: 0n,
        closeAuthorityOption: 0,
        closeAuthority: PublicKey.default,
      },
      data,
    );
    return account(key, 2_039_280, data);
  };
  const holders: [PublicKey, Keypair, bigint][] = [
    [source, owner, 1_000n],
    [target, other, 0n],
  ];
  return [account(mint.publicKey, 1_461_600, mintData), ...holders.map(tokens)];
}

beforeAll(async () => {
  node = await TestNode.start({ execution: 'zk', genesis: genesis() });
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

  it('moves tokens of a mint of its genesis, with every client', async () => {
    const { connection } = web3;
    const amounts = async () => [
      (await getAccount(connection, source)).amount,
      (await getAccount(connection, target)).amount,
    ];
    await web3.send(
      [payer, owner],
      ComputeBudgetProgram.setComputeUnitLimit({ units: 20_000 }),
      ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 7 }),
      createTransferInstruction(source, target, owner.publicKey, 100),
      createMintToInstruction(mint.publicKey, target, owner.publicKey, 5),
    );
    expect(await amounts()).toEqual([900n, 105n]);
    expect((await getMint(connection, mint.publicKey)).supply).toBe(1_005n);
    await web3.send([payer, other], createApproveInstruction(target, owner.publicKey, other.publicKey, 50));
    expect(await getAccount(connection, target)).toMatchObject({
      delegate: owner.publicKey,
      delegatedAmount: 50n,
    });
    const authority = await createKeyPairSignerFromBytes(owner.secretKey);
    await kit.send(signer, [
      getTransferCheckedInstruction({
        source: toAddress(target.toBase58()),
        mint: toAddress(mint.publicKey.toBase58()),
        destination: toAddress(source.toBase58()),
        authority,
        amount: 30n,
        decimals: 2,
      }),
    ]);
    expect(await amounts()).toEqual([930n, 75n]);
    const tooMuch = createTransferInstruction(source, target, owner.publicKey, 931);
    const refused = await rejection(web3.send([payer, owner], tooMuch));
    expect(refused).toBeInstanceOf(SendTransactionError);
    expect((refused as SendTransactionError).logs?.join('\n')).toContain('insufficient funds');
    await node.restart();
    expect(await amounts()).toEqual([930n, 75n]);
  });

  it('makes a token, opens an account of it, and closes that', async () => {
    const { connection } = web3;
    const made = await createMint(connection, payer, payer.publicKey, null, 6);
    expect(await getMint(connection, made)).toMatchObject({ decimals: 6, supply: 0n });
    const opened = Keypair.generate();
    await web3.send(
      [payer, opened],
      SystemProgram.createAccount({
        fromPubkey: payer.publicKey,
        newAccountPubkey: opened.publicKey,
        lamports: 2_039_280,
        space: AccountLayout.span,
        programId: TOKEN_PROGRAM_ID,
      }),
      createInitializeAccount3Instruction(opened.publicKey, made, payer.publicKey),
      createMintToInstruction(made, opened.publicKey, payer.publicKey, 8),
    );
    expect((await getAccount(connection, opened.publicKey)).amount).toBe(8n);
    const before = await connection.getBalance(owner.publicKey);
    await web3.send(
      [payer],
      createBurnInstruction(opened.publicKey, made, payer.publicKey, 8),
      createCloseAccountInstruction(opened.publicKey, owner.publicKey, payer.publicKey),
    );
    expect(await connection.getAccountInfo(opened.publicKey)).toBeNull();
    expect(await connection.getBalance(owner.publicKey)).toBe(before + 2_039_280);
  });

  it('pays with a memo', async () => {
    const { connection } = web3;
    const signature = await web3.send(
      [payer],
      SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: owner.publicKey, lamports: 5 }),
      new TransactionInstruction({
        programId: new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'),
        keys: [{ pubkey: payer.publicKey, isSigner: true, isWritable: false }],
        data: Buffer.from('für Juni'),
      }),
    );
    const [latest] = await connection.getSignaturesForAddress(owner.publicKey, { limit: 1 });
    expect(latest).toMatchObject({ signature, err: null, memo: '[9] für Juni' });
  });

  it('refuses what its circuit cannot prove, and says why', async () => {
    const { connection } = web3;
    const balance = await connection.getBalance(payer.publicKey);
    const program = TOKEN_PROGRAM_ID.toBase58();
    const instruction = new TransactionInstruction({
      programId: TOKEN_PROGRAM_ID,
      keys: [{ pubkey: Keypair.generate().publicKey, isSigner: false, isWritable: true }],
      // InitializeAccount, which reads the rent sysvar's account
      data: Buffer.of(1),
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
    const associated = createAssociatedTokenAccount(connection, payer, mint.publicKey, payer.publicKey);
    expect(await rejection(associated)).toBeInstanceOf(SendTransactionError);
    expect(await connection.getBalance(payer.publicKey)).toBe(balance);
  });
});
