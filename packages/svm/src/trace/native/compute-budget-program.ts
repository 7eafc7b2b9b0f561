import type { TransactionState } from '../transaction-state.js';

const COST = 150;

/** Does nothing: its instructions were read before the transaction began. */
export function computeBudget({ meter }: TransactionState): void {
  meter.consume(COST);
}
