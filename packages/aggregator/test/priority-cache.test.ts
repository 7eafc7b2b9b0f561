import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PriorityCache } from '../src/proof-sender/priority-cache.js';

describe('PriorityCache', () => {
  it('keeps each sequence once, with its first item', () => {
    const cache = new PriorityCache<string>();
    expect(cache.add(3n, 'a')).toBe(true);
    expect(cache.add(3n, 'b')).toBe(false);
    expect(cache.entries()).toEqual([[3n, 'a']]);
  });

  it('behaves as a sorted map under any operations', () => {
    const operation = fc.record({ add: fc.boolean(), sequence: fc.bigInt({ min: 1n, max: 12n }) });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const cache = new PriorityCache<number>();
        const model = new Map<bigint, number>();
        for (const [i, { add, sequence }] of operations.entries()) {
          if (add) {
            expect(cache.add(sequence, i)).toBe(!model.has(sequence));
            if (!model.has(sequence)) model.set(sequence, i);
          } else {
            expect(cache.remove(sequence)).toBe(model.get(sequence));
            model.delete(sequence);
          }
          const sorted = [...model].sort(([a], [b]) => Number(a - b));
          expect(cache.entries()).toEqual(sorted);
          expect(cache.peek()).toEqual(sorted[0]);
          expect(cache.size).toBe(model.size);
        }
      }),
    );
  });
});
