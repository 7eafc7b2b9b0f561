import { expect, it } from 'vitest';
import { Pace } from '../../src/producer/pace.js';

it('Pace keeps the interval, and does not make up for late steps', () => {
  let now = 0;
  const pace = new Pace({ intervalMs: 400 }, { now: () => now });
  const waits = [];
  for (const duration of [100, 0, 1_000, 100, 400]) {
    pace.begin();
    now += duration;
    waits.push(pace.waitMs);
    now += pace.waitMs;
  }
  expect(waits).toEqual([300, 400, 0, 300, 0]);
});
