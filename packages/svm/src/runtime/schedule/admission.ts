import { isReserved } from '../resolve/native-programs.js';
import type { EngineOutcome } from '../types.js';
import type { AccountCache } from './account-cache.js';
import type { AccountRecord } from './account-record.js';
import {
  loadedDataCost,
  loadedSize,
  transactionCost,
  writableDataCost,
  writableProgramCost,
} from './cost-model.js';
import type { Scheduled } from './scheduled.js';

/** Finds the accounts that the candidate locks, and what it may cost. To be called in the order of the block. */
export function prepare(candidate: Scheduled, cache: AccountCache): void {
  const { accountKeys, writable, tables } = candidate.transaction;
  const locks: AccountRecord[] = [];
  let loaded = 0;
  const lock = (record: AccountRecord) => {
    locks.push(record);
    loaded += loadedSize(record.dataLength);
  };
  for (let i = 0; i < accountKeys.length; i++) if (writable[i]) lock(cache.get(accountKeys[i]!));
  const writes = locks.length;
  // Reserved accounts are in every engine, and nobody can write them.
  for (let i = 0; i < accountKeys.length; i++)
    if (!writable[i] && !isReserved(accountKeys[i]!)) lock(cache.get(accountKeys[i]!));
  let surcharge = 0;
  for (let i = 0, own = locks.length; i < own; i++) {
    const record = locks[i]!;
    if (i < writes) surcharge += writableDataCost(record.dataLength);
    if (!record.executable) continue;
    // The code of a program is no account of the transaction, but it must not change under it.
    const code = record.link(cache.get);
    if (code !== undefined && !locks.includes(code)) lock(code);
    if (i < writes) surcharge += writableProgramCost((code ?? record).dataLength);
  }
  for (const table of tables) {
    const record = cache.get(table);
    if (!locks.includes(record)) lock(record);
  }

  candidate.locks = locks;
  candidate.writes = writes;
  const { fixed, requested } = transactionCost(candidate.transaction);
  candidate.fixedCost = fixed + surcharge;
  candidate.requestedCost = requested + surcharge;
  candidate.loadedCost = loadedDataCost(loaded);
}

/**
 * Whether an earlier candidate asked to write a lookup table of this one, which then has to be resolved again: it is for
 * a later block, whatever became of the earlier one.
 */
export function usesTableOfThisBlock({ transaction: { tables } }: Scheduled, cache: AccountCache): boolean {
  return tables.some((table) => cache.get(table).writeRequested);
}

/** Puts the candidate behind all earlier ones with a conflicting lock. */
export function takeLocks(candidate: Scheduled): void {
  const { locks, writes } = candidate;
  for (let i = 0; i < locks.length; i++) {
    const record = locks[i]!;
    if (record.writer !== undefined) candidate.follow(record.writer);
    if (i >= writes) record.readers.push(candidate);
    else {
      if (record.readers.length > 0) {
        for (const reader of record.readers) candidate.follow(reader);
        record.readers = [];
      }
      record.writer = candidate;
    }
  }
}

/** What an executed transaction cost, in compute units; nothing where it is not in the block. */
export function usedCost(
  { fixedCost, loadedCost, requestedCost }: Scheduled,
  outcome: EngineOutcome,
): number {
  if (outcome.status === 'rejected') return 0;
  return Math.min(fixedCost + loadedCost + Number(outcome.computeUnits), requestedCost);
}
