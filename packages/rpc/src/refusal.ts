import { PolyproofError } from '@polyproof/base';
import { invalidParams, RpcError } from './errors.js';
import type { RefusalPort } from './ports.js';

/**
 * The answer to a transaction that was not admitted, from the error of the mempool.
 *
 * Reasons that only this rollup has are given as `data.err = {polyproof: code, program, reason}`, and once
 * more in `data.logs`, because client libraries show the logs of an error whose reason they do not know.
 */
export function refusalOf(error: unknown): unknown {
  if (!(error instanceof PolyproofError)) return error;
  const { code, message, details } = error;
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
      break;
  }
  // Solana's own name for the reason, where the mempool gives one.
  const { transactionError } = error as RefusalPort;
  if (transactionError === undefined) return error;
  return new RpcError('TRANSACTION_REFUSED', `Transaction simulation failed: ${message}`, {
    ...EMPTY_SIMULATION,
    err: transactionError,
  });
}

/** The shape of Solana's simulation result, which clients expect beside `err`. */
const EMPTY_SIMULATION = {
  accounts: null,
  innerInstructions: null,
  logs: [] as string[],
  returnData: null,
  unitsConsumed: 0,
};
