import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { takeTurn } from '../src/turns.js';

const directory = mkdtempSync(join(tmpdir(), 'polyproof-turns-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('only one has its turn at a time, and all get theirs', async () => {
  const file = join(directory, 'turns.lock');
  let running = 0;
  const seen: number[] = [];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const endTurn = await takeTurn(file);
      running += 1;
      seen.push(running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      endTurn();
    }),
  );
  expect(seen).toEqual(Array.from({ length: 8 }, () => 1));
});
