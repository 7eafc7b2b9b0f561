import { equalBytes, InvariantError } from '@polyproof/base';
import { encodeMeta } from '../engine/meta-codec.js';
import type { AccountBytes, EngineOutcome, ExecutedBlock } from '../types.js';
import type { AccountRecord } from './account-record.js';
import type { Scheduled } from './scheduled.js';

/** Of a transaction that no engine has seen. */
const NO_META = encodeMeta({
  logs: [],
  innerInstructions: [],
  preBalances: [],
  postBalances: [],
  preTokenBalances: [],
  postTokenBalances: [],
  loadedAddresses: { writable: [], readonly: [] },
});

/** The outcome of a transaction that is not executed because no block could include it. */
export function rejectedOutcome(error: string): EngineOutcome {
  return { status: 'rejected', error, computeUnits: 0n, feeLamports: 0n, meta: NO_META };
}

/**
 * The block after all that was executed; what was not is deferred.
 * @param late - the deadline has passed, so that transactions may have been admitted and not executed
 */
export function executedBlock(
  candidates: readonly Scheduled[],
  { changed, cost, late }: { changed: readonly AccountRecord[]; cost: number; late: boolean },
): ExecutedBlock {
  const block: ExecutedBlock = { executed: [], deferred: [], poisonous: [], accounts: [], cost };
  for (const { transaction, outcome, poisonous, stage } of candidates) {
    if (outcome !== undefined) block.executed.push({ transaction, outcome });
    else if (poisonous) block.poisonous.push(transaction);
    else if (stage === 'sent' || (stage === 'admitted' && !late))
      throw new InvariantError('a transaction of the block was left behind', { stage });
    else block.deferred.push(transaction);
  }
  for (const { address, before, current } of changed)
    if (!isSame(before, current)) block.accounts.push([address, current]);
  return block;
}

function isSame(a: AccountBytes, b: AccountBytes): boolean {
  return a === b || (a !== null && b !== null && a[0] === b[0] && equalBytes(a, b));
}
