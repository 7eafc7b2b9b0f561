import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Line } from '../../src/mempool/line.js';
import type { PoolEntry } from '../../src/mempool/pool-entry.js';
import '../fixed-seed.js';

const entry = (arrival: number) => ({ arrival, state: 'waiting', rankings: 0 }) as PoolEntry;
const open = () => new Line({ bit: 2 });

describe('Line', () => {
  it('passes over what does not wait, and takes it back in its place', () => {
    const line = open();
    const [first, second] = [entry(1), entry(2)];
    line.add(second);
    line.add(first);
    first.state = 'taken';
    expect(line.first()).toBe(second);
    expect(line.last()).toBe(second);
    first.state = 'waiting';
    line.add(first);
    line.add(first);
    expect(line.size).toBe(2);
    expect(line.first()).toBe(first);
    expect(line.last()).toBe(second);
  });

  it('forgets what does not wait once it is most of what there is', () => {
    const line = open();
    const entries = Array.from({ length: 5_000 }, (_, arrival) => entry(arrival));
    for (const one of entries) line.add(one);
    for (const one of entries.slice(0, 2_400)) one.state = 'gone';
    line.cleanUp(2_600);
    expect(line.size).toBe(5_000);
    for (const one of entries.slice(2_400, 4_999)) one.state = 'taken';
    line.cleanUp(1);
    expect(line.size).toBe(1);
    expect(line.first()).toBe(entries[4_999]);
    const back = entries[3_000]!;
    back.state = 'waiting';
    line.add(back);
    expect(line.first()).toBe(back);
  });

  it('keeps no room for what has left', () => {
    const line = open();
    const entries = Array.from({ length: 5_000 }, (_, arrival) => entry(arrival));
    for (const one of entries) line.add(one);
    for (const one of entries) {
      expect(line.first()).toBe(one);
      one.state = 'taken';
    }
    expect(line.first()).toBeUndefined();
    expect(line.size).toBe(0);
  });

  it('gives both ends of what waits, whatever left and came back', () => {
    const action = fc.tuple(
      fc.constantFrom('arrive', 'takeFirst', 'takeLast', 'putBack', 'cleanUp'),
      fc.nat(7),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const line = open();
        const everything: PoolEntry[] = [];
        const waiting = () => everything.filter(({ state }) => state === 'waiting');
        for (const [kind, number] of actions) {
          if (kind === 'arrive') {
            everything.push(entry(everything.length));
            line.add(everything.at(-1)!);
          } else if (kind === 'cleanUp') line.retainWaiting();
          else if (kind === 'putBack') {
            const taken = everything.filter(({ state }) => state === 'taken');
            for (const one of taken.slice(number).reverse()) {
              one.state = 'waiting';
              line.add(one);
            }
          } else {
            const found = kind === 'takeFirst' ? line.first() : line.last();
            expect(found).toBe(waiting().at(kind === 'takeFirst' ? 0 : -1));
            if (found !== undefined) found.state = 'taken';
          }
        }
        expect(line.size).toBeGreaterThanOrEqual(waiting().length);
        expect([line.first(), line.last()]).toEqual([waiting()[0], waiting().at(-1)]);
      }),
    );
  });
});
