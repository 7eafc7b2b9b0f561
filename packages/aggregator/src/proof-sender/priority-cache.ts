/** Items by sequence number, each number once, always in ascending order. */
export class PriorityCache<T> {
  readonly #items = new Map<bigint, T>();
  readonly #order: bigint[] = [];

  get size(): number {
    return this.#order.length;
  }

  /** @returns false, and changes nothing, when there is an item for that sequence */
  add(sequence: bigint, item: T): boolean {
    if (this.#items.has(sequence)) return false;
    this.#items.set(sequence, item);
    this.#order.splice(this.#find(sequence), 0, sequence);
    return true;
  }

  has(sequence: bigint): boolean {
    return this.#items.has(sequence);
  }

  /** The item of the lowest sequence. */
  peek(): [sequence: bigint, item: T] | undefined {
    const first = this.#order[0];
    return first === undefined ? undefined : [first, this.#items.get(first)!];
  }

  remove(sequence: bigint): T | undefined {
    const item = this.#items.get(sequence);
    if (this.#items.delete(sequence)) this.#order.splice(this.#find(sequence), 1);
    return item;
  }

  /** As it is now, lowest sequence first; later changes do not show. */
  entries(): [sequence: bigint, item: T][] {
    return this.#order.map((sequence) => [sequence, this.#items.get(sequence)!]);
  }

  /** Position of the first sequence that is not below the given one. */
  #find(sequence: bigint): number {
    let [low, high] = [0, this.#order.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#order[middle]! < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
