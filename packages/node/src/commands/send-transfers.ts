import { setTimeout as wait } from 'node:timers/promises';
import {
  appendTransactionMessageInstruction,
  createKeyPairSignerFromBytes,
  createSolanaRpc,
  createTransactionMessage,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  type KeyPairSigner,
  lamports,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { getTransferSolInstruction } from '@solana-program/system';
import type { Keypair } from '../development-keys.js';
import { NodeError } from '../errors.js';

const CONFIRM_MS = 30_000;

/**
 * Sends signed System transfers between the accounts with an unmodified Solana client, and waits until all are
 * confirmed, which here means: in a block.
 * @param first - offset that keeps the amounts of several calls apart
 * @throws {NodeError} `DEMO_FAILED` when one fails or is not confirmed in time
 */
export async function sendTransfers(options: {
  rpcUrl: string;
  accounts: readonly Keypair[];
  count: number;
  first: number;
}): Promise<void> {
  const rpc = createSolanaRpc(options.rpcUrl);
  const signers = await Promise.all(
    options.accounts.map(({ secretKey }) => createKeyPairSignerFromBytes(secretKey)),
  );
  const { value: blockhash } = await rpc.getLatestBlockhash().send();
  const signatures = [];
  for (let i = 0; i < options.count; i++) {
    const index = options.first + i;
    const source: KeyPairSigner = signers[index % signers.length]!;
    const destination: KeyPairSigner = signers[(3 * index + 1) % signers.length]!;
    const message = pipe(
      createTransactionMessage({ version: 0 }),
      (m) => setTransactionMessageFeePayerSigner(source, m),
      (m) => setTransactionMessageLifetimeUsingBlockhash(blockhash, m),
      (m) =>
        appendTransactionMessageInstruction(
          getTransferSolInstruction({
            source,
            destination: destination.address,
            amount: lamports(BigInt(1_000_000 + index)),
          }),
          m,
        ),
    );
    const transaction = await signTransactionMessageWithSigners(message);
    await rpc.sendTransaction(getBase64EncodedWireTransaction(transaction), { encoding: 'base64' }).send();
    signatures.push(getSignatureFromTransaction(transaction));
  }
  const deadline = Date.now() + CONFIRM_MS;
  for (;;) {
    const { value } = await rpc.getSignatureStatuses(signatures).send();
    const failed = value.findIndex((status) => status !== null && status.err !== null);
    if (failed >= 0) throw new NodeError('DEMO_FAILED', `transfer ${signatures[failed]} failed.`);
    if (value.every((status) => status !== null)) return;
    if (Date.now() > deadline)
      throw new NodeError('DEMO_FAILED', `the transfers were not confirmed within ${CONFIRM_MS / 1e3} s.`);
    await wait(50);
  }
}
