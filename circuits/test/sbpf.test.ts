import { initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { runInputs } from '../../packages/svm/src/zkvm/inputs.js';
import { executeInMachine } from '../../packages/svm/test/zkvm/execute.js';
import { SCENARIOS, type Scenario } from '../../packages/svm/test/zkvm/token-scenarios.js';
import { CAPACITY, testExecutor } from './sbpf-circuit.js';
import { committedToken, mixedRun } from './sbpf-runs.js';

let execute: (inputs: unknown) => Promise<unknown>;

beforeAll(async () => {
  await initHashing();
  execute = await testExecutor('sbpf_run');
}, 300_000);

function inputsOf(scenario: Scenario) {
  const { run, image } = executeInMachine(scenario);
  return runInputs(run, [committedToken()], image.cells, CAPACITY);
}

describe('the circuit proves what the token program does', () => {
  for (const scenario of SCENARIOS)
    it(scenario.name, async () => {
      await expect(execute(inputsOf(scenario))).resolves.toBeDefined();
    });
});

describe('the circuit proves a random program and a transfer in one run', () => {
  for (const seed of [1, 3, 5, 8, 9, 17, 20, 27, 36, 41, 52, 59])
    it(`seed ${seed}`, async () => {
      await expect(execute(mixedRun(seed).inputs)).resolves.toBeDefined();
    });
});
