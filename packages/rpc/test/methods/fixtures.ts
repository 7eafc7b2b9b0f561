import { encodeBase58 } from '@polyproof/svm';
import { AccountLayout, MintLayout, TOKEN_PROGRAM_ID } from '@solana/spl-token';
import {
  Keypair,
  type PublicKey,
  Transaction,
  type TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js';
import type { FakeBank } from '../fake-bank.js';

/** A key pair that is the same in every run. */
export function keypair(index: number): Keypair {
  return Keypair.fromSeed(new Uint8Array(32).fill(index));
}

export function key(index: number): PublicKey {
  return keypair(index).publicKey;
}

export function text(index: number): string {
  return key(index).toBase58();
}

export const TOKEN = TOKEN_PROGRAM_ID;
export const BLOCKHASH = encodeBase58(new Uint8Array(32).fill(9));

/** A signed legacy transaction of key pair 1. */
export function legacy(instructions: TransactionInstruction[], blockhash = BLOCKHASH): Uint8Array {
  const transaction = new Transaction({ feePayer: key(1), recentBlockhash: blockhash });
  transaction.add(...instructions);
  transaction.sign(keypair(1));
  return new Uint8Array(transaction.serialize());
}

/** A signed transaction of key pair 1 in version 0. */
export function version0(instructions: TransactionInstruction[], blockhash = BLOCKHASH): Uint8Array {
  const message = new TransactionMessage({
    payerKey: key(1),
    recentBlockhash: blockhash,
    instructions,
  }).compileToV0Message();
  const transaction = new VersionedTransaction(message);
  transaction.sign([keypair(1)]);
  return transaction.serialize();
}

export function signatureOf(bytes: Uint8Array): string {
  return encodeBase58(bytes.subarray(1, 65));
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

export function putMint(bank: FakeBank, address: PublicKey, { supply = 1_000n, decimals = 2 } = {}): void {
  const data = Buffer.alloc(MintLayout.span);
  MintLayout.encode(
    {
      mintAuthorityOption: 1,
      mintAuthority: key(1),
      supply,
      decimals,
      isInitialized: true,
      freezeAuthorityOption: 0,
      freezeAuthority: key(1),
    },
    data,
  );
  bank.put(address.toBase58(), { data, owner: TOKEN.toBytes(), lamports: 1_461_600n });
}

export function putTokenAccount(
  bank: FakeBank,
  address: PublicKey,
  {
    mint,
    owner,
    amount,
    delegate,
  }: { mint: PublicKey; owner: PublicKey; amount: bigint; delegate?: PublicKey },
): void {
  const data = Buffer.alloc(AccountLayout.span);
  AccountLayout.encode(
    {
      mint,
      owner,
      amount,
      delegateOption: delegate === undefined ? 0 : 1,
      delegate: delegate ?? mint,
      state: 1,
      isNativeOption: 0,
      isNative: 0n,
      delegatedAmount: delegate === undefined ? 0n : amount,
      closeAuthorityOption: 0,
      closeAuthority: owner,
    },
    data,
  );
  bank.put(address.toBase58(), { data, owner: TOKEN.toBytes(), lamports: 2_039_280n });
}
