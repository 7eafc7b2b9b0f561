/** Writes one buffer, which grows as needed. */
export class ByteSink {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #at = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u32(value: number): this {
    this.#reserve(4);
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
    return this;
  }

  bytes(from: Uint8Array, at = 0, length = from.length): this {
    this.#reserve(length);
    this.#bytes.set(at === 0 && length === from.length ? from : from.subarray(at, at + length), this.#at);
    this.#at += length;
    return this;
  }

  /** With its length in front. */
  block(from: Uint8Array): this {
    return this.u32(from.length).bytes(from);
  }

  /** A string of bytes, with its length in front. */
  text(from: string): this {
    this.u32(from.length).#reserve(from.length);
    for (let i = 0; i < from.length; i++) this.#bytes[this.#at++] = from.charCodeAt(i);
    return this;
  }

  /** What was written; nothing may be written afterwards. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at);
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at + length));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Reads what a {@link ByteSink} wrote. */
export class ByteSource {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  /** A view. */
  bytes(length: number): Uint8Array {
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A view. */
  block(): Uint8Array {
    return this.bytes(this.u32());
  }

  text(): string {
    let text = '';
    for (let left = this.u32(); left > 0; left--) text += String.fromCharCode(this.#bytes[this.#at++]!);
    return text;
  }
}
