const BYTES = 32;
const MAX_SLOTS = 2 ** 24;

/**
 * Keys of addresses asked for lately, in memory of a fixed size: each address has one slot, the newest wins. A key
 * costs one hash, a look-up almost nothing.
 */
export class KeyCache {
  readonly #mask: number;
  readonly #addresses: Buffer;
  readonly #keys: Buffer;
  readonly #taken: Uint8Array;

  /** @param size - how many keys are kept at most, rounded up to a power of two */
  constructor(size: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.min(Math.max(size, 1), MAX_SLOTS)));
    this.#mask = slots - 1;
    this.#addresses = Buffer.alloc(slots * BYTES);
    this.#keys = Buffer.alloc(slots * BYTES);
    this.#taken = new Uint8Array(slots);
  }

  get(address: Uint8Array): Uint8Array | undefined {
    const slot = this.#slotOf(address);
    const at = slot * BYTES;
    if (this.#taken[slot] === 0 || this.#addresses.compare(address, 0, BYTES, at, at + BYTES) !== 0)
      return undefined;
    return Uint8Array.prototype.slice.call(this.#keys, at, at + BYTES);
  }

  set(address: Uint8Array, key: Uint8Array): void {
    const slot = this.#slotOf(address);
    this.#addresses.set(address, slot * BYTES);
    this.#keys.set(key, slot * BYTES);
    this.#taken[slot] = 1;
  }

  /** Addresses are public keys or hashes, any bytes of which are spread evenly enough; all of them take part. */
  #slotOf(address: Uint8Array): number {
    let hash = 0;
    for (let i = 0; i < BYTES; i++) hash = Math.imul(hash ^ address[i]!, 0x01000193);
    return (hash ^ (hash >>> 15)) & this.#mask;
  }
}
