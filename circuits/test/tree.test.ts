import type { CompiledCircuit } from '@noir-lang/noir_js';
import type { Field } from '@polyproof/base';
import { initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Balances, key, rootOf, treeCircuit, treeInputs } from './tree-update.js';

let circuit: CompiledCircuit;
beforeAll(async () => {
  await initHashing();
  circuit = await treeCircuit();
}, 60_000);

const [A, B, C, D] = [key(0, 0, 0), key(0, 0, 1), key(0, 0, 2), key(1)];

describe('updates of the tree in the circuit', () => {
  const expectRoot = async (before: Balances, changes: Balances) => {
    const { inputs, root } = treeInputs(before, changes);
    expect(await rootOf(inputs, circuit)).toBe(root);
  };

  it('come to the root of the tree outside: leaves that come, go, change, stay away', async () => {
    // a fixed linear congruential sequence: the same updates every time
    let seed = 99;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return (seed >> 8) % below;
    };
    let balances = new Map<Field, number>();
    for (let round = 0; round < 60; round++) {
      // some share many turns
      const randomKey = () => BigInt(random(4)) * 4n ** BigInt(random(13)) + BigInt(random(2) * random(16));
      const changes = new Map(
        Array.from({ length: 4 }, () => [randomKey(), random(2) * (1 + random(9))] as const),
      );
      // every tenth time all that there is goes
      const rest = [...balances.keys()].filter(() => round % 10 === 9).slice(0, 4);
      for (const gone of rest) if (changes.size < 4) changes.set(gone, 0);
      await expectRoot([...balances], [...changes]);
      balances = new Map([...balances, ...changes].filter(([, lamports]) => lamports > 0));
      if (round % 10 === 9) balances = new Map([...balances].slice(0, 2));
    }
  });

  it('empty a tree and fill it', async () => {
    await expectRoot([[A, 1]], [[A, 0]]);
    await expectRoot([], [[A, 3]]);
    await expectRoot([], [[A, 0]]);
    await expectRoot(
      [[A, 1]],
      [
        [A, 0],
        [B, 0],
        [C, 5],
        [D, 6],
      ],
    );
  });

  it('reach a leaf as deep as the lower 64 bits allow, and no deeper', async () => {
    const near = (digit: number) => 5n + 4n ** BigInt(digit);
    await expectRoot([[5n, 1]], [[near(31), 2]]);
    const { inputs } = treeInputs(
      [
        [5n, 1],
        [near(32), 2],
      ],
      [[5n, 7]],
    );
    await expect(rootOf(inputs, circuit)).rejects.toThrow(/assert_max_bit_size/);
  });
});
