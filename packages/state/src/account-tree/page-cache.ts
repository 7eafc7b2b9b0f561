/** what an entry takes beside its bytes: objects of the engine, measured */
const ENTRY_BYTES = 300;

/** Pages by name in memory up to a number of bytes; those that were not used for the longest time go first. */
export class PageCache {
  readonly #limit: number;
  readonly #pages = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  get(name: string): Uint8Array | undefined {
    const page = this.#pages.get(name);
    if (page !== undefined) {
      this.#pages.delete(name);
      this.#pages.set(name, page);
    }
    return page;
  }

  set(name: string, page: Uint8Array): void {
    this.delete(name);
    this.#pages.set(name, page);
    this.#bytes += page.length + ENTRY_BYTES;
    for (const oldest of this.#pages.keys()) {
      if (this.#bytes <= this.#limit) break;
      this.delete(oldest);
    }
  }

  delete(name: string): void {
    const page = this.#pages.get(name);
    if (page === undefined) return;
    this.#pages.delete(name);
    this.#bytes -= page.length + ENTRY_BYTES;
  }

  clear(): void {
    this.#pages.clear();
    this.#bytes = 0;
  }
}
