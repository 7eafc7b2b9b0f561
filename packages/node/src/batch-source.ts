import type { BatchInputs } from '@polyproof/aggregator';
import { type Artifacts, withKeySet } from '@polyproof/proofs';
import {
  type Bank,
  type BatchWitness,
  batchCircuitInputs,
  checkSignatures,
  type StatelessExecutor,
  signatureCircuitInputs,
} from '@polyproof/svm';
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
    const witness = this.#witness(batchNumber);
    const { accounts } = await this.#stateless.execute(witness);
    const { circuit, inputs } = batchCircuitInputs(witness, accounts);
    return { program: circuit, inputs: withKeySet(this.#artifacts, inputs) };
  }

  /** @throws {NodeError} `NO_SUCH_BATCH`, `SIGNATURES_NOT_PROVED`; {@link WitnessError} where a signature is missing or wrong */
  async getSignatureInputs(batchNumber: bigint): Promise<BatchInputs> {
    const { signed } = this.#artifacts;
    if (signed === undefined)
      throw new NodeError('SIGNATURES_NOT_PROVED', 'the circuits were made without those of signatures.');
    const witness = this.#witness(batchNumber);
    checkSignatures(witness);
    return { program: 'svm_signatures', inputs: withKeySet(signed, signatureCircuitInputs(witness)) };
  }

  #witness(batchNumber: bigint): BatchWitness {
    const witness = this.#bank.getWitness(batchNumber);
    if (witness === undefined)
      throw new NodeError('NO_SUCH_BATCH', `this node has no witness of batch ${batchNumber}.`, {
        batchNumber,
      });
    return witness;
  }
}
