import type { Logger } from '@polyproof/base';
import type { Batch, Transaction } from '@polyproof/svm';
import type { ProducedBlock } from './ports.js';

/** A sequence as it was accepted by the base chain. */
export interface SubmittedSequence {
  sequence: bigint;
  firstBatch: bigint;
  lastBatch: bigint;
  /** `undefined` when the sequence was found on chain after a submission whose answer was lost. */
  transactionHash: string | undefined;
}

export interface SequencerEvents {
  blockProduced: { block: ProducedBlock };
  batchClosed: { batch: Batch };
  sequenceSubmitted: SubmittedSequence;
  /** A transaction that was admitted but can no longer be included. */
  transactionDropped: { transaction: Transaction; reason: DropReason };
}

export type DropReason = 'BlockhashExpired' | 'ExceedsBatchLimits' | 'ExecutionFailed';

/** Typed events. A listener that throws is logged and disturbs neither the others nor the emitter. */
export class EventHub<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Calls `listener` on every event of that name; the returned function ends it. */
  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        (listener as (payload: Events[Name]) => void)(payload);
      } catch (error) {
        this.#logger.error('an event listener failed', { event: String(name) }, error);
      }
    }
  }
}
