import { errorMessage, PolyproofError } from '@polyproof/base';
import {
  BaseError,
  ContractFunctionZeroDataError,
  type Hex,
  HttpRequestError,
  TimeoutError,
  WaitForTransactionReceiptTimeoutError,
} from 'viem';
import { ChainError, type ChainErrorCode } from './errors.js';
import { decodeSettlementError, type SettlementError } from './settlement-error.js';

/**
 * Turns whatever viem throws into a SettlementError, when the contracts refused, or a ChainError. The error of viem
 * is not kept as the cause: it carries the request, and the URL with its credentials, into every log.
 * @param what - what was being done, for the message: "committing a proof"
 * @param fallback - the code for what is none of the known problems
 */
export function translateError(
  error: unknown,
  what: string,
  rpcUrl: string,
  fallback: ChainErrorCode,
): PolyproofError {
  if (error instanceof PolyproofError) return error;
  const refusal = refusalIn(error);
  if (refusal !== undefined) return refusal;

  const place = printableUrl(rpcUrl);
  const reason = shortReason(error);
  const fail = (code: ChainErrorCode, message: string) =>
    new ChainError(code, message, { rpc: place, reason });
  const is = (type: new (...args: never[]) => Error) =>
    error instanceof BaseError && error.walk((e) => e instanceof type) !== null;
  if (is(HttpRequestError) || is(TimeoutError))
    return fail('RPC_FAILED', `${what}: the base chain at ${place} does not answer (${reason}).`);
  if (is(ContractFunctionZeroDataError))
    return fail(
      'NO_CONTRACT',
      `${what}: there is no such contract on the base chain at ${place}: it was reset, or the deployment is of ` +
        'another chain.',
    );
  if (is(WaitForTransactionReceiptTimeoutError))
    return fail('TRANSACTION_PENDING', `${what}: not in a block yet; it may still get into one (${reason}).`);
  return fail(fallback, `${what}: refused by the base chain at ${place} (${reason}).`);
}

/** The address of an RPC without credentials, paths and queries, any of which may hold a key. */
export function printableUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '(not a URL)';
}

/** The contracts' own error in what viem throws; `undefined` when there is none. */
export function refusalIn(error: unknown): SettlementError | undefined {
  const data = revertData(error);
  return data === undefined ? undefined : decodeSettlementError(data);
}

/** What the RPC returned with a revert, wherever in the chain of causes it is. */
function revertData(error: unknown): Hex | undefined {
  for (let e: unknown = error; typeof e === 'object' && e !== null; e = (e as { cause?: unknown }).cause) {
    const { raw, data } = e as { raw?: unknown; data?: unknown };
    for (const candidate of [raw, data, (data as { data?: unknown } | undefined)?.data])
      if (typeof candidate === 'string' && candidate.startsWith('0x')) return candidate as Hex;
  }
  return undefined;
}

/** One line: viem's full messages carry the request, and with it the URL. */
function shortReason(error: unknown): string {
  const root = error instanceof BaseError ? error.walk() : error;
  const own = root instanceof BaseError ? root.shortMessage : errorMessage(root);
  const text = (error instanceof BaseError && error.details) || own;
  return text.split('\n', 1)[0] ?? '';
}
