import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heap } from '../../src/mempool/heap.js';
import '../fixed-seed.js';

const build = (values: number[]) => {
  const heap = new Heap<number>({ isBefore: (a, b) => a < b });
  for (const value of values) heap.push(value);
  return heap;
};
const drain = (heap: Heap<number>) => {
  const drained: number[] = [];
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) drained.push(next);
  return drained;
};
const sorted = (values: number[]) => [...values].sort((a, b) => a - b);

describe('Heap', () => {
  it('gives its items in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (values) => {
        expect(drain(build(values))).toEqual(sorted(values));
      }),
    );
  });

  it('keeps the order after some are forgotten', () => {
    const keeps = (value: number) => value % 3 !== 0;
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.array(fc.integer()), (before, after) => {
        const heap = build(before);
        heap.retain(keeps);
        for (const value of after) heap.push(value);
        expect(heap.size).toBe(before.filter(keeps).length + after.length);
        expect(drain(heap)).toEqual(sorted([...before.filter(keeps), ...after]));
      }),
    );
  });
});
