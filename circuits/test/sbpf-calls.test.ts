import { initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { CASES } from './sbpf-call-cases.js';
import { runCalls } from './sbpf-calls.js';
import { testExecutor } from './sbpf-circuit.js';
import { CIRCUIT } from './sbpf-transactions.js';

let execute: (inputs: unknown) => Promise<unknown>;

beforeAll(async () => {
  await initHashing();
  execute = await testExecutor(CIRCUIT);
}, 300_000);

describe('the circuit proves programs that invoke others', () => {
  for (const [name, of, fails] of CASES)
    it(name, async () => {
      const { run, inputs } = runCalls(of());
      expect(run.rows.filter(({ kind }) => kind === 1).map((row) => row.fails)).toEqual([fails]);
      await expect(execute(inputs()).then(() => 'accepted')).resolves.toBe('accepted');
    });
});
