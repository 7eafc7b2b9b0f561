import type { PoolEntry } from './pool-entry.js';

/** Below this, entries that no longer wait are not worth a clean-up. */
export const MIN_CLEANUP = 1_024;

/**
 * Waiting entries in the order in which they arrived. Entries that are taken or gone stay inside until they come to an end
 * of the line or are most of what there is, because finding them would cost more than passing over them.
 */
export class Line {
  readonly #bit: number;
  /** by arrival, from #head on; before it there is nothing any more */
  #entries: (PoolEntry | undefined)[] = [];
  #head = 0;
  /** Wait again and belong among the others, where they are put all at once before anybody looks. */
  #returned: PoolEntry[] = [];

  /** @param options.bit - of {@link PoolEntry.rankings}; what may hold the same entries must have another one */
  constructor(options: { bit: number }) {
    this.#bit = options.bit;
  }

  /** How many entries are inside, those that no longer wait included. */
  get size(): number {
    return this.#entries.length - this.#head + this.#returned.length;
  }

  /** An entry that waits, from now on or again. */
  add(entry: PoolEntry): void {
    if ((entry.rankings & this.#bit) !== 0) return;
    entry.rankings |= this.#bit;
    const last = this.#entries[this.#entries.length - 1];
    if (last === undefined || last.arrival < entry.arrival) this.#entries.push(entry);
    else this.#returned.push(entry);
  }

  /** The earliest one that waits. */
  first(): PoolEntry | undefined {
    this.#merge();
    const entries = this.#entries;
    for (; this.#head < entries.length; this.#head++) {
      const entry = entries[this.#head]!;
      if (entry.state === 'waiting') {
        if (this.#head > MIN_CLEANUP && 2 * this.#head > entries.length) this.#shorten();
        return entry;
      }
      this.#leave(entry);
      entries[this.#head] = undefined; // it would stay in memory
    }
    this.#shorten();
    return undefined;
  }

  /** The latest one that waits. */
  last(): PoolEntry | undefined {
    this.#merge();
    const entries = this.#entries;
    while (entries.length > this.#head) {
      const entry = entries[entries.length - 1]!;
      if (entry.state === 'waiting') return entry;
      this.#leave(entry);
      entries.pop();
    }
    this.#shorten();
    return undefined;
  }

  /** Forgets what does not wait, when that is most of it. */
  cleanUp(waiting: number): void {
    if (this.size > Math.max(MIN_CLEANUP, 2 * waiting)) this.retainWaiting();
  }

  /** Forgets what does not wait. */
  retainWaiting(): void {
    this.#merge();
    this.#shorten();
    this.#entries = this.#entries.filter((entry) => {
      const waits = entry!.state === 'waiting';
      if (!waits) this.#leave(entry!);
      return waits;
    });
  }

  #leave(entry: PoolEntry): void {
    entry.rankings &= ~this.#bit;
  }

  #shorten(): void {
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }

  #merge(): void {
    if (this.#returned.length === 0) return;
    const returned = this.#returned.sort((a, b) => a.arrival - b.arrival);
    this.#returned = [];
    const entries = this.#entries;
    const merged: (PoolEntry | undefined)[] = [];
    let at = this.#head;
    for (const entry of returned) {
      while (at < entries.length && entries[at]!.arrival < entry.arrival) merged.push(entries[at++]);
      merged.push(entry);
    }
    this.#entries = merged.concat(entries.slice(at));
    this.#head = 0;
  }
}
