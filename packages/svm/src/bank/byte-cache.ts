/** rough cost of an entry beside its bytes */
const OVERHEAD_BYTES = 150;

/**
 * Values by name, the ones used least lately dropped first, in two generations: when the young one is full it becomes
 * the old one, and what is read of the old one moves back. Holds at most `maxBytes`, and costs two map operations a read.
 */
export class ByteCache {
  readonly #generationBytes: number;
  #young = new Map<string, Uint8Array | null>();
  #old = new Map<string, Uint8Array | null>();
  #bytes = 0;

  constructor(options: { maxBytes: number }) {
    this.#generationBytes = options.maxBytes / 2;
  }

  /** undefined where nothing is known; null where it is known that there is nothing */
  get(name: string): Uint8Array | null | undefined {
    const young = this.#young.get(name);
    if (young !== undefined) return young;
    const old = this.#old.get(name);
    if (old !== undefined) this.set(name, old);
    return old;
  }

  /** Like {@link get}, for a reader that will hardly come back: changes nothing. */
  peek(name: string): Uint8Array | null | undefined {
    return this.#young.get(name) !== undefined ? this.#young.get(name) : this.#old.get(name);
  }

  set(name: string, value: Uint8Array | null): void {
    const known = this.#young.get(name);
    if (known !== undefined) this.#bytes -= OVERHEAD_BYTES + (known?.length ?? 0);
    this.#young.set(name, value);
    this.#bytes += OVERHEAD_BYTES + (value?.length ?? 0);
    if (this.#bytes < this.#generationBytes) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#bytes = 0;
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#bytes = 0;
  }
}
