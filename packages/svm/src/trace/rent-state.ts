import { equalBytes } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import { rentExemptMinimum } from '../rollup-config.js';

/** What an account is to rent (Agave's RentState). */
export type RentState =
  | { kind: 'uninitialized' }
  | { kind: 'exempt' }
  | { kind: 'paying'; dataBytes: number; lamports: bigint; owner: Uint8Array };

export function rentState({ lamports, data, owner }: Account): RentState {
  if (lamports === 0n) return { kind: 'uninitialized' };
  if (lamports >= rentExemptMinimum(data.length)) return { kind: 'exempt' };
  return { kind: 'paying', dataBytes: data.length, lamports, owner };
}

/**
 * Whether a transaction may change it so (SIMD-0392): nobody comes below what exempts from rent, and who has been there
 * may neither lose lamports nor grow nor change hands.
 */
export function allowsRentChange(before: RentState, after: RentState): boolean {
  if (after.kind !== 'paying') return true;
  return (
    before.kind === 'paying' &&
    after.dataBytes <= before.dataBytes &&
    after.lamports >= before.lamports &&
    equalBytes(after.owner, before.owner)
  );
}
