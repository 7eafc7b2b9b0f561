import {
  type Address,
  generateKeyPairSigner,
  isSolanaError,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
  type TransactionSigner,
} from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import {
  fetchMint,
  fetchToken,
  findAssociatedTokenPda,
  getBurnCheckedInstruction,
  getCloseAccountInstruction,
  getCreateAssociatedTokenIdempotentInstructionAsync,
  getInitializeMint2Instruction,
  getMintSize,
  getMintToInstruction,
  getTransferCheckedInstruction,
  isTokenError,
  TOKEN_ERROR__INSUFFICIENT_FUNDS,
  TOKEN_PROGRAM_ADDRESS,
} from '@solana-program/token';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KitClient } from './support/kit-client.js';
import { rejection } from './support/rejection.js';
import { TestNode } from './support/test-node.js';

const DECIMALS = 6;

let node: TestNode;
let client: KitClient;
let payer: TransactionSigner;
let recipient: TransactionSigner;
let mint: Address;
let source: Address;
let destination: Address;

const tokenAccountOf = async (owner: Address) =>
  (await findAssociatedTokenPda({ owner, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS }))[0];

const amountOf = async (token: Address) =>
  (await fetchToken(client.rpc, token, { commitment: 'confirmed' })).data.amount;

beforeAll(async () => {
  node = await TestNode.start();
  client = new KitClient(node);
  [payer, recipient] = [await client.fundedSigner(), await client.fundedSigner()];
  const newAccount = await generateKeyPairSigner();
  mint = newAccount.address;
  const space = BigInt(getMintSize());
  const rent = await client.rpc.getMinimumBalanceForRentExemption(space).send();
  source = await tokenAccountOf(payer.address);
  destination = await tokenAccountOf(recipient.address);
  // All in one transaction, as wallets do it.
  await client.send(payer, [
    getCreateAccountInstruction({
      payer,
      newAccount,
      lamports: rent,
      space,
      programAddress: TOKEN_PROGRAM_ADDRESS,
    }),
    getInitializeMint2Instruction({ mint, decimals: DECIMALS, mintAuthority: payer.address }),
    await getCreateAssociatedTokenIdempotentInstructionAsync({ payer, owner: payer.address, mint }),
    await getCreateAssociatedTokenIdempotentInstructionAsync({ payer, owner: recipient.address, mint }),
    getMintToInstruction({ mint, token: source, mintAuthority: payer, amount: 5_000_000n }),
  ]);
});
afterAll(() => node?.close());

const transfer = (amount: bigint) =>
  getTransferCheckedInstruction({ source, mint, destination, authority: payer, amount, decimals: DECIMALS });

describe('@solana-program/token', () => {
  it('transfers, burns and closes', async () => {
    expect((await fetchMint(client.rpc, mint, { commitment: 'confirmed' })).data).toMatchObject({
      supply: 5_000_000n,
      decimals: DECIMALS,
      isInitialized: true,
    });
    await client.send(payer, [transfer(1_250_000n)]);
    expect([await amountOf(source), await amountOf(destination)]).toEqual([3_750_000n, 1_250_000n]);
    const { value } = await client.rpc
      .getTokenAccountBalance(destination, { commitment: 'confirmed' })
      .send();
    expect(value).toEqual({ amount: '1250000', decimals: DECIMALS, uiAmount: 1.25, uiAmountString: '1.25' });

    await client.send(recipient, [
      getBurnCheckedInstruction({
        account: destination,
        mint,
        authority: recipient,
        amount: 1_250_000n,
        decimals: DECIMALS,
      }),
      getCloseAccountInstruction({
        account: destination,
        destination: recipient.address,
        owner: recipient,
      }),
      await getCreateAssociatedTokenIdempotentInstructionAsync({
        payer: recipient,
        owner: recipient.address,
        mint,
      }),
    ]);
    expect(await amountOf(destination)).toBe(0n);
    const supply = await client.rpc.getTokenSupply(mint, { commitment: 'confirmed' }).send();
    expect(supply.value.amount).toBe('3750000');
  });

  it('decodes errors of the program', async () => {
    const message = await client.message(payer, [transfer(10n ** 12n)]);
    const error = await rejection(client.send(payer, [transfer(10n ** 12n)]));
    if (!isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE)) {
      throw error;
    }
    expect(isTokenError(error.cause, message, TOKEN_ERROR__INSUFFICIENT_FUNDS)).toBe(true);
  });

  it('shows every change of a balance in a transaction', async () => {
    const before = await amountOf(source);
    const signature = await client.send(payer, [transfer(1_000n)]);
    const found = await client.rpc
      .getTransaction(signature, {
        commitment: 'confirmed',
        encoding: 'jsonParsed',
        maxSupportedTransactionVersion: 0,
      })
      .send();
    const amounts = (balances: readonly { owner?: Address; uiTokenAmount: { amount: string } }[]) =>
      Object.fromEntries(balances.map(({ owner, uiTokenAmount }) => [owner, uiTokenAmount.amount]));
    const pre = amounts(found!.meta!.preTokenBalances!);
    const post = amounts(found!.meta!.postTokenBalances!);
    expect(pre[payer.address]).toBe(String(before));
    expect(post[payer.address]).toBe(String(before - 1_000n));
    expect(BigInt(post[recipient.address]!) - BigInt(pre[recipient.address]!)).toBe(1_000n);
    expect(found?.transaction.message.instructions).toMatchObject([
      {
        program: 'spl-token',
        programId: TOKEN_PROGRAM_ADDRESS,
        parsed: {
          type: 'transferChecked',
          info: {
            source,
            mint,
            destination,
            authority: payer.address,
            tokenAmount: {
              amount: '1000',
              decimals: BigInt(DECIMALS),
              uiAmount: 0.001,
              uiAmountString: '0.001',
            },
          },
        },
      },
    ]);
  });
});
