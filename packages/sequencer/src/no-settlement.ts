import type { Field } from '@polyproof/base';
import type { BankEvents } from '@polyproof/svm';
import type { BatchSource } from './ports.js';

/** Where closed batches are found and announced. */
export interface BatchEmitter extends BatchSource {
  on(name: 'batchClosed', listener: (payload: BankEvents['batchClosed']) => void): () => void;
}

/**
 * Finality of a rollup without a base chain: every closed batch counts as final, because nobody else is asked.
 *
 * Nothing verifies it. Whoever uses the rollup trusts the one who runs this node.
 */
export class NoSettlement {
  readonly #bank: BatchEmitter;
  readonly #genesisStateRoot: Field;

  constructor(options: { genesisStateRoot: Field }, modules: { bank: BatchEmitter }) {
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

  /** Calls the listener with every batch number that {@link verifiedBatch} comes to; the returned function ends it. */
  onVerified(listener: (batch: bigint) => void): () => void {
    return this.#bank.on('batchClosed', ({ batch }) => listener(batch.number));
  }

  /** There are no sequences. */
  async sequenceOfBatch(_batch: bigint): Promise<bigint | undefined> {
    return undefined;
  }
}
