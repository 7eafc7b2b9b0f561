import { Heap } from './heap.js';
import { Line, MIN_CLEANUP } from './line.js';
import type { PoolEntry } from './pool-entry.js';

/** Entries of one priority. */
interface Rank {
  readonly priority: number;
  readonly line: Line;
  /** Nothing waited in it when it came to the front: it is of no use any more. */
  isOver: boolean;
}

/**
 * Waiting entries from the best to the worst: by priority, among equals by arrival. Most pay the same, so that they are
 * kept in a line for each priority, and only the lines in heaps.
 */
export class Ranking {
  readonly #bit: number;
  readonly #ranks = new Map<number, Rank>();
  readonly #best = new Heap<Rank>({ isBefore: (a, b) => a.priority > b.priority });
  readonly #worst = new Heap<Rank>({ isBefore: (a, b) => a.priority < b.priority });
  #size = 0;

  /** @param options.bit - see {@link Line} */
  constructor(options: { bit: number }) {
    this.#bit = options.bit;
  }

  /** How many entries are inside, those that no longer wait included. */
  get size(): number {
    return this.#size;
  }

  /** An entry that waits, from now on or again. */
  add(entry: PoolEntry): void {
    const { line } = this.#ranks.get(entry.priority) ?? this.#open(entry.priority);
    const before = line.size;
    line.add(entry);
    this.#size += line.size - before;
  }

  /** The best one that waits. */
  first(): PoolEntry | undefined {
    return this.#look(this.#best, (line) => line.first());
  }

  /** The worst one that waits. */
  last(): PoolEntry | undefined {
    return this.#look(this.#worst, (line) => line.last());
  }

  /** Forgets what does not wait, when that is most of it. */
  cleanUp(waiting: number): void {
    if (this.#size > Math.max(MIN_CLEANUP, 2 * waiting)) {
      this.#size = 0;
      for (const rank of this.#ranks.values()) {
        rank.line.retainWaiting();
        this.#size += rank.line.size;
        if (rank.line.size === 0) this.#close(rank);
      }
    }
    for (const heap of [this.#best, this.#worst])
      if (heap.size > Math.max(MIN_CLEANUP, 2 * this.#ranks.size)) heap.retain(({ isOver }) => !isOver);
  }

  #look(heap: Heap<Rank>, end: (line: Line) => PoolEntry | undefined): PoolEntry | undefined {
    for (;;) {
      const rank = heap.peek();
      if (rank === undefined) return undefined;
      if (!rank.isOver) {
        const before = rank.line.size;
        const entry = end(rank.line);
        this.#size += rank.line.size - before;
        if (entry !== undefined) return entry;
        this.#close(rank);
      }
      heap.pop();
    }
  }

  #open(priority: number): Rank {
    const rank = { priority, line: new Line({ bit: this.#bit }), isOver: false };
    this.#ranks.set(priority, rank);
    this.#best.push(rank);
    this.#worst.push(rank);
    return rank;
  }

  /** It stays in the heaps until it comes to the front, or they are cleaned up. */
  #close(rank: Rank): void {
    rank.isOver = true;
    this.#ranks.delete(rank.priority);
  }
}
