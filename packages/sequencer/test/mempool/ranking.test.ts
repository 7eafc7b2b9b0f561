import { describe, expect, it } from 'vitest';
import type { PoolEntry } from '../../src/mempool/pool-entry.js';
import { Ranking } from '../../src/mempool/ranking.js';

const entry = (priority: number, arrival: number) =>
  ({ priority, arrival, state: 'waiting', rankings: 0 }) as PoolEntry;

describe('Ranking', () => {
  it('goes by priority, and by arrival among equals', () => {
    const ranking = new Ranking({ bit: 1 });
    const entries = [entry(1, 0), entry(7, 1), entry(1, 2), entry(7, 3), entry(4, 4)];
    for (const one of entries) ranking.add(one);
    const drain = (next: () => PoolEntry | undefined) => {
      const order: number[] = [];
      for (let one = next(); one !== undefined; one = next()) {
        order.push(one.arrival);
        one.state = 'taken';
      }
      return order;
    };
    expect(drain(() => ranking.first())).toEqual([1, 3, 4, 0, 2]);
    expect(ranking.size).toBe(0);
    for (const one of entries) {
      one.state = 'waiting';
      ranking.add(one);
    }
    expect(drain(() => ranking.last())).toEqual([2, 0, 4, 3, 1]);
  });

  it('takes an entry back in its place, once', () => {
    const ranking = new Ranking({ bit: 1 });
    const [good, bad] = [entry(2, 0), entry(1, 1)];
    ranking.add(good);
    ranking.add(bad);
    good.state = 'taken';
    expect(ranking.first()).toBe(bad);
    good.state = 'waiting';
    ranking.add(good);
    ranking.add(good);
    expect(ranking.size).toBe(2);
    expect(ranking.first()).toBe(good);
    expect(ranking.last()).toBe(bad);
  });

  it('forgets what does not wait once it is most of what there is, with as many priorities as entries', () => {
    const ranking = new Ranking({ bit: 1 });
    const entries = Array.from({ length: 5_000 }, (_, arrival) => entry(arrival * 1.5, arrival));
    for (const one of entries) ranking.add(one);
    for (const one of entries.slice(0, 2_400)) one.state = 'gone';
    ranking.cleanUp(2_600);
    expect(ranking.size).toBe(5_000);
    for (const one of entries.slice(2_400, 4_999)) one.state = 'taken';
    ranking.cleanUp(1);
    expect(ranking.size).toBe(1);
    expect(ranking.first()).toBe(entries[4_999]);
    expect(ranking.last()).toBe(entries[4_999]);
    const back = entries[3_000]!;
    back.state = 'waiting';
    ranking.add(back);
    expect(ranking.first()).toBe(entries[4_999]);
    expect(ranking.last()).toBe(back);
  });
});
