import { BaseError, type Hex } from 'viem';
import { isUnreachable, type Reader } from './rpc.js';

/**
 * What nodes say of a transaction that is on its way nevertheless: they have it, or another version of it, or its nonce is
 * used, perhaps by itself.
 */
const NOT_A_REFUSAL =
  /already known|already imported|already exists|nonce too low|underpriced|known transaction/i;

/**
 * Gives a signed transaction to all RPCs.
 * @returns `undefined` when one took it, knows it, or did not answer, so that it may be on its way; else why not
 */
export async function broadcast(
  clients: readonly Reader[],
  { raw, hash }: { raw: Hex; hash: Hex },
): Promise<unknown> {
  const answers = await Promise.allSettled(
    clients.map((client) => client.sendRawTransaction({ serializedTransaction: raw })),
  );
  const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  if (refusals.length < answers.length || refusals.some(mayBeOnItsWay)) return undefined;
  // Reported failed, and yet there.
  const known = await Promise.allSettled(clients.map((client) => client.getTransaction({ hash })));
  return known.some(({ status }) => status === 'fulfilled') ? undefined : refusals[0];
}

function mayBeOnItsWay(error: unknown): boolean {
  if (isUnreachable(error)) return true;
  for (let e = error; e instanceof Error; e = e.cause as unknown) {
    const text = e instanceof BaseError ? `${e.shortMessage} ${e.details}` : e.message;
    if (NOT_A_REFUSAL.test(text)) return true;
  }
  return false;
}
