import { TransactionDecodeError } from './errors.js';

/**
 * Reads Solana's wire format front to back; throws {@link TransactionDecodeError} where the bytes run out. What it returns
 * are views of its bytes.
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  u8(what: string): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw this.#endsIn(what);
    this.#at++;
    return byte;
  }

  bytes(length: number, what: string): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw this.#endsIn(what);
    const out = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return out;
  }

  /** Solana's compact-u16: seven bits a byte, least significant first, in as few bytes as possible. */
  compactU16(what: string): number {
    // Nearly all of them are short.
    const short = this.#bytes[this.#at];
    if (short !== undefined && short < 0x80) {
      this.#at++;
      return short;
    }
    let value = 0;
    for (let i = 0; ; i++) {
      const byte = this.u8(what);
      value |= (byte & 0x7f) << (7 * i);
      if (i > 0 && byte === 0)
        throw new TransactionDecodeError(`the length of ${what} has a superfluous byte`);
      if (value > 0xffff || (i === 2 && byte > 3))
        throw new TransactionDecodeError(`the length of ${what} exceeds 65535`);
      if (byte < 0x80) return value;
    }
  }

  list<T>(what: string, item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.compactU16(what); left > 0; left--) items.push(item());
    return items;
  }

  byteList(what: string): Uint8Array {
    return this.bytes(this.compactU16(what), what);
  }

  rest(): Uint8Array {
    return this.bytes(this.#bytes.length - this.#at, 'the rest');
  }

  /** @throws {TransactionDecodeError} when bytes are left over */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw new TransactionDecodeError(`${left} bytes are left over at the end`, { left });
  }

  #endsIn(what: string): TransactionDecodeError {
    return new TransactionDecodeError(`they end in ${what}`, {
      offset: this.#at,
      length: this.#bytes.length,
    });
  }
}

/** The encoding that {@link WireReader.compactU16} reads. */
export function encodeCompactU16(value: number): Uint8Array {
  const out = new Uint8Array(compactU16Length(value));
  writeCompactU16(out, 0, value);
  return out;
}

/** Bytes that {@link encodeCompactU16} needs. */
export function compactU16Length(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : 3;
}

/** Writes what {@link encodeCompactU16} returns. @returns the offset behind it */
export function writeCompactU16(out: Uint8Array, at: number, value: number): number {
  let end = at;
  let rest = value;
  for (; rest >= 0x80; rest >>= 7) out[end++] = (rest & 0x7f) | 0x80;
  out[end++] = rest;
  return end;
}
