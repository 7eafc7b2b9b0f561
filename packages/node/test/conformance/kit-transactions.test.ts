import {
  appendTransactionMessageInstructions,
  assertIsTransactionWithBlockhashLifetime,
  assertIsTransactionWithDurableNonceLifetime,
  createTransactionMessage,
  estimateResourceLimitsFactory,
  generateKeyPairSigner,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  type Instruction,
  isSolanaError,
  lamports,
  pipe,
  SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM,
  SOLANA_ERROR__INVALID_NONCE,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE,
  SOLANA_ERROR__TRANSACTION_ERROR__ALREADY_PROCESSED,
  SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND,
  type SolanaError,
  sendAndConfirmDurableNonceTransactionFactory,
  setTransactionMessageComputeUnitLimit,
  setTransactionMessageComputeUnitPrice,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingDurableNonce,
  signTransactionMessageWithSigners,
  type TransactionSigner,
} from '@solana/kit';
import {
  fetchNonce,
  getCreateAccountInstruction,
  getInitializeNonceAccountInstruction,
  getNonceSize,
  getTransferSolInstruction,
  isSystemError,
  NonceState,
  SYSTEM_ERROR__RESULT_WITH_NEGATIVE_LAMPORTS,
  SYSTEM_PROGRAM_ADDRESS,
} from '@solana-program/system';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KitClient } from './support/kit-client.js';
import { rejection } from './support/rejection.js';
import { TestNode } from './support/test-node.js';

const FEE = 5000n;
const FUNDS = 100_000_000_000n;

let node: TestNode;
let client: KitClient;
let payer: TransactionSigner;

beforeAll(async () => {
  node = await TestNode.start();
  client = new KitClient(node);
  payer = await client.fundedSigner();
});
afterAll(() => node?.close());

const balanceOf = async (signer: TransactionSigner) =>
  (await client.rpc.getBalance(signer.address, { commitment: 'confirmed' }).send()).value as bigint;

const transfer = (source: TransactionSigner, destination: TransactionSigner, amount: bigint): Instruction =>
  getTransferSolInstruction({ source, destination: destination.address, amount: lamports(amount) });

