import { TransactionRejectedError } from '../runtime/resolve/transaction-rejected-error.js';
import type { RuntimeTransaction } from '../runtime/types.js';
import type { Transaction } from '../transaction.js';
import { POISONOUS } from './append-block.js';
import { messageName } from './status-cache.js';

/** What is told of a transaction that cannot be proved on the accounts that it meets: Solana has no name for it. */
const UNPROVABLE = 'CommitCancelled';

export interface SiftRules {
  hasProcessed(transaction: Transaction): boolean;
  isPoisonous(transaction: Transaction): boolean;
  isBlockhashRecent(hash: Uint8Array): boolean;
  resolve(transaction: Transaction): RuntimeTransaction;
}

export interface Sifted {
  accepted: RuntimeTransaction[];
  /** with Solana's TransactionError */
  refused: { transaction: RuntimeTransaction; error: unknown }[];
}

/** Parts candidates that may be executed from those that are too old, were processed already, or are poisonous. */
export function sift(candidates: readonly RuntimeTransaction[], rules: SiftRules): Sifted {
  const accepted: RuntimeTransaction[] = [];
  const refused: Sifted['refused'] = [];
  const seen = new Set<string>();
  for (const candidate of candidates) {
    const { transaction } = candidate;
    const name = messageName(transaction);
    const refuse = (error: unknown) => refused.push({ transaction: candidate, error });
    if (seen.has(name) || rules.hasProcessed(transaction)) refuse('AlreadyProcessed');
    else if (rules.isPoisonous(transaction)) refuse(POISONOUS);
    else {
      const resolved = upToDate(candidate, rules);
      if ('error' in resolved) refuse(resolved.error);
      else {
        seen.add(name);
        accepted.push(resolved);
      }
    }
  }
  return { accepted, refused };
}

/** Parts those that can be executed from those that could not be proved then. */
export function withoutUnprovable(
  { accepted, refused }: Sifted,
  batch: { unprovable(transactions: readonly Transaction[]): Set<Transaction> },
): Sifted {
  const unprovable = batch.unprovable(accepted.map(({ transaction }) => transaction));
  if (unprovable.size === 0) return { accepted, refused };
  return {
    accepted: accepted.filter(({ transaction }) => !unprovable.has(transaction)),
    refused: [
      ...refused,
      ...accepted
        .filter(({ transaction }) => unprovable.has(transaction))
        .map((transaction) => ({ transaction, error: UNPROVABLE })),
    ],
  };
}

/** What was found out of a transaction earlier ages with its blockhash, and with the lookup tables that it uses. */
function upToDate(candidate: RuntimeTransaction, rules: SiftRules): RuntimeTransaction | { error: unknown } {
  const { transaction, tables, nonceAccount } = candidate;
  const hasNonce = nonceAccount !== undefined;
  const recent = !hasNonce && rules.isBlockhashRecent(transaction.message.recentBlockhash);
  if (tables.length === 0 && (recent || hasNonce)) return candidate;
  try {
    const resolved = rules.resolve(transaction);
    return recent || resolved.nonceAccount !== undefined ? resolved : { error: 'BlockhashNotFound' };
  } catch (error) {
    if (!(error instanceof TransactionRejectedError)) throw error;
    return { error: error.transactionError };
  }
}
