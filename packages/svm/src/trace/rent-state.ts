import type { Account } from '@polyproof/state';
import { rentExemptMinimum } from '../rollup-config.js';

/** What an account is to rent (Agave's RentState). */
export type RentState =
  | { kind: 'uninitialized' }
  | { kind: 'exempt' }
  | { kind: 'paying'; dataBytes: number; lamports: bigint };

export function rentState({ lamports, data }: Account): RentState {
  if (lamports === 0n) return { kind: 'uninitialized' };
  if (lamports >= rentExemptMinimum(data.length)) return { kind: 'exempt' };
  return { kind: 'paying', dataBytes: data.length, lamports };
}

/** Whether a transaction may change it so: nobody starts to pay rent, and who does may neither grow nor gain. */
export function allowsRentChange(before: RentState, after: RentState): boolean {
  if (after.kind !== 'paying') return true;
  return (
    before.kind === 'paying' && before.dataBytes === after.dataBytes && after.lamports <= before.lamports
  );
}
