import type { Field, Hex } from '@polyproof/base';
import {
  type CircuitInputs,
  type ProgramName,
  type Proof,
  type Statement,
  statementFromPublicInputs,
} from '@polyproof/proofs';
import type { BatchInputs, BatchSource, InputComposer, ProgramSet } from '../ports.js';
import { contradiction, publicInputsOf, statementOfInputs, type TaskRow } from './check-statement.js';
import type { TaskReader } from './task-reader.js';

export interface PreparedTask {
  /** which circuit proves it */
  program: ProgramName;
  inputs: CircuitInputs;
  /** of the proof that will come of it */
  publicInputs: Hex[];
  /** why no proof from these inputs can settle the sequence */
  problem: string | undefined;
}

export interface TaskInputsOptions {
  configHash: Field;
  programs: Pick<ProgramSet, 'keySetRoot' | 'signed'>;
  /** account, as a number, that final proofs are bound to; 0 for nobody */
  prover: Field;
}

/** Makes the inputs of tasks, and holds statements against what is known of their sequence. */
export class TaskInputs {
  readonly #options: TaskInputsOptions;
  readonly #reader: TaskReader;
  readonly #batchSource: BatchSource;
  readonly #composer: InputComposer;

  constructor(
    options: TaskInputsOptions,
    modules: { reader: TaskReader; batchSource: BatchSource; composer: InputComposer },
  ) {
    this.#options = options;
    this.#reader = modules.reader;
    this.#batchSource = modules.batchSource;
    this.#composer = modules.composer;
  }

  /** @throws when the inputs cannot be had now, above all when the node does not have the batch yet */
  async prepare(task: TaskRow): Promise<PreparedTask> {
    const { program, inputs } = await this.#inputsOf(task);
    const statement = statementOfInputs(inputs);
    return {
      program,
      inputs,
      publicInputs: publicInputsOf(inputs),
      problem: await this.contradiction(task, statement),
    };
  }

  /** A sentence when `statement`, as a proof of `task`, contradicts the base chain or the neighbouring tasks. */
  async contradiction(task: TaskRow, statement: Statement): Promise<string | undefined> {
    const { left, right } = await this.#reader.neighbours(task);
    return contradiction(statement, {
      ...this.#options,
      task,
      sequence: (await this.#reader.sequence(task.sequence))!,
      left: expectedOf(left),
      right: expectedOf(right),
    });
  }

  async #inputsOf(task: TaskRow): Promise<BatchInputs> {
    if (task.kind === 'batch') return this.#batchSource.getBatchInputs(task.firstBatch);
    if (task.kind === 'signatures') return this.#batchSource.getSignatureInputs(task.firstBatch);
    const [left, right] = (await this.#reader.proofsOf(task.parts)) as [Proof, Proof | undefined];
    return task.kind === 'final'
      ? {
          program: task.program as ProgramName,
          inputs: this.#composer.finalInputs(left, this.#options.prover, right),
        }
      : { program: 'aggregate', inputs: this.#composer.aggregateInputs(left, right!) };
  }
}

function expectedOf(task: TaskRow | undefined): Statement | undefined {
  return task?.expected ? statementFromPublicInputs(task.expected) : undefined;
}
