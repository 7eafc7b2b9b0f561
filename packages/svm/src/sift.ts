import { createHash } from 'node:crypto';
import type { Transaction } from './transaction.js';

/** Transactions that are rejected before execution, with Solana's name for the reason. */
export type Refused = [transaction: Transaction, error: 'AlreadyProcessed' | 'BlockhashNotFound'];

/** Parts transactions that may be executed from those that are too old or were processed already. */
export function sift(
  transactions: readonly Transaction[],
  known: { hasMessage(hash: Uint8Array): boolean; isBlockhashRecent(hash: Uint8Array): boolean },
): { accepted: Transaction[]; refused: Refused[] } {
  const accepted: Transaction[] = [];
  const refused: Refused[] = [];
  const seen = new Set<string>();
  for (const transaction of transactions) {
    const hash = messageHash(transaction);
    const text = hash.toString('latin1');
    if (seen.has(text) || known.hasMessage(hash)) refused.push([transaction, 'AlreadyProcessed']);
    else if (!known.isBlockhashRecent(transaction.message.recentBlockhash))
      refused.push([transaction, 'BlockhashNotFound']);
    else {
      seen.add(text);
      accepted.push(transaction);
    }
  }
  return { accepted, refused };
}

/**
 * What identifies a transaction for the search of duplicates. Not its signature: a fee payer can sign the same
 * message again with another one, and so repeat the transfer of somebody who signed only once.
 */
export function messageHash({ messageBytes }: Transaction): Buffer {
  return createHash('sha256').update(messageBytes).digest();
}
