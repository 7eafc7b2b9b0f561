import type { Field } from '@polyproof/base';

const LOW_64 = (1n << 64n) - 1n;

/** The part of a key that the circuit takes as the path: no leaf lies deeper than its 32 digits. */
export function circuitPath(key: Field): bigint {
  return key & LOW_64;
}

/** Sorts accounts as the circuit's table has them. */
export function inCircuitOrder(a: { key: Field }, b: { key: Field }): number {
  return circuitPath(a.key) < circuitPath(b.key) ? -1 : 1;
}
