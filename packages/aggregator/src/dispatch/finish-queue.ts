import type { ProverView } from './policy.js';

interface Candidate {
  prover: string;
  ms: number;
  end: number;
}

/**
 * The provers of one program, by when they would finish one more task of it: a binary heap. Others may make a prover
 * available later at any time, which is noticed when it comes to the top.
 */
export class FinishQueue {
  readonly #heap: Candidate[] = [];
  readonly #availableAt: ReadonlyMap<string, number>;

  /** @param availableAt - when each prover can begin, which only grows */
  constructor(program: string, provers: readonly ProverView[], availableAt: ReadonlyMap<string, number>) {
    this.#availableAt = availableAt;
    for (const prover of provers) {
      const ms = prover.expectedMs(program);
      if (ms !== undefined) this.#heap.push({ prover: prover.id, ms, end: availableAt.get(prover.id)! + ms });
    }
    for (let i = (this.#heap.length >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  /** The prover that would finish first, and when; it is the caller who makes it available later. */
  take(): { prover: string; end: number } | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return undefined;
      const end = this.#availableAt.get(top.prover)! + top.ms;
      if (end === top.end) return { prover: top.prover, end };
      top.end = end;
      this.#sink(0);
    }
  }

  #sink(at: number): void {
    const heap = this.#heap;
    const moved = heap[at]!;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, moved)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = moved;
  }
}

function before(a: Candidate, b: Candidate): boolean {
  return a.end < b.end || (a.end === b.end && a.prover < b.prover);
}
