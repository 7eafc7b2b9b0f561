import { ed25519 } from '@noble/curves/ed25519.js';
import { type BatchWitness, chainDataHash, decodeTransaction, encodeProvedData } from '@polyproof/svm';
import {
  Keypair,
  PublicKey,
  SystemProgram,
  Transaction,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js';
import {
  type SignatureLimits,
  signatureCircuitInputs,
} from '../../packages/svm/src/signed/signature-inputs.js';
import type { Edit } from './circuit-variant.js';

/** A circuit that is compiled in seconds. */
export const SIZES: SignatureLimits = {
  signatures: 4,
  keys: 3,
  hashBlocks: 11,
  transactions: 3,
  instructions: 4,
  named: 12,
  words: 30,
  values: 14,
  references: 20,
  dataBytes: 800,
};

export const CIRCUIT = '../svm_signatures';
export const sizeEdits: Edit[] = Object.entries(SIZES).map(([name, size]) => {
  const constant = name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return {
    file: 'lib/src/signed/parameters.nr',
    from: new RegExp(`global ${constant}: u32 = \\d+;`),
    to: `global ${constant}: u32 = ${size};`,
  };
});

export const keypair = (number: number) => Keypair.fromSeed(new Uint8Array(32).fill(number));
const BLOCKHASH = new PublicKey(new Uint8Array(32).fill(77)).toBase58();

const transfers = (from: readonly number[], to: number) =>
  from.map((number) =>
    SystemProgram.transfer({
      fromPubkey: keypair(number).publicKey,
      toPubkey: keypair(to).publicKey,
      lamports: 1_000_000 + number,
    }),
  );

/** A transaction of web3.js, of the format with or without versions, in which each of these accounts pays something: its bytes. */
export function signedTransfers(version: 'legacy' | 0, from: readonly number[], to: number): Uint8Array {
  const signers = from.map(keypair);
  const instructions = transfers(from, to);
  if (version === 'legacy') {
    const transaction = new Transaction({ feePayer: signers[0]!.publicKey, recentBlockhash: BLOCKHASH });
    transaction.add(...instructions).sign(...signers);
    return transaction.serialize();
  }
  const payerKey = signers[0]!.publicKey;
  const message = new TransactionMessage({ payerKey, recentBlockhash: BLOCKHASH, instructions });
  const transaction = new VersionedTransaction(message.compileToV0Message());
  transaction.sign(signers);
  return transaction.serialize();
}

/** A transaction with data of so many bytes in its instruction. */
export function signedData(from: number, bytes: number): Uint8Array {
  const signer = keypair(from);
  const programId = keypair(200).publicKey;
  const transaction = new Transaction({ feePayer: signer.publicKey, recentBlockhash: BLOCKHASH });
  const data = Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => 255 - (i % 256)));
  transaction.add({ keys: [], programId, data }).sign(signer);
  return transaction.serialize();
}

const PREVIOUS = 0x1234n;

/** What the circuit of signatures looks at of the witness of a batch with these transactions, in one block. */
export function witnessOf(transactions: readonly Uint8Array[], deposits: readonly number[] = []) {
  const decoded = transactions.map(decodeTransaction);
  const messages = decoded.map(({ messageBytes }) => messageBytes);
  const data = encodeProvedData(
    messages.length === 0 ? [] : [messages],
    deposits.map((lamports) => ({ recipient: keypair(9).publicKey.toBytes(), lamports: BigInt(lamports) })),
  );
  return {
    batchNumber: 7n,
    prevDataHash: PREVIOUS,
    newDataHash: chainDataHash(PREVIOUS, data),
    data,
    signatures: decoded.map(({ signatures }) => signatures),
  } as BatchWitness;
}

export const inputsOf = (witness: BatchWitness) => signatureCircuitInputs(witness, SIZES);

/** A signature of other bytes by the same key. */
export const signatureOf = (number: number, message: Uint8Array) =>
  ed25519.sign(message, new Uint8Array(32).fill(number));
