import { TransactionDecodeError } from './errors.js';

/** Reads Solana's wire format front to back; throws {@link TransactionDecodeError} where the bytes run out. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  u8(what: string): number {
    return this.bytes(1, what)[0]!;
  }

  /** A copy of the next `length` bytes. */
  bytes(length: number, what: string): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length)
      throw new TransactionDecodeError(`they end in ${what}`, {
        offset: this.#at,
        length: this.#bytes.length,
      });
    const out = Uint8Array.from(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    return out;
  }

  /** Solana's compact-u16: seven bits a byte, least significant first, in as few bytes as possible. */
  compactU16(what: string): number {
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
    return Array.from({ length: this.compactU16(what) }, item);
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
}

/** The encoding that {@link WireReader.compactU16} reads. */
export function encodeCompactU16(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>= 7) out.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...out, rest);
}
