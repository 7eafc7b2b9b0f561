const EDGES = [0n, 1n, 2n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xffffn, 1n << 31n, (1n << 31n) - 1n];
const U64 = 1n << 64n;

/** Numbers that a seed determines (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Below 2^32. */
  u32(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  below(limit: number): number {
    return this.u32() % limit;
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** Often at an edge: around powers of two, small, or with all bits set. */
  u64(): bigint {
    const wide = (BigInt(this.u32()) << 32n) | BigInt(this.u32());
    const kind = this.below(6);
    if (kind === 0) return wide;
    if (kind === 1) return wide & 0xffffffffn;
    if (kind === 2) return BigInt(this.below(16));
    if (kind === 3) return BigInt.asUintN(64, -BigInt(this.below(16)));
    if (kind === 4) return BigInt.asUintN(64, (1n << BigInt(this.below(64))) - BigInt(this.below(2)));
    return this.pick(EDGES);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

export const MAX_U64 = U64 - 1n;
