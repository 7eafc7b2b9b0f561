import { Heap } from './heap.js';
import type { PoolEntry } from './pool-entry.js';

/** Below this, entries that no longer wait are not worth a clean-up. */
const MIN_CLEANUP = 1_024;

/**
 * Waiting entries in one order. Entries that are taken or gone stay inside until they come to the front or are most
 * of what there is, because finding them would cost more than passing over them.
 */
export class Ranking {
  readonly #bit: number;
  readonly #heap: Heap<PoolEntry>;

  /** @param options.bit - of {@link PoolEntry.rankings}; no other ranking may have it */
  constructor(options: { bit: number; isBefore: (a: PoolEntry, b: PoolEntry) => boolean }) {
    this.#bit = options.bit;
    this.#heap = new Heap(options);
  }

  /** How many entries are inside, those that no longer wait included. */
  get size(): number {
    return this.#heap.size;
  }

  /** An entry that waits, from now on or again. */
  add(entry: PoolEntry): void {
    if ((entry.rankings & this.#bit) !== 0) return;
    entry.rankings |= this.#bit;
    this.#heap.push(entry);
  }

  /** The first one that waits. */
  first(): PoolEntry | undefined {
    for (;;) {
      const entry = this.#heap.peek();
      if (entry === undefined || entry.state === 'waiting') return entry;
      this.#heap.pop();
      entry.rankings &= ~this.#bit;
    }
  }

  /** Forgets what does not wait, when that is most of it. */
  cleanUp(waiting: number): void {
    if (this.#heap.size <= Math.max(MIN_CLEANUP, 2 * waiting)) return;
    this.#heap.retain((entry) => {
      const keeps = entry.state === 'waiting';
      if (!keeps) entry.rankings &= ~this.#bit;
      return keeps;
    });
  }
}
