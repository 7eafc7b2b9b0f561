import { fieldToHex } from '@polyproof/base';
import { initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { SCENARIOS } from '../../packages/svm/test/zkvm/token-scenarios.js';
import { testExecutor } from './sbpf-circuit.js';
import { CIRCUIT, transitionInputs } from './sbpf-transition.js';

let execute: (inputs: unknown) => Promise<unknown>;

beforeAll(async () => {
  await initHashing();
  execute = await testExecutor(CIRCUIT);
}, 300_000);

const chosen = SCENARIOS.filter(({ name }) => /^(transfer|mintTo|burn|approve|revoke)/.test(name));

describe('the circuit proves what the token program does to accounts of the state tree', () => {
  for (const scenario of chosen)
    it(scenario.name, () =>
      expect(execute(transitionInputs(scenario)).then(() => 'accepted')).resolves.toBe('accepted'),
    );

  for (const column of ['keys', 'old_values', 'new_values'] as const)
    it(`and refuses others of the ${column}`, async () => {
      const inputs = transitionInputs(chosen[0]!);
      inputs[column][1] = fieldToHex(BigInt(inputs[column][1]!) + 1n);
      await expect(execute(inputs).then(() => 'accepted')).rejects.toThrow(/key of|value of/);
    });
});
