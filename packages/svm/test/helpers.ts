/** What tests of a small ledger have in common. */
export const SOL = 1_000_000_000n;
export const COLLECTOR = 'collector';
