import type { Field, Hex } from '@polyproof/base';
import {
  type CircuitInputs,
  type ProgramName,
  type Proof,
  type Statement,
  statementFromPublicInputs,
} from '@polyproof/proofs';
import type { BatchInputs, BatchSource, InputComposer } from '../ports.js';
import { contradiction, publicInputsOf, statementOfInputs, type TaskRow } from './check-statement.js';
import type { TaskStore } from './task-store.js';

export interface PreparedTask {
  /** which circuit proves it */
  program: ProgramName;
  inputs: CircuitInputs;
  /** of the proof that will come of it */
  publicInputs: Hex[];
  /** why no proof from these inputs can settle the sequence */
  problem: string | undefined;
}

/** Makes the inputs of tasks, and holds statements against what is known of their sequence. */
export class TaskInputs {
  readonly #options: { configHash: Field; keySetRoot: Field; prover: Field };
  readonly #store: TaskStore;
  readonly #batchSource: BatchSource;
  readonly #composer: InputComposer;

  constructor(
    options: { configHash: Field; keySetRoot: Field; prover: Field },
    modules: { store: TaskStore; batchSource: BatchSource; composer: InputComposer },
  ) {
    this.#options = options;
    this.#store = modules.store;
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
    const { left, right } = await this.#store.neighbours(task);
    return contradiction(statement, {
      ...this.#options,
      task,
      sequence: (await this.#store.sequence(task.sequence))!,
      left: expectedOf(left),
      right: expectedOf(right),
    });
  }

  async #inputsOf(task: TaskRow): Promise<BatchInputs> {
    if (task.kind === 'batch') return this.#batchSource.getBatchInputs(task.firstBatch);
    const [left, right] = (await this.#store.proofsOf(task.parts)) as [Proof, Proof | undefined];
    return right === undefined
      ? { program: 'final', inputs: this.#composer.finalInputs(left, this.#options.prover) }
      : { program: 'aggregate', inputs: this.#composer.aggregateInputs(left, right) };
  }
}

function expectedOf(task: TaskRow | undefined): Statement | undefined {
  return task?.expected ? statementFromPublicInputs(task.expected) : undefined;
}
