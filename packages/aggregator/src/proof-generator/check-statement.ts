import { type Field, fieldFromHex, fieldToHex, type Hex } from '@polyproof/base';
import { type CircuitInputs, type Statement, statementToPublicInputs } from '@polyproof/proofs';
import type { sequences, tasks } from '../database/schema.js';
import { AggregatorError } from '../errors.js';
import type { ProgramSet } from '../ports.js';

export type SequenceRow = typeof sequences.$inferSelect;
export type TaskRow = typeof tasks.$inferSelect;

export interface StatementFacts {
  sequence: SequenceRow;
  task: Pick<TaskRow, 'kind' | 'firstBatch' | 'lastBatch'>;
  configHash: Field;
  programs: Pick<ProgramSet, 'keySetRoot' | 'signed'>;
  /** what the proofs of the same level to the left and right say, where known */
  left?: Statement | undefined;
  right?: Statement | undefined;
}

/**
 * Compares what a proof of a task says with what the base chain says about its sequence, and with its neighbours.
 * @returns a sentence for the first contradiction; `undefined` when there is none
 */
export function contradiction(statement: Statement, facts: StatementFacts): string | undefined {
  const { sequence, task, left, right } = facts;
  const first = task.firstBatch === sequence.firstBatch;
  const last = task.lastBatch === sequence.lastBatch;
  const ofSignatures = task.kind === 'signatures' || task.kind === 'signatureAggregation';
  const { keySetRoot, signed } = facts.programs;
  const ofFinal = task.kind === 'final' ? signed?.finalKeySetRoot : undefined;
  const nothing = 'what signatures say';
  const expectations: [keyof Statement, Field | undefined, string][] = [
    ['firstBatch', task.firstBatch, 'the task'],
    ['lastBatch', task.lastBatch, 'the task'],
    ['configHash', ofSignatures ? 0n : facts.configHash, ofSignatures ? nothing : 'the rollup'],
    ['keySetRoot', ofSignatures ? signed?.keySetRoot : (ofFinal ?? keySetRoot), 'the circuits in use'],
    ['prevDataHash', first ? fieldFromHex(sequence.prevDataHash) : left?.newDataHash, 'what comes before'],
    ['newDataHash', last ? fieldFromHex(sequence.newDataHash) : right?.prevDataHash, 'what comes after'],
  ];
  const ofSigned: typeof expectations = [
    ['prevStateRoot', 0n, nothing],
    ['newStateRoot', 0n, nothing],
    ['exitRoot', 0n, nothing],
  ];
  const ofState: typeof expectations = [
    ['prevStateRoot', first ? fieldFromHex(sequence.prevStateRoot) : left?.newStateRoot, 'what comes before'],
    [
      'newStateRoot',
      last ? fieldFromHex(sequence.claimedRoot) : right?.prevStateRoot,
      last ? 'the claim of the sequencer' : 'what comes after',
    ],
  ];
  for (const [name, expected, source] of [...expectations, ...(ofSignatures ? ofSigned : ofState)])
    if (expected !== undefined && statement[name] !== expected)
      return `${name} is ${show(name, statement[name])}, but ${source} says ${show(name, expected)}`;
  return undefined;
}

function show(name: keyof Statement, value: Field): string {
  return name === 'firstBatch' || name === 'lastBatch' ? value.toString() : fieldToHex(value);
}

const PARAMETERS = {
  prevStateRoot: 'prev_state_root',
  newStateRoot: 'new_state_root',
  prevDataHash: 'prev_data_hash',
  newDataHash: 'new_data_hash',
  firstBatch: 'first_batch',
  lastBatch: 'last_batch',
  exitRoot: 'exit_root',
  configHash: 'config_hash',
  keySetRoot: 'key_set_root',
} as const satisfies Record<keyof Statement, string>;

/**
 * The public inputs of a proof from these inputs: the statement, and the prover where the circuit takes one.
 * @throws {AggregatorError} `BAD_INPUTS` as {@link statementOfInputs}
 */
export function publicInputsOf(inputs: CircuitInputs): Hex[] {
  const { prover } = inputs;
  return statementToPublicInputs(
    statementOfInputs(inputs),
    typeof prover === 'string' ? fieldFromHex(prover) : undefined,
  );
}

/**
 * The statement that a proof from these inputs will make: every circuit takes it as the parameter `statement`.
 * @throws {AggregatorError} `BAD_INPUTS` when it is missing or incomplete
 */
export function statementOfInputs(inputs: CircuitInputs): Statement {
  const given = (inputs.statement ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(PARAMETERS).map(([name, parameter]) => {
      const value = given[parameter];
      if (typeof value !== 'string' && typeof value !== 'number')
        throw new AggregatorError(
          'BAD_INPUTS',
          `the circuit's inputs have no statement.${parameter}: got ${String(value)}.`,
        );
      return [name, fieldFromHex(String(value))];
    }),
  ) as unknown as Statement;
}
