import type { Hex, Logger } from '@polyproof/base';
import type { TaskKind } from './database/schema.js';

export interface TaskEvent {
  taskId: string;
  sequence: bigint;
  kind: TaskKind;
  /** for people: "sequence 2, batch 3" */
  label: string;
  /** name of the prover */
  prover: string;
  /** since the lease was given */
  elapsedSeconds: number;
}

export interface AggregatorEvents {
  sequenceSeen: { sequence: bigint; firstBatch: bigint; lastBatch: bigint };
  taskLeased: TaskEvent;
  taskProgress: TaskEvent & { stage: string };
  taskDone: TaskEvent & { gates: number; witnessSeconds: number; proveSeconds: number };
  /** `retry`: it will be tried again */
  taskFailed: TaskEvent & { code: string; message: string; retry: boolean };
  sequenceProved: { sequence: bigint };
  sequenceFailed: { sequence: bigint; reason: string };
  proofCommitted: { sequence: bigint; transactionHash: Hex | undefined; gasUsed: bigint | undefined };
  proofRevealed: { sequence: bigint; transactionHash: Hex; gasUsed: bigint };
  /** The round passed without a verified proof; ours will be committed again. */
  roundMissed: { sequence: bigint };
  /** `mine`: with our proof */
  sequenceVerified: { sequence: bigint; operator: Hex; mine: boolean; rewardWei: bigint };
}

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
