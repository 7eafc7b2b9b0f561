/**
 * The provers of one program, by when they would finish one more task of it: a binary heap of their places in a list.
 * The queues of all programs share the times at which provers are available: one that another queue has given a task is
 * noticed when it comes to the top.
 */
export class FinishQueue {
  readonly #heap: number[] = [];
  readonly #ends: Float64Array;
  readonly #times: Float64Array;
  readonly #availableAt: Float64Array;

  /**
   * @param times - of each prover for a task of the program (ms); infinite where it cannot prove it
   * @param availableAt - when each prover can begin (ms); shared, and only growing
   */
  constructor(times: Float64Array, availableAt: Float64Array) {
    this.#times = times;
    this.#availableAt = availableAt;
    this.#ends = new Float64Array(times.length);
    for (let i = 0; i < times.length; i++) {
      this.#ends[i] = availableAt[i]! + times[i]!;
      if (this.#ends[i] !== Number.POSITIVE_INFINITY) this.#heap.push(i);
    }
    for (let i = (this.#heap.length >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  /** Gives one task to the prover that finishes it first, which is then available later; `undefined` for none. */
  take(): number | undefined {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return undefined;
      const end = this.#availableAt[top]! + this.#times[top]!;
      if (end === this.#ends[top]) {
        this.#availableAt[top] = end;
        return top;
      }
      this.#ends[top] = end;
      this.#sink(0);
    }
  }

  #sink(at: number): void {
    const heap = this.#heap;
    const moved = heap[at]!;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, moved)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = moved;
  }

  #before(a: number, b: number): boolean {
    const difference = this.#ends[a]! - this.#ends[b]!;
    return difference < 0 || (difference === 0 && a < b);
  }
}
