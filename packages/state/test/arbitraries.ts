import { FIELD_MODULUS, type Field } from '@polyproof/base';
import fc from 'fast-check';

/** Keys of which many share long prefixes: random fields, small numbers, and near copies in one high bit. */
export const keyArbitrary: fc.Arbitrary<Field> = fc.oneof(
  fc.bigInt({ min: 0n, max: FIELD_MODULUS - 1n }),
  fc.bigInt({ min: 0n, max: 15n }),
  fc
    .tuple(fc.constantFrom(0n, 5n, 0x1234567890abcdefn), fc.integer({ min: 0, max: 252 }))
    .map(([base, bit]) => base ^ (1n << BigInt(bit))),
);

export const changesArbitrary: fc.Arbitrary<Map<Field, Field | null>> = fc
  .array(
    fc.tuple(
      keyArbitrary,
      fc.oneof(
        { weight: 2, arbitrary: fc.bigInt({ min: 0n, max: 1000n }) },
        { weight: 1, arbitrary: fc.constant(null) },
      ),
    ),
    { maxLength: 12 },
  )
  .map((pairs) => new Map(pairs));

/** Several updates, later ones deleting and changing keys of earlier ones. */
export const historyArbitrary: fc.Arbitrary<Map<Field, Field | null>[]> = fc
  .tuple(fc.array(changesArbitrary, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(), { maxLength: 8 }))
  .map(([rounds, picks]) => {
    const keys = rounds.flatMap((round) => [...round.keys()]);
    const last = rounds.at(-1)!;
    if (keys.length > 0) for (const pick of picks) last.set(keys[pick % keys.length]!, null);
    return rounds;
  });

export function applyToMap(map: Map<Field, Field>, changes: ReadonlyMap<Field, Field | null>): void {
  for (const [key, value] of changes) {
    if (value === null) map.delete(key);
    else map.set(key, value);
  }
}
