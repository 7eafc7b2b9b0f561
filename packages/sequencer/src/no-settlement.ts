import type { Field } from '@polyproof/base';
import type { BatchSource } from './ports.js';

/**
 * Finality of a rollup without a base chain: every closed batch counts as final, because nobody else is asked.
 *
 * Nothing verifies it. Whoever uses the rollup trusts the one who runs this node.
 */
export class NoSettlement {
  readonly #bank: BatchSource;
  readonly #genesisStateRoot: Field;

  constructor(options: { genesisStateRoot: Field }, modules: { bank: BatchSource }) {
    this.#genesisStateRoot = options.genesisStateRoot;
    this.#bank = modules.bank;
  }

  /** As a settlement contract would tell it. There are no sequences. */
  get view(): {
    lastSequence: bigint;
    lastBatch: bigint;
    verifiedSequence: bigint;
    verifiedStateRoot: Field;
  } {
    const { lastBatch } = this.#bank;
    const verifiedStateRoot = this.#bank.getBatch(lastBatch)?.newStateRoot ?? this.#genesisStateRoot;
    return { lastSequence: 0n, lastBatch, verifiedSequence: 0n, verifiedStateRoot };
  }

  /** Last batch that counts as final; 0n when none is closed. */
  verifiedBatch(): bigint {
    return this.#bank.lastBatch;
  }

  /** There are no sequences. */
  async sequenceOfBatch(_batch: bigint): Promise<bigint | undefined> {
    return undefined;
  }
}
