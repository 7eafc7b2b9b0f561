import litesvm from 'litesvm/dist/internal.js';
import { accountsOf, type User } from './workload.js';

/** Transactions a second of litesvm alone, in this process: the limit that everything else is compared with. */
export function bareRate(
  everybody: readonly User[],
  transactions: readonly Uint8Array[],
  options: { verifySignatures: boolean },
): number {
  const svm = new litesvm.LiteSvm();
  svm.setBlockhashCheck(false);
  // With history the engine refuses duplicates, which it looks for only where signatures are checked.
  svm.setTransactionHistory(0n);
  svm.setSigverify(options.verifySignatures);
  for (const [address, { lamports, data, owner, executable, rentEpoch }] of accountsOf(everybody))
    svm.setAccount(address, new litesvm.Account(lamports, data, owner, executable, rentEpoch));
  const start = performance.now();
  let failed = 0;
  for (const transaction of transactions)
    if (!(svm.sendVersionedTransaction(transaction) instanceof litesvm.TransactionMetadata)) failed++;
  const seconds = (performance.now() - start) / 1e3;
  if (failed > 0) throw new Error(`${failed} of ${transactions.length} transactions failed in litesvm`);
  return transactions.length / seconds;
}
