import { PolyproofError } from '@polyproof/base';
import { addressText } from '../encoding/address-text.js';

/** Data that is not what a parser knows: it is shown undecoded then. Never leaves the parsers. */
export class NotParsableError extends PolyproofError<'NOT_PARSABLE'> {
  constructor(what: string) {
    super('NOT_PARSABLE', `the data is not parsable: ${what}.`);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads little-endian data from its start; every method throws {@link NotParsableError} where bytes are missing or wrong. */
export class DataReader {
  readonly #data: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.length);
  }

  get remaining(): number {
    return this.#data.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** One byte that must be 0 or 1. */
  bool(): boolean {
    const byte = this.u8();
    if (byte > 1) throw new NotParsableError(`${byte} is neither true nor false`);
    return byte === 1;
  }

  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#data.subarray(at, at + length);
  }

  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  /** An address in base 58. */
  address(): string {
    return addressText(this.bytes(32));
  }

  /** An address that is all zeros where there is none (spl-pod's OptionalNonZeroPubkey). */
  nonZeroAddress(): string | null {
    const bytes = this.bytes(32);
    return bytes.every((byte) => byte === 0) ? null : addressText(bytes);
  }

  /** A value behind a byte that says whether it is there. */
  optional<T>(read: () => T): T | null {
    return this.bool() ? read() : null;
  }

  /** A value behind four bytes that say whether it is there, in whose place zeros stand otherwise (COption in accounts). */
  packedOption<T>(read: () => T): T | null {
    const tag = this.u32();
    if (tag > 1) throw new NotParsableError(`an option has the tag ${tag}`);
    const value = read();
    return tag === 1 ? value : null;
  }

  /** bincode: the length in eight bytes. */
  bincodeText(): string {
    return this.#text(this.u64());
  }

  /** borsh: the length in four bytes. */
  borshText(): string {
    return this.#text(BigInt(this.u32()));
  }

  /** bincode: the length in eight bytes. */
  bincodeBytes(): Uint8Array {
    return this.bytes(this.#length(this.u64()));
  }

  /** bincode: how many, in eight bytes, each of at least `minBytes`. */
  list<T>(minBytes: number, read: () => T): T[] {
    const count = this.u64();
    if (count * BigInt(minBytes) > BigInt(this.remaining))
      throw new NotParsableError(`${count} entries do not fit into ${this.remaining} bytes`);
    return Array.from({ length: Number(count) }, read);
  }

  /** Refuses bytes behind what was read. */
  end(): void {
    if (this.remaining > 0) throw new NotParsableError(`${this.remaining} bytes too many`);
  }

  #text(length: bigint): string {
    const bytes = this.bytes(this.#length(length));
    try {
      return utf8.decode(bytes);
    } catch {
      throw new NotParsableError('a text is not UTF-8');
    }
  }

  #length(length: bigint): number {
    if (length > BigInt(this.remaining)) throw new NotParsableError(`${length} bytes of ${this.remaining}`);
    return Number(length);
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#data.length - at)
      throw new NotParsableError(`it ends after ${this.#data.length} bytes`);
    this.#at = at + length;
    return at;
  }
}

/** The UTF-8 text that the whole data is. */
export function textOf(data: Uint8Array): string {
  try {
    return utf8.decode(data);
  } catch {
    throw new NotParsableError('a text is not UTF-8');
  }
}

/** What `parse` returns; `undefined` where the data is not parsable. */
export function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof NotParsableError) return undefined;
    throw error;
  }
}
