import { type Field, fieldFromBytes, fieldToBytes } from '@polyproof/base';
import { BankError } from '../errors.js';

/** Writes a record: a version byte, then fields one after the other, numbers big-endian. */
export class RecordWriter {
  readonly #parts: Uint8Array[] = [];

  constructor(version: number) {
    this.u8(version);
  }

  u8(value: number): this {
    this.#parts.push(Uint8Array.of(value));
    return this;
  }

  u32(value: number): this {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeUInt32BE(value);
    return this.raw(bytes);
  }

  u64(value: bigint): this {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigUInt64BE(value);
    return this.raw(bytes);
  }

  field(value: Field): this {
    return this.raw(fieldToBytes(value));
  }

  /** Bytes of a length that the reader knows. */
  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  /** Bytes with their length in front. */
  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  end(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** Reads what {@link RecordWriter} wrote. */
export class RecordReader {
  readonly #what: string;
  readonly #bytes: Buffer;
  #at = 0;

  /** @throws {BankError} `BAD_DATABASE` on a record of another version */
  constructor(what: string, version: number, bytes: Buffer) {
    this.#what = what;
    this.#bytes = bytes;
    const found = this.u8();
    if (found !== version)
      throw new BankError(
        'BAD_DATABASE',
        `the database holds ${what} in format ${found}, this version of Polyproof reads format ${version}: ` +
          'give it another directory, or use the version that wrote it.',
        { what, found, expected: version },
      );
  }

  u8(): number {
    return this.#take(1)[0]!;
  }

  u32(): number {
    return this.#take(4).readUInt32BE();
  }

  u64(): bigint {
    return this.#take(8).readBigUInt64BE();
  }

  field(): Field {
    return fieldFromBytes(this.#take(32));
  }

  /** A copy. */
  raw(length: number): Uint8Array {
    return Uint8Array.from(this.#take(length));
  }

  bytes(): Uint8Array {
    return this.raw(this.u32());
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length)
      throw new BankError('BAD_DATABASE', `the database holds ${this.#what} that is cut off.`, {
        what: this.#what,
        length: this.#bytes.length,
      });
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
