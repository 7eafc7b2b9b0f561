const SLAB_BYTES = 64 * 1024;
/** Longer ones get memory of their own. */
const LONGEST = SLAB_BYTES / 8;

/**
 * Copies short byte strings into common memory: an ArrayBuffer costs much more than an account is long. Whoever keeps a
 * copy for long keeps all its slab: see {@link compact}.
 */
export class ByteSlab {
  #slab = Buffer.alloc(0);
  #at = 0;

  copy(bytes: Uint8Array): Buffer {
    const { length } = bytes;
    if (length > LONGEST) return Buffer.from(bytes);
    if (this.#at + length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#at = 0;
    }
    const copy = this.#slab.subarray(this.#at, this.#at + length);
    copy.set(bytes);
    this.#at += length;
    return copy;
  }
}

/** The same bytes without much memory around them. */
export function compact(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength > 2 * bytes.length ? Uint8Array.from(bytes) : bytes;
}
