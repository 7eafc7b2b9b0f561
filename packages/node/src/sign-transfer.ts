import { encodeBase58 } from '@polyproof/svm';
import {
  appendTransactionMessageInstruction,
  type Blockhash,
  createKeyPairSignerFromBytes,
  createTransactionMessage,
  getTransactionEncoder,
  lamports,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import type { Keypair } from './development-keys.js';

/** A System transfer as any Solana client makes it, in wire format: version 0, signed by the source, which pays. */
export async function signTransfer(options: {
  from: Keypair;
  to: Keypair;
  lamports: bigint;
  /** base 58 */
  blockhash: string;
}): Promise<Uint8Array> {
  const [source, destination] = await Promise.all(
    [options.from, options.to].map(({ secretKey }) => createKeyPairSignerFromBytes(secretKey)),
  );
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayerSigner(source!, m),
    (m) =>
      setTransactionMessageLifetimeUsingBlockhash(
        // Expiry is the network's business: it is not part of the message.
        { blockhash: options.blockhash as Blockhash, lastValidBlockHeight: 0n },
        m,
      ),
    (m) =>
      appendTransactionMessageInstruction(
        getTransferSolInstruction({
          source: source!,
          destination: destination!.address,
          amount: lamports(options.lamports),
        }),
        m,
      ),
  );
  const transaction = await signTransactionMessageWithSigners(message);
  return new Uint8Array(getTransactionEncoder().encode(transaction));
}

/** The first signature of a wire transaction, in base 58: its name. */
export function signatureOf(transaction: Uint8Array): string {
  return encodeBase58(transaction.subarray(1, 65));
}
