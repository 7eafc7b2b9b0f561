import { fieldFromHex, fieldToHex, type Hex } from '@polyproof/base';
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

/** @throws {ProofError} when there are not exactly as many public inputs as a statement has fields */
export function statementFromPublicInputs(publicInputs: readonly Hex[]): Statement {
  if (publicInputs.length !== FIELDS.length)
    throw new ProofError(
      'BAD_PROOF_SHAPE',
      `a statement has ${FIELDS.length} public inputs, got ${publicInputs.length}.`,
    );
  return Object.fromEntries(
    FIELDS.map(([name], i) => [name, fieldFromHex(publicInputs[i]!)]),
  ) as unknown as Statement;
}

export function statementToPublicInputs(statement: Statement): Hex[] {
  return FIELDS.map(([name]) => fieldToHex(statement[name]));
}

/** The statement under the parameter names of the circuits. */
export function statementToCircuit(statement: Statement): CircuitInputs {
  return Object.fromEntries(FIELDS.map(([name, parameter]) => [parameter, fieldToHex(statement[name])]));
}
