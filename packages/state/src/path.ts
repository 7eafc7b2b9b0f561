import type { Field } from '@polyproof/base';

/** The turn that the path of `key` takes at `depth`: false is left. Paths start at the least significant bit. */
export function pathBit(key: Field, depth: number): boolean {
  return ((key >> BigInt(depth)) & 1n) === 1n;
}

/** Whether two paths agree in their first `depth` turns. */
export function samePath(a: Field, b: Field, depth: number): boolean {
  return BigInt.asUintN(depth, a ^ b) === 0n;
}

/** Number of turns that the paths of two different keys have in common. */
export function commonPathLength(a: Field, b: Field): number {
  let difference = a ^ b;
  let length = 0;
  while ((difference & 0xffffffffn) === 0n && difference !== 0n) {
    difference >>= 32n;
    length += 32;
  }
  // the lowest set bit of the 32 that remain
  return length + 31 - Math.clz32(Number(BigInt.asUintN(32, difference & -difference)));
}
