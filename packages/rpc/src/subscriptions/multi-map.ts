/** Several values under one key. */
export class MultiMap<Value> {
  readonly #sets = new Map<string, Set<Value>>();

  get size(): number {
    return this.#sets.size;
  }

  has(key: string): boolean {
    return this.#sets.has(key);
  }

  get(key: string): ReadonlySet<Value> | undefined {
    return this.#sets.get(key);
  }

  *values(): Iterable<Value> {
    for (const set of this.#sets.values()) yield* set;
  }

  add(key: string, value: Value): void {
    const set = this.#sets.get(key);
    if (set === undefined) this.#sets.set(key, new Set([value]));
    else set.add(value);
  }

  delete(key: string, value: Value): void {
    const set = this.#sets.get(key);
    if (set?.delete(value) && set.size === 0) this.#sets.delete(key);
  }
}

/** Bytes as a key of a map: one character a byte. */
export function bytesKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
