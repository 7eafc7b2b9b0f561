import { describe, expect, it } from 'vitest';
import type { PoolEntry } from '../../src/mempool/pool-entry.js';
import { Ranking } from '../../src/mempool/ranking.js';

const entry = (arrival: number) => ({ arrival, state: 'waiting', rankings: 0 }) as PoolEntry;
const open = () => new Ranking({ bit: 2, isBefore: (a, b) => a.arrival < b.arrival });

describe('Ranking', () => {
  it('passes over what does not wait, and takes it back in its place', () => {
    const ranking = open();
    const [first, second] = [entry(1), entry(2)];
    ranking.add(second);
    ranking.add(first);
    first.state = 'taken';
    expect(ranking.first()).toBe(second);
    first.state = 'waiting';
    ranking.add(first);
    ranking.add(first);
    expect(ranking.first()).toBe(first);
    expect(ranking.size).toBe(2);
  });

  it('forgets what does not wait once it is most of what there is', () => {
    const ranking = open();
    const entries = Array.from({ length: 5_000 }, (_, arrival) => entry(arrival));
    for (const one of entries) ranking.add(one);
    for (const one of entries.slice(0, 2_400)) one.state = 'gone';
    ranking.cleanUp(2_600);
    expect(ranking.size).toBe(5_000);
    for (const one of entries.slice(2_400, 4_999)) one.state = 'taken';
    ranking.cleanUp(1);
    expect(ranking.size).toBe(1);
    expect(ranking.first()).toBe(entries[4_999]);
    const back = entries[3_000]!;
    back.state = 'waiting';
    ranking.add(back);
    expect(ranking.first()).toBe(back);
  });
});
