import fc from 'fast-check';
import { COLLECTOR, SOL } from './helpers.js';
import type { TransferParts } from './wire.js';

/** Balances and amounts at the edges of the rules: the fee is 5,000, the rent minimum 890,880 lamports. */
export const EDGES = [
  0n,
  1n,
  4_999n,
  5_000n,
  5_001n,
  10_000n,
  890_879n,
  890_880n,
  890_881n,
  895_879n,
  895_880n,
  900_880n,
  SOL,
  SOL - 5_000n,
  SOL - 10_000n,
  SOL - 5_001n,
  SOL - 895_880n,
];
/** Amounts that nobody holds, and that would overflow 64 bits where they were added to a balance. */
const HUGE = [1n << 63n, (1n << 64n) - 1n];
export const NAMES = ['a', 'b', 'c', 'd', 'e', COLLECTOR];

const name = fc.constantFrom(...NAMES);

export const transferArbitrary: fc.Arbitrary<TransferParts> = fc
  .record({
    payer: name,
    samePayer: fc.boolean(),
    from: name,
    to: name,
    lamports: fc.oneof(fc.constantFrom(...EDGES, ...HUGE), fc.bigInt({ min: 0n, max: SOL })),
    version: fc.constantFrom('legacy' as const, 0 as const),
    readonlyTo: rarely(),
    readonlyFrom: rarely(),
    unsignedFrom: rarely(),
  })
  .map(({ samePayer, payer, ...parts }) => ({ ...parts, payer: samePayer ? parts.from : payer }));

export const blockArbitrary = fc.array(transferArbitrary, { minLength: 1, maxLength: 4 });

function rarely(): fc.Arbitrary<boolean> {
  return fc.integer({ min: 0, max: 7 }).map((n) => n === 0);
}
