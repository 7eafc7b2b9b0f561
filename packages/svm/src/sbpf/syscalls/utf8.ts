import { syscallFault } from './translate.js';

/** Sequences of UTF-8: first byte from and to, length, second byte from and to (Unicode 15, table 3-7). */
const SEQUENCES = [
  [0xc2, 0xdf, 2, 0x80, 0xbf],
  [0xe0, 0xe0, 3, 0xa0, 0xbf],
  [0xe1, 0xec, 3, 0x80, 0xbf],
  [0xed, 0xed, 3, 0x80, 0x9f],
  [0xee, 0xef, 3, 0x80, 0xbf],
  [0xf0, 0xf0, 4, 0x90, 0xbf],
  [0xf1, 0xf3, 4, 0x80, 0xbf],
  [0xf4, 0xf4, 4, 0x80, 0x8f],
] as const;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** @throws {VmFault} in the words of Rust's `Utf8Error` */
export function decodeUtf8(bytes: Uint8Array): string {
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
    if (first < 0x80) {
      at++;
      continue;
    }
    const sequence = SEQUENCES.find(([from, to]) => first >= from && first <= to);
    if (sequence === undefined) throw invalid(bytes, at, 1);
    const [, , length, from, to] = sequence;
    for (let i = 1; i < length; i++) {
      const next = bytes[at + i];
      if (next === undefined) throw invalid(bytes, at, undefined);
      const fits = i === 1 ? next >= from && next <= to : next >= 0x80 && next <= 0xbf;
      if (!fits) throw invalid(bytes, at, i);
    }
    at += length;
  }
  return decoder.decode(bytes);
}

function invalid(bytes: Uint8Array, at: number, length: number | undefined) {
  const what =
    length === undefined
      ? `incomplete utf-8 byte sequence from index ${at}`
      : `invalid utf-8 sequence of ${length} bytes from index ${at}`;
  return syscallFault(`${what}: [${[...bytes].join(', ')}]`);
}