describe('@solana/kit transactions', () => {
  it('airdrops, sends and confirms', async () => {
    const [from, to] = [await client.fundedSigner(), await generateKeyPairSigner()];
    expect(await balanceOf(from)).toBe(FUNDS);
    const signature = await client.send(from, [transfer(from, to, 1_000_000_000n)]);
    expect(await balanceOf(from)).toBe(FUNDS - 1_000_000_000n - FEE);
    expect(await balanceOf(to)).toBe(1_000_000_000n);
    const { value } = await client.rpc.getSignatureStatuses([signature]).send();
    expect(value[0]).toMatchObject({ err: null, status: { Ok: null } });
    expect(['confirmed', 'finalized']).toContain(value[0]?.confirmationStatus);
  });

  it('waits for finality', async () => {
    const to = await generateKeyPairSigner();
    const transaction = await client.sign(payer, [transfer(payer, to, 1_000_000n)]);
    assertIsTransactionWithBlockhashLifetime(transaction);
    await client.sendAndConfirm(transaction, { commitment: 'finalized' });
    const { value } = await client.rpc
      .getSignatureStatuses([getSignatureFromTransaction(transaction)])
      .send();
    expect(value[0]?.confirmationStatus).toBe('finalized');
    expect((await client.rpc.getBalance(to.address, { commitment: 'finalized' }).send()).value).toBe(
      1_000_000n,
    );
  });

  it('charges priority fees', async () => {
    const from = await client.fundedSigner();
    const message = pipe(
      await client.message(from, [transfer(from, payer, 1n)]),
      (message) => setTransactionMessageComputeUnitLimit(1000, message),
      (message) => setTransactionMessageComputeUnitPrice(2_000_000n, message),
    );
    const transaction = await signTransactionMessageWithSigners(message);
    assertIsTransactionWithBlockhashLifetime(transaction);
    await client.sendAndConfirm(transaction, { commitment: 'confirmed' });
    expect(await balanceOf(from)).toBe(FUNDS - 1n - FEE - 2000n);
    const fees = await client.rpc.getRecentPrioritizationFees([from.address]).send();
    expect(fees.map((fee) => fee.prioritizationFee)).toContain(2_000_000n);
  });

  it('estimates compute units and simulates, without changing anything', async () => {
    const [from, to] = [await client.fundedSigner(), await generateKeyPairSigner()];
    const message = await client.message(from, [transfer(from, to, 5_000_000n)]);
    const estimate = await estimateResourceLimitsFactory({ rpc: client.rpc })(message);
    // One transfer and one SetComputeUnitLimit: 150 units each.
    expect(estimate.computeUnitLimit).toBe(300);

    const transaction = await signTransactionMessageWithSigners(message);
    const { value } = await client.rpc
      .simulateTransaction(getBase64EncodedWireTransaction(transaction), {
        encoding: 'base64',
        sigVerify: true,
        innerInstructions: true,
        accounts: { encoding: 'base64', addresses: [from.address, to.address] },
      })
      .send();
    expect(value.err).toBe(null);
    expect(value.unitsConsumed).toBe(150n);
    expect(value.logs).toEqual([
      `Program ${SYSTEM_PROGRAM_ADDRESS} invoke [1]`,
      `Program ${SYSTEM_PROGRAM_ADDRESS} success`,
    ]);
    expect(value.accounts?.map((account) => account?.lamports)).toEqual([
      FUNDS - 5_000_000n - FEE,
      5_000_000n,
    ]);
    expect(await balanceOf(from)).toBe(FUNDS);
    expect(await balanceOf(to)).toBe(0n);
  });

  it('decodes why a transaction fails its preflight check', async () => {
    const [from, to] = [await client.fundedSigner(), await generateKeyPairSigner()];
    const message = await client.message(from, [transfer(from, to, 2n * FUNDS)]);
    const transaction = await signTransactionMessageWithSigners(message);
    assertIsTransactionWithBlockhashLifetime(transaction);
    const error = await rejection(client.sendAndConfirm(transaction, { commitment: 'confirmed' }));
    if (!isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE)) {
      throw error;
    }
    expect(error.context.logs).toContain(
      `Transfer: insufficient lamports ${FUNDS - FEE}, need ${2n * FUNDS}`,
    );
    expect(error.context.unitsConsumed).toBe(150n);
    const cause = error.cause as SolanaError;
    expect(isSolanaError(cause, SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM)).toBe(true);
    expect(cause.context).toMatchObject({ code: 1, index: 0 });
    expect(isSystemError(cause, message, SYSTEM_ERROR__RESULT_WITH_NEGATIVE_LAMPORTS)).toBe(true);
    expect(await balanceOf(from)).toBe(FUNDS);
  });

  it('decodes why a transaction in a block failed, and charges for it', async () => {
    const [from, to] = [await client.fundedSigner(), await generateKeyPairSigner()];
    const error = await rejection(
      client.send(from, [transfer(from, to, 2n * FUNDS)], { skipPreflight: true }),
    );
    expect(isSolanaError(error, SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM)).toBe(true);
    expect((error as SolanaError).context).toMatchObject({ code: 1, index: 0 });
    expect(await balanceOf(from)).toBe(FUNDS - FEE);
  });

  it('refuses an unknown blockhash', async () => {
    const message = pipe(await client.message(payer, [transfer(payer, payer, 1n)]), (message) => ({
      ...message,
      lifetimeConstraint: { ...message.lifetimeConstraint, blockhash: payer.address as never },
    }));
    const transaction = await signTransactionMessageWithSigners(message);
    assertIsTransactionWithBlockhashLifetime(transaction);
    const error = await rejection(client.sendAndConfirm(transaction, { commitment: 'confirmed' }));
    if (!isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE)) {
      throw error;
    }
    expect(isSolanaError(error.cause, SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND)).toBe(true);
  });

  it('refuses the same transaction again, and does not run it twice', async () => {
    const [from, to] = [await client.fundedSigner(), await generateKeyPairSigner()];
    const transaction = await client.sign(from, [transfer(from, to, 1_000_000n)]);
    assertIsTransactionWithBlockhashLifetime(transaction);
    await client.sendAndConfirm(transaction, { commitment: 'confirmed' });
    const wire = getBase64EncodedWireTransaction(transaction);
    const error = await rejection(client.rpc.sendTransaction(wire, { encoding: 'base64' }).send());
    if (!isSolanaError(error, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE)) {
      throw error;
    }
    expect(isSolanaError(error.cause, SOLANA_ERROR__TRANSACTION_ERROR__ALREADY_PROCESSED)).toBe(true);
    expect(await balanceOf(to)).toBe(1_000_000n);
  });
});

