import type { Field } from '@polyproof/base';

/** Children of an inner node: a path takes one of as many turns at each of them. */
export const WIDTH = 4;

/** One of each for the four turns, in their order. */
export type Children<T> = readonly [T, T, T, T];

const DIGIT_BITS = 2;

/** The turn that the path of `key` takes at `depth`: the key's digits in base four, least significant first. */
export function pathDigit(key: Field, depth: number): number {
  return Number((key >> BigInt(DIGIT_BITS * depth)) & 3n);
}

/** Whether two paths agree in their first `depth` turns. */
export function samePath(a: Field, b: Field, depth: number): boolean {
  return BigInt.asUintN(DIGIT_BITS * depth, a ^ b) === 0n;
}

/** Number of turns that the paths of two different keys have in common. */
export function commonPathLength(a: Field, b: Field): number {
  let difference = a ^ b;
  let bits = 0;
  while ((difference & 0xffffffffn) === 0n && difference !== 0n) {
    difference >>= 32n;
    bits += 32;
  }
  // the lowest set bit of the 32 that remain
  bits += 31 - Math.clz32(Number(BigInt.asUintN(32, difference & -difference)));
  return Math.floor(bits / DIGIT_BITS);
}

/** Items by the turn that the paths of their keys take at `depth`. */
export function byDigit<T>(items: readonly T[], keyOf: (item: T) => Field, depth: number): Children<T[]> {
  const groups: Children<T[]> = [[], [], [], []];
  for (const item of items) groups[pathDigit(keyOf(item), depth)]!.push(item);
  return groups;
}
