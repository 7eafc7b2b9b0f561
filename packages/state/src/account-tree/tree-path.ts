const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let out = 0;
  for (let bit = 0; bit < 8; bit++) out |= ((byte >> bit) & 1) << (7 - bit);
  return out;
});

const KEY_BYTES = 32;

/** The turns of a key's path, first turn in the top bit of the first byte: paths sort as the tree is ordered. */
export function pathOf(key: Uint8Array): Uint8Array {
  const path = new Uint8Array(KEY_BYTES);
  for (let i = 0; i < KEY_BYTES; i++) path[i] = REVERSED[key[KEY_BYTES - 1 - i]!]!;
  return path;
}

/** Whether the path turns right at `depth`. */
export function turnsRight(path: Uint8Array, depth: number): boolean {
  return ((path[depth >> 3]! >> (7 - (depth & 7))) & 1) === 1;
}

export function comparePaths(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

/** Number of turns that two paths have in common; 256 for equal ones. */
export function commonTurns(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < KEY_BYTES; i++) {
    const difference = a[i]! ^ b[i]!;
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24;
  }
  return 8 * KEY_BYTES;
}

/**
 * Name of the place at `depth` on a path: the turns that lead there, filled up to whole bytes, then the depth.
 * Places near each other in the tree are near each other in the order of names.
 */
export function placeName(path: Uint8Array, depth: number): Buffer {
  const bytes = Math.ceil(depth / 8);
  const name = Buffer.allocUnsafeSlow(bytes + 1);
  name.set(path.subarray(0, bytes));
  if ((depth & 7) !== 0) name[bytes - 1]! &= 0xff00 >> (depth & 7);
  name[bytes] = depth;
  return name;
}