describe('@solana/kit durable nonces', () => {
  let nonceAccount: TransactionSigner;

  beforeAll(async () => {
    nonceAccount = await generateKeyPairSigner();
    const space = BigInt(getNonceSize());
    await client.send(payer, [
      getCreateAccountInstruction({
        payer,
        newAccount: nonceAccount,
        lamports: await client.rpc.getMinimumBalanceForRentExemption(space).send(),
        space,
        programAddress: SYSTEM_PROGRAM_ADDRESS,
      }),
      getInitializeNonceAccountInstruction({
        nonceAccount: nonceAccount.address,
        nonceAuthority: payer.address,
      }),
    ]);
  });

  const currentNonce = async () =>
    (await fetchNonce(client.rpc, nonceAccount.address, { commitment: 'confirmed' })).data
      .blockhash as string;

  async function signWithNonce(nonce: string, instruction: Instruction) {
    const transaction = await signTransactionMessageWithSigners(
      pipe(
        createTransactionMessage({ version: 0 }),
        (message) => setTransactionMessageFeePayerSigner(payer, message),
        (message) =>
          setTransactionMessageLifetimeUsingDurableNonce(
            {
              nonce: nonce as never,
              nonceAccountAddress: nonceAccount.address,
              nonceAuthorityAddress: payer.address,
            },
            message,
          ),
        (message) => appendTransactionMessageInstructions([instruction], message),
      ),
    );
    assertIsTransactionWithDurableNonceLifetime(transaction);
    return transaction;
  }

  const sendAndConfirmNonce = (
    transaction: Awaited<ReturnType<typeof signWithNonce>>,
    options: { skipPreflight?: boolean } = {},
  ) =>
    sendAndConfirmDurableNonceTransactionFactory(client)(transaction, {
      commitment: 'confirmed',
      ...options,
    });

  it('stands in the account, readable and parsed', async () => {
    const { data } = await fetchNonce(client.rpc, nonceAccount.address);
    expect(data).toMatchObject({
      state: NonceState.Initialized,
      authority: payer.address,
      lamportsPerSignature: FEE,
    });
    const { value } = await client.rpc
      .getAccountInfo(nonceAccount.address, { encoding: 'jsonParsed' })
      .send();
    expect(value?.data).toMatchObject({
      program: 'nonce',
      space: 80n,
      parsed: {
        type: 'initialized',
        info: {
          authority: payer.address,
          blockhash: data.blockhash,
          feeCalculator: { lamportsPerSignature: '5000' },
        },
      },
    });
  });

  it('stands in for a blockhash once, and advances', async () => {
    const to = await generateKeyPairSigner();
    const nonce = await currentNonce();
    const transaction = await signWithNonce(nonce, transfer(payer, to, 1_000_000n));
    await sendAndConfirmNonce(transaction);
    expect(await balanceOf(to)).toBe(1_000_000n);
    expect(await currentNonce()).not.toBe(nonce);

    const other = await signWithNonce(nonce, transfer(payer, to, 2_000_000n));
    const refused = await rejection(sendAndConfirmNonce(other));
    if (!isSolanaError(refused, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE)) {
      throw refused;
    }
    expect(isSolanaError(refused.cause, SOLANA_ERROR__TRANSACTION_ERROR__BLOCKHASH_NOT_FOUND)).toBe(true);
    expect(await balanceOf(to)).toBe(1_000_000n);
  });

  it('advances with a transaction that fails, which pays its fee', async () => {
    const to = await generateKeyPairSigner();
    const [nonce, before] = [await currentNonce(), await balanceOf(payer)];
    const transaction = await signWithNonce(nonce, transfer(payer, to, 1_000_000_000_000_000n));
    const error = await rejection(sendAndConfirmNonce(transaction, { skipPreflight: true }));
    // The client may hear of the nonce before it hears of the transaction.
    expect(
      isSolanaError(error, SOLANA_ERROR__INSTRUCTION_ERROR__CUSTOM) ||
        isSolanaError(error, SOLANA_ERROR__INVALID_NONCE),
    ).toBe(true);
    expect(await currentNonce()).not.toBe(nonce);
    expect(await balanceOf(payer)).toBe(before - FEE);
    const { value } = await client.rpc
      .getSignatureStatuses([getSignatureFromTransaction(transaction)])
      .send();
    expect(value[0]?.err).toEqual({ InstructionError: [1n, { Custom: 1n }] });
  });
});
