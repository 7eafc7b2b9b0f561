import { PolyproofError } from '@polyproof/base';
import { invalidParams, RpcError } from './errors.js';

/** Codes of refusals that Solana knows, with its name for the reason (a JSON TransactionError). */
const SOLANA_REASONS: Readonly<Record<string, string>> = {
  BLOCKHASH_NOT_FOUND: 'BlockhashNotFound',
  ALREADY_PROCESSED: 'AlreadyProcessed',
  ACCOUNT_NOT_FOUND: 'AccountNotFound',
  INSUFFICIENT_FUNDS_FOR_FEE: 'InsufficientFundsForFee',
};

/**
 * The answer to a transaction that was not admitted, from the error of the mempool.
 *
 * Reasons that only this rollup has are given as `data.err = {polyproof: code, program, reason}`, and once
 * more in `data.logs`, because client libraries show the logs of an error whose reason they do not know.
 */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof PolyproofError)) return error;
  const { code, message, details } = error;
  const solanaReason = SOLANA_REASONS[code];
  if (solanaReason !== undefined)
    return new RpcError('TRANSACTION_REFUSED', `Transaction simulation failed: ${message}`, {
      ...EMPTY_SIMULATION,
      err: solanaReason,
    });
  switch (code) {
    case 'TRANSACTION_DECODE':
      return invalidParams(`failed to deserialize the transaction: ${message}`);
    case 'SIGNATURE_FAILURE':
      return new RpcError('SIGNATURE_FAILURE', message);
    case 'MEMPOOL_FULL':
      return new RpcError('NODE_UNHEALTHY', message, {});
    case 'NOT_PROVABLE':
      return new RpcError('TRANSACTION_REFUSED', `Transaction refused: ${message}`, {
        ...EMPTY_SIMULATION,
        err: { polyproof: code, program: details.program ?? null, reason: details.reason ?? message },
        logs: [`Polyproof refused the transaction (${code}): ${message}`],
      });
    default:
      return error;
  }
}

/** The shape of Solana's simulation result, which clients expect beside `err`. */
const EMPTY_SIMULATION = {
  accounts: null,
  innerInstructions: null,
  logs: [] as string[],
  returnData: null,
  unitsConsumed: 0,
};
