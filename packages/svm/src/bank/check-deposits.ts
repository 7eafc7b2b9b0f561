import { depositRefusal } from '../deposits.js';
import { BankError } from '../errors.js';
import { RENT_EXEMPT_MINIMUM } from '../rollup-config.js';
import type { BankReader, QueuedDeposit } from './types.js';

/** @throws {BankError} `BAD_DEPOSIT` or `BATCH_NOT_EMPTY` where these cannot be credited next */
export function checkDeposits(
  deposits: readonly QueuedDeposit[],
  { execution, openBatch, nextDeposit }: Pick<BankReader, 'execution' | 'openBatch' | 'nextDeposit'>,
): void {
  const bad = (what: string, index?: bigint) => new BankError('BAD_DEPOSIT', `${what}.`, { index });
  if (execution !== 'zk') throw bad('only a rollup with validity proofs takes deposits');
  if (openBatch.transactions > 0 || openBatch.deposits > 0)
    throw new BankError(
      'BATCH_NOT_EMPTY',
      `batch ${openBatch.number} has begun already: deposits come first in a batch, close it.`,
      { ...openBatch },
    );
  let next = nextDeposit;
  for (const { index, recipient, lamports } of deposits) {
    if (index < next) throw bad(`deposit ${index} comes again: the next one is ${next}`, index);
    const refusal = depositRefusal(recipient);
    if (refusal !== undefined) throw bad(`deposit ${index} cannot be proved: ${refusal}`, index);
    if (lamports < RENT_EXEMPT_MINIMUM)
      throw bad(
        `deposit ${index} has ${lamports} lamports, at least ${RENT_EXEMPT_MINIMUM} are needed`,
        index,
      );
    next = index + 1n;
  }
}
