/** Bytes with their four pairs of bits in the opposite order. */
const REVERSED = Uint8Array.from(
  { length: 256 },
  (_, byte) => ((byte & 3) << 6) | ((byte & 12) << 2) | ((byte & 48) >> 2) | (byte >> 6),
);

const KEY_BYTES = 32;
/** digits in a byte of a path */
const BYTE_DIGITS = 4;

/** The turns of a key's path, first turn in the top bits of the first byte: paths sort as the tree is ordered. */
export function pathOf(key: Uint8Array): Uint8Array {
  const path = new Uint8Array(KEY_BYTES);
  for (let i = 0; i < KEY_BYTES; i++) path[i] = REVERSED[key[KEY_BYTES - 1 - i]!]!;
  return path;
}

/** The turn of a path at `depth`. */
export function digitAt(path: Uint8Array, depth: number): number {
  return (path[depth >> 2]! >> (6 - 2 * (depth & 3))) & 3;
}

/** A path that takes another turn at `depth`. */
export function withDigit(path: Uint8Array, depth: number, digit: number): Uint8Array {
  const other = path.slice();
  other[depth >> 2]! ^= (digitAt(path, depth) ^ digit) << (6 - 2 * (depth & 3));
  return other;
}

export function comparePaths(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/** Number of turns that two paths have in common; 128 for equal ones. */
export function commonTurns(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < KEY_BYTES; i++) {
    const difference = a[i]! ^ b[i]!;
    if (difference !== 0) return BYTE_DIGITS * i + ((Math.clz32(difference) - 24) >> 1);
  }
  return BYTE_DIGITS * KEY_BYTES;
}

/**
 * Name of the place at `depth` on a path, as a string of bytes: the turns that lead there, filled up to whole bytes,
 * then the depth. Places near each other in the tree are near each other in the order of names.
 */
export function placeName(path: Uint8Array, depth: number): string {
  let name = '';
  const whole = depth >> 2;
  for (let i = 0; i < whole; i++) name += String.fromCharCode(path[i]!);
  const left = depth & 3;
  if (left !== 0) name += String.fromCharCode(path[whole]! & (0xff00 >> (2 * left)));
  return name + String.fromCharCode(depth);
}

/** A name as errors show it. */
export function hexName(name: string): string {
  return Buffer.from(name, 'latin1').toString('hex');
}
