import { type Field, fieldFromHex, fieldToHex, type Hex } from '@polyproof/base';
import { ProofError } from './errors.js';
import type { CircuitInputs, Statement } from './types.js';

const FIELDS = [
  ['prevStateRoot', 'prev_state_root'],
  ['newStateRoot', 'new_state_root'],
  ['prevDataHash', 'prev_data_hash'],
  ['newDataHash', 'new_data_hash'],
  ['firstBatch', 'first_batch'],
  ['lastBatch', 'last_batch'],
  ['exitRoot', 'exit_root'],
  ['configHash', 'config_hash'],
  ['keySetRoot', 'key_set_root'],
] as const;

/**
 * The statement of any proof; behind that of a final proof stands its prover.
 * @throws {ProofError} when there are not as many public inputs as a statement has fields, or one more
 */
export function statementFromPublicInputs(publicInputs: readonly Hex[]): Statement {
  if (publicInputs.length !== FIELDS.length && publicInputs.length !== FIELDS.length + 1)
    throw new ProofError(
      'BAD_PROOF_SHAPE',
      `a statement has ${FIELDS.length} public inputs, and a final proof one more, got ${publicInputs.length}.`,
    );
  return Object.fromEntries(
    FIELDS.map(([name], i) => [name, fieldFromHex(publicInputs[i]!)]),
  ) as unknown as Statement;
}

/** The account that a final proof is bound to, as a number; 0 for nobody, as in every other proof. */
export function proverFromPublicInputs(publicInputs: readonly Hex[]): Field {
  const prover = publicInputs[FIELDS.length];
  return prover === undefined ? 0n : fieldFromHex(prover);
}

/** @param prover - of a final proof: the account that it is bound to, 0 for nobody */
export function statementToPublicInputs(statement: Statement, prover?: Field): Hex[] {
  const inputs = FIELDS.map(([name]) => fieldToHex(statement[name]));
  return prover === undefined ? inputs : [...inputs, fieldToHex(prover)];
}

/** The statement under the parameter names of the circuits. */
export function statementToCircuit(statement: Statement): CircuitInputs {
  return Object.fromEntries(FIELDS.map(([name, parameter]) => [parameter, fieldToHex(statement[name])]));
}
