import { EngineCodecError } from './engine-codec-error.js';

/** Reads what ByteWriter wrote. Bytes are given as views. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#buffer[this.#step(1)]!;
  }

  u16(): number {
    return this.#buffer.readUInt16LE(this.#step(2));
  }

  u32(): number {
    return this.#buffer.readUInt32LE(this.#step(4));
  }

  u64(): bigint {
    return this.#buffer.readBigUInt64LE(this.#step(8));
  }

  i64(): bigint {
    return this.#buffer.readBigInt64LE(this.#step(8));
  }

  bytes(length: number): Buffer {
    const at = this.#step(length);
    return this.#buffer.subarray(at, at + length);
  }

  text(): string {
    return this.bytes(this.u32()).toString();
  }

  /** @throws {EngineCodecError} when bytes are left over */
  end(): void {
    const left = this.#buffer.length - this.#at;
    if (left > 0) throw new EngineCodecError(`${left} bytes are left over at the end`, { left });
  }

  #step(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    if (this.#at > this.#buffer.length)
      throw new EngineCodecError(`they end at ${this.#buffer.length}, and ${this.#at} are needed`);
    return at;
  }
}
