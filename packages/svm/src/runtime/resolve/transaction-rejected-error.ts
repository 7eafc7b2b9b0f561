import { PolyproofError } from '@polyproof/base';

/** A transaction that Solana's runtime would not include in a block: it costs nothing and changes nothing. */
export class TransactionRejectedError extends PolyproofError<'TRANSACTION_REJECTED'> {
  /** Solana's TransactionError in the form that its JSON-RPC shows. */
  readonly transactionError: unknown;

  /** @param what - the reason, for people */
  constructor(transactionError: unknown, what: string, details: Record<string, unknown> = {}) {
    super('TRANSACTION_REJECTED', `the transaction cannot be executed: ${what}.`, {
      ...details,
      transactionError,
    });
    this.transactionError = transactionError;
  }
}
