import { initHashing } from '@polyproof/state';
import { beforeAll, describe, expect, it } from 'vitest';
import { CommittedProgram } from '../../packages/svm/src/zkvm/commitment.js';
import { runInputs } from '../../packages/svm/src/zkvm/inputs.js';
import { executeInMachine, tokenProgram } from '../../packages/svm/test/zkvm/execute.js';
import { SCENARIOS, type Scenario } from '../../packages/svm/test/zkvm/token-scenarios.js';
import { CAPACITY, PAGE_DEPTH, sbpfExecutor } from './sbpf-circuit.js';

let execute: (inputs: unknown) => Promise<unknown>;
let program: CommittedProgram;

beforeAll(async () => {
  await initHashing();
  program = new CommittedProgram(tokenProgram().entries, PAGE_DEPTH);
  execute = await sbpfExecutor();
}, 300_000);

function inputsOf(scenario: Scenario) {
  const { run, image } = executeInMachine(scenario);
  return runInputs(run, [program], image.cells, CAPACITY);
}

describe('the circuit proves what the token program does', () => {
  for (const scenario of SCENARIOS)
    it(scenario.name, async () => {
      await expect(execute(inputsOf(scenario))).resolves.toBeDefined();
    });
});
