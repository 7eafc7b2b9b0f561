import { EngineCodecError } from './engine-codec-error.js';

/** Reads what ByteWriter wrote. Bytes are given as views. */
export class ByteReader {
  readonly #buffer: Buffer;
  /** several times faster for 64 bits than Buffer */
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#buffer[this.#step(1)]!;
  }

  u16(): number {
    return this.#view.getUint16(this.#step(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#step(8), true);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#step(8), true);
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
