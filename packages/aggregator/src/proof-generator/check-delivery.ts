import { errorMessage } from '@polyproof/base';
import { type Proof, statementFromPublicInputs } from '@polyproof/proofs';
import type { ProofVerifier } from '../ports.js';
import type { TaskRow } from './check-statement.js';
import { taskLabel } from './plan-tasks.js';
import type { TaskInputs } from './task-inputs.js';

export interface Fault {
  code: 'INVALID_PROOF' | 'WRONG_STATEMENT';
  message: string;
}

/** What is wrong with a delivered proof; `undefined` when it is the one asked for. */
export async function faultOf(
  task: TaskRow,
  proof: Proof,
  modules: { inputs: TaskInputs; verifier: ProofVerifier },
): Promise<Fault | undefined> {
  const label = taskLabel(task);
  const { expected } = task;
  const differs =
    proof.publicInputs.length !== expected?.length || proof.publicInputs.some((v, i) => v !== expected[i]);
  if (expected !== null && differs) {
    const i = expected.findIndex((value, index) => value !== proof.publicInputs[index]);
    const message = `${label}: public input ${i} is ${proof.publicInputs[i] ?? 'missing'}, expected ${expected[i]}.`;
    return { code: 'WRONG_STATEMENT', message };
  }
  try {
    const problem = await modules.inputs.contradiction(task, statementFromPublicInputs(proof.publicInputs));
    if (problem !== undefined) return { code: 'WRONG_STATEMENT', message: `${label}: ${problem}.` };
  } catch (error) {
    return { code: 'WRONG_STATEMENT', message: `${label}: ${errorMessage(error)}` };
  }
  if (await modules.verifier.verify(proof)) return undefined;
  return { code: 'INVALID_PROOF', message: `${label}: the proof is not valid.` };
}
