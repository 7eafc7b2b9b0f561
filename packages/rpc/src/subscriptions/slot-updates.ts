import type { CommittedBlock } from '@polyproof/svm';
import { notify } from './notification.js';
import type { SubscriptionTo } from './types.js';

/** The steps of a block as Agave reports them. Here they all come at once, when the block is on disk. */
export function notifySlotUpdates(
  subscriptions: ReadonlySet<SubscriptionTo<'slotsUpdates'>>,
  { block, transactions }: CommittedBlock,
): void {
  if (subscriptions.size === 0) return;
  const failed = transactions.reduce((sum, { outcome }) => sum + (outcome.status === 'ok' ? 0 : 1), 0);
  const stats = {
    numTransactionEntries: transactions.length,
    numSuccessfulTransactions: transactions.length - failed,
    numFailedTransactions: failed,
    maxTransactionsPerEntry: Math.min(1, transactions.length),
  };
  const at = `"slot":${block.slot},"timestamp":${Date.now()}`;
  for (const one of subscriptions) {
    notify(one, `{${at},"parent":${block.slot - 1n},"type":"createdBank"}`);
    notify(one, `{${at},"stats":${JSON.stringify(stats)},"type":"frozen"}`);
    notify(one, `{${at},"type":"optimisticConfirmation"}`);
  }
}
