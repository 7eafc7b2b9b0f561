/** what an entry takes beside its bytes: objects of the engine, measured */
const ENTRY_BYTES = 300;

/**
 * Pages by name in memory up to a number of bytes. Of two generations the older one is dropped when the younger one
 * has filled its half; what is read out of the older one comes into the younger. So pages in use stay, and nothing
 * has to be kept in order.
 */
export class PageCache {
  readonly #limit: number;
  #young = new Map<string, Uint8Array>();
  #old = new Map<string, Uint8Array>();
  #youngBytes = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes / 2;
  }

  get(name: string): Uint8Array | undefined {
    const page = this.#young.get(name);
    if (page !== undefined) return page;
    const older = this.#old.get(name);
    if (older !== undefined) this.set(name, older);
    return older;
  }

  set(name: string, page: Uint8Array): void {
    const before = this.#young.get(name);
    this.#young.set(name, page);
    this.#youngBytes += page.length - (before === undefined ? -ENTRY_BYTES : before.length);
    if (this.#youngBytes <= this.#limit) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
  }

  delete(name: string): void {
    const page = this.#young.get(name);
    if (page !== undefined) this.#youngBytes -= page.length + ENTRY_BYTES;
    this.#young.delete(name);
    this.#old.delete(name);
  }
}
