import { encodeAccount } from '@polyproof/state';
import { rentExemptMinimum, systemAccount } from '../rollup-config.js';
import type { AccountEntry, AccountSource } from '../runtime/types.js';
import { DATA_AT, lamportsOf, sameBytes, withLamports } from './account-bytes.js';

/**
 * Gives the fees of a block to the collector, at its end; they are burnt where it would not be exempt from rent.
 * @param entries - what the block changed
 * @returns the same array where there is nothing to give
 */
export function creditFees(
  source: AccountSource,
  collector: Uint8Array,
  entries: readonly AccountEntry[],
  fees: bigint,
): readonly AccountEntry[] {
  if (fees === 0n) return entries;
  const changed = entries.findLast(([address]) => sameBytes(address, collector));
  const before = changed === undefined ? source.get(collector) : changed[1];
  const lamports = lamportsOf(before) + fees;
  if (lamports < rentExemptMinimum(before === null ? 0 : before.length - DATA_AT)) return entries;
  const after = before === null ? encodeAccount(systemAccount(lamports)) : withLamports(before, lamports);
  return [...entries, [collector, after]];
}
