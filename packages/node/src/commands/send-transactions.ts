import { sleep } from '@polyproof/base';
import { type Base64EncodedWireTransaction, createSolanaRpc, type Signature } from '@solana/kit';
import { NodeError } from '../errors.js';
import { signatureOf } from '../sign-transaction.js';

const CONFIRM_MS = 30_000;

/**
 * Sends transactions with an unmodified Solana client, and waits until all are confirmed, which here means: in a block.
 * @param make - signed wire transactions, with this blockhash
 * @returns how many there were
 * @throws {NodeError} `DEMO_FAILED` when one fails or is not confirmed in time
 */
export async function sendTransactions(
  rpcUrl: string,
  make: (blockhash: string) => Promise<readonly Uint8Array[]>,
): Promise<number> {
  const rpc = createSolanaRpc(rpcUrl);
  const { value: latest } = await rpc.getLatestBlockhash().send();
  const transactions = await make(latest.blockhash);
  for (const transaction of transactions) {
    const wire = Buffer.from(transaction).toString('base64') as Base64EncodedWireTransaction;
    // One that builds on another is simulated on a state that does not have that yet.
    await rpc.sendTransaction(wire, { encoding: 'base64', skipPreflight: true }).send();
  }
  const signatures = transactions.map((transaction) => signatureOf(transaction) as Signature);
  const deadline = Date.now() + CONFIRM_MS;
  for (;;) {
    const { value } = await rpc.getSignatureStatuses(signatures).send();
    const failed = value.findIndex((status) => status !== null && status.err !== null);
    if (failed >= 0) throw new NodeError('DEMO_FAILED', `transaction ${signatures[failed]} failed.`);
    if (value.every((status) => status !== null)) return transactions.length;
    if (Date.now() > deadline)
      throw new NodeError('DEMO_FAILED', `transactions were not confirmed within ${CONFIRM_MS / 1e3} s.`);
    await sleep(50);
  }
}
