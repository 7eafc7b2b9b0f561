import { PriorityCache } from './priority-cache.js';

type Stage = 'finalProofs' | 'commitments' | 'reveals';

/**
 * What is to be committed, what is committed and waits for its reveal window, and what is to be revealed. A sequence is
 * in one of the three, or in none.
 */
export class ProofCaches {
  readonly #caches: Record<Stage, PriorityCache<null>> = {
    finalProofs: new PriorityCache(),
    commitments: new PriorityCache(),
    reveals: new PriorityCache(),
  };

  /** Takes a sequence that is in none of the three. */
  add(stage: Stage, sequence: bigint): void {
    if (!Object.values(this.#caches).some((cache) => cache.has(sequence)))
      this.#caches[stage].add(sequence, null);
  }

  /** Takes a sequence, wherever it is. */
  move(stage: Stage, sequence: bigint): void {
    this.forget(sequence);
    this.#caches[stage].add(sequence, null);
  }

  has(stage: Stage, sequence: bigint): boolean {
    return this.#caches[stage].has(sequence);
  }

  forget(sequence: bigint): void {
    for (const cache of Object.values(this.#caches)) cache.remove(sequence);
  }

  /** As it is now, lowest sequence first. */
  sequences(stage: Stage): bigint[] {
    return this.#caches[stage].entries().map(([sequence]) => sequence);
  }
}
