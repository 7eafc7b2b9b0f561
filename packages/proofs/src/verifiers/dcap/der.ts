import { ensure } from './refuse.js';

/** A value of DER: its tag, what is in it, and its bytes with tag and length. */
export interface DerValue {
  tag: number;
  content: Uint8Array;
  bytes: Uint8Array;
}

export const DER = { integer: 0x02, bitString: 0x03, octetString: 0x04, oid: 0x06, sequence: 0x30 };
const MAX_LENGTH_BYTES = 3;

/** Values that stand one behind the other. @throws {ProofError} `QUOTE_REFUSED` for bytes that are no DER */
export function derValues(bytes: Uint8Array): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at;
    const tag = bytes[at++]!;
    let length = bytes[at++] ?? Number.POSITIVE_INFINITY;
    if (length >= 0x80) {
      const count = length - 0x80;
      ensure(count > 0 && count <= MAX_LENGTH_BYTES, 'a certificate or list has a length that is none');
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[at++] ?? Number.POSITIVE_INFINITY);
    }
    ensure(at + length <= bytes.length, 'a certificate or list is cut off');
    at += length;
    values.push({ tag, content: bytes.subarray(at - length, at), bytes: bytes.subarray(start, at) });
  }
  return values;
}

/** The parts of one value of the tag. @throws {ProofError} `QUOTE_REFUSED` */
export function derParts(value: DerValue | undefined, tag = DER.sequence): DerValue[] {
  ensure(value !== undefined && value.tag === tag, 'a certificate or list is not laid out as it should be');
  return derValues(value.content);
}

/** A time of X.509, UTCTime or GeneralizedTime. @returns milliseconds since 1970; NaN for another value */
export function derTime({ tag, content }: DerValue): number {
  const text = Buffer.from(content).toString('latin1');
  const match = (
    tag === 0x17 ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
  ).exec(text);
  if (match === null) return Number.NaN;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const full = tag === 0x17 ? (year < 50 ? 2000 + year : 1900 + year) : year;
  return Date.UTC(full, month - 1, day, hour, minute, second);
}

/** A small number that is not negative. @throws {ProofError} `QUOTE_REFUSED` */
export function derNumber({ tag, content }: DerValue): number {
  ensure(
    tag === DER.integer && content.length <= 4 && content.length > 0,
    'a number in a certificate is none',
  );
  return content.reduce((sum, byte) => sum * 256 + byte, 0);
}
