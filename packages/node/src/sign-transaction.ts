import { encodeBase58 } from '@polyproof/svm';
import {
  appendTransactionMessageInstructions,
  type Blockhash,
  createKeyPairSignerFromBytes,
  createTransactionMessage,
  getTransactionEncoder,
  type Instruction,
  type KeyPairSigner,
  lamports,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import type { Keypair } from './development-keys.js';

/** A transaction as any Solana client makes it, in wire format: version 0, signed by who pays and by all other signers. */
export async function signTransaction(options: {
  payer: Keypair;
  instructions: readonly Instruction[];
  /** base 58 */
  blockhash: string;
}): Promise<Uint8Array> {
  const payer = await signerOf(options.payer);
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayerSigner(payer, m),
    (m) =>
      setTransactionMessageLifetimeUsingBlockhash(
        // Expiry is the network's business: it is not part of the message.
        { blockhash: options.blockhash as Blockhash, lastValidBlockHeight: 0n },
        m,
      ),
    (m) => appendTransactionMessageInstructions(options.instructions, m),
  );
  const transaction = await signTransactionMessageWithSigners(message);
  return new Uint8Array(getTransactionEncoder().encode(transaction));
}

/** A System transfer, which its source pays for. */
export async function signTransfer(options: {
  from: Keypair;
  to: Keypair;
  lamports: bigint;
  /** base 58 */
  blockhash: string;
}): Promise<Uint8Array> {
  const [source, destination] = await Promise.all([options.from, options.to].map(signerOf));
  const transfer = getTransferSolInstruction({
    source: source!,
    destination: destination!.address,
    amount: lamports(options.lamports),
  });
  return signTransaction({ payer: options.from, instructions: [transfer], blockhash: options.blockhash });
}

const signers = new Map<string, Promise<KeyPairSigner>>();

/** The keypair as a signer, the same object each time: a transaction must not have two for one address. */
export function signerOf({ secretKey, address }: Keypair): Promise<KeyPairSigner> {
  const name = encodeBase58(address);
  const signer = signers.get(name) ?? createKeyPairSignerFromBytes(secretKey);
  signers.set(name, signer);
  return signer;
}

/** The first signature of a wire transaction, in base 58: its name. */
export function signatureOf(transaction: Uint8Array): string {
  return encodeBase58(transaction.subarray(1, 65));
}
