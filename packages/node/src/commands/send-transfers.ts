import { sleep } from '@polyproof/base';
import { type Base64EncodedWireTransaction, createSolanaRpc, type Signature } from '@solana/kit';
import type { Keypair } from '../development-keys.js';
import { NodeError } from '../errors.js';
import { signatureOf, signTransfer } from '../sign-transfer.js';

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
  const { accounts } = options;
  const rpc = createSolanaRpc(options.rpcUrl);
  const { value: latest } = await rpc.getLatestBlockhash().send();
  const signatures: Signature[] = [];
  for (let i = options.first; i < options.first + options.count; i++) {
    const transaction = await signTransfer({
      from: accounts[i % accounts.length]!,
      to: accounts[(3 * i + 1) % accounts.length]!,
      lamports: BigInt(1_000_000 + i),
      blockhash: latest.blockhash,
    });
    const wire = Buffer.from(transaction).toString('base64') as Base64EncodedWireTransaction;
    await rpc.sendTransaction(wire, { encoding: 'base64' }).send();
    signatures.push(signatureOf(transaction) as Signature);
  }
  const deadline = Date.now() + CONFIRM_MS;
  for (;;) {
    const { value } = await rpc.getSignatureStatuses(signatures).send();
    const failed = value.findIndex((status) => status !== null && status.err !== null);
    if (failed >= 0) throw new NodeError('DEMO_FAILED', `transfer ${signatures[failed]} failed.`);
    if (value.every((status) => status !== null)) return;
    if (Date.now() > deadline)
      throw new NodeError('DEMO_FAILED', `the transfers were not confirmed within ${CONFIRM_MS / 1e3} s.`);
    await sleep(50);
  }
}
