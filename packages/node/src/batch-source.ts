import type { BatchInputs } from '@polyproof/aggregator';
import { type Artifacts, withKeySet } from '@polyproof/proofs';
import { type Bank, batchCircuitInputs, type StatelessExecutor } from '@polyproof/svm';
import { NodeError } from './errors.js';

/**
 * Inputs of batch circuits from the node's own witnesses. Each witness is executed statelessly first: a damaged
 * one is refused here, before anybody spends time on proving it.
 */
export class WitnessBatchSource {
  readonly #artifacts: Artifacts;
  readonly #bank: Pick<Bank, 'getWitness'>;
  readonly #stateless: StatelessExecutor;

  constructor(
    options: { artifacts: Artifacts },
    modules: { bank: Pick<Bank, 'getWitness'>; stateless: StatelessExecutor },
  ) {
    this.#artifacts = options.artifacts;
    this.#bank = modules.bank;
    this.#stateless = modules.stateless;
  }

  /** @throws {NodeError} `NO_SUCH_BATCH`; {@link WitnessError} when the witness does not lead where it says */
  async getBatchInputs(batchNumber: bigint): Promise<BatchInputs> {
    const witness = this.#bank.getWitness(batchNumber);
    if (witness === undefined)
      throw new NodeError('NO_SUCH_BATCH', `this node has no witness of batch ${batchNumber}.`, {
        batchNumber,
      });
    const { accounts } = await this.#stateless.execute(witness);
    const { circuit, inputs } = batchCircuitInputs(witness, accounts);
    return { program: circuit, inputs: withKeySet(this.#artifacts, inputs) };
  }
}
