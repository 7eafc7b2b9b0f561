import { initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { testExecutor } from './sbpf-circuit.js';
import { CASES } from './sbpf-transaction-cases.js';
import { CIRCUIT, inputs, run } from './sbpf-transactions.js';

let execute: (inputs: unknown) => Promise<unknown>;

beforeAll(async () => {
  await initHashing();
  execute = await testExecutor(CIRCUIT);
}, 300_000);

describe('the circuit proves transactions', () => {
  for (const [name, blocks, fails, before] of CASES)
    it(name, async () => {
      const { rows } = run(blocks, before);
      expect(rows.filter(({ kind }) => kind === 1).map((row) => row.fails)).toEqual(fails);
      await expect(execute(inputs(blocks, before)).then(() => 'accepted')).resolves.toBe('accepted');
    });
});
