import type { AccountBytes } from '../types.js';

/** Accounts are gathered in pieces of memory of this size: few allocations, and little that one of them keeps alive. */
const SLAB_BYTES = 2_048;
const SMALL_BYTES = 512;

/**
 * Copies accounts out of the memory around them, because results are views of whole messages and accounts are kept for
 * long.
 */
export class AccountCompactor {
  #slab = new Uint8Array(0);
  #used = 0;

  compact(bytes: AccountBytes): AccountBytes {
    if (bytes === null || bytes.length * 2 > bytes.buffer.byteLength) return bytes;
    if (bytes.length > SMALL_BYTES) return new Uint8Array(bytes);
    if (this.#used + bytes.length > this.#slab.length) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const copy = this.#slab.subarray(this.#used, this.#used + bytes.length);
    this.#used += bytes.length;
    copy.set(bytes);
    return copy;
  }
}
