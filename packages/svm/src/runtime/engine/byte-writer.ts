const START_BYTES = 4_096;

/** Appends little-endian numbers and bytes to a buffer that grows. Reused, it allocates only what {@link take} gives. */
export class ByteWriter {
  #buffer = Buffer.allocUnsafe(START_BYTES);
  #at = 0;

  get length(): number {
    return this.#at;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = value;
  }

  u16(value: number): void {
    this.#reserve(2);
    this.#at = this.#buffer.writeUInt16LE(value, this.#at);
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#at = this.#buffer.writeUInt32LE(value, this.#at);
  }

  u64(value: bigint): void {
    this.#reserve(8);
    this.#at = this.#buffer.writeBigUInt64LE(value, this.#at);
  }

  i64(value: bigint): void {
    this.#reserve(8);
    this.#at = this.#buffer.writeBigInt64LE(value, this.#at);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  /** UTF-8 behind its length (u32). */
  text(value: string): void {
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    this.#reserve(4 + 3 * value.length);
    const length = this.#buffer.write(value, this.#at + 4);
    this.#buffer.writeUInt32LE(length, this.#at);
    this.#at += 4 + length;
  }

  /** Leaves room for a u32 that {@link patchU32} fills in later. @returns its position */
  skipU32(): number {
    this.u32(0);
    return this.#at - 4;
  }

  patchU32(at: number, value: number): void {
    this.#buffer.writeUInt32LE(value, at);
  }

  /** A copy of everything since the last call; the writer starts anew. */
  take(): Buffer {
    const out = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    return out;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}
