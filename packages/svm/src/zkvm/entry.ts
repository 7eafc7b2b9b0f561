import type { Field } from '@polyproof/base';

/** What one step does: `Entry` in circuits/lib/src/sbpf/code.nr. */
export interface Entry {
  op: number;
  a: number;
  b: number;
  /** -1, 0, 1 */
  window: number;
  memory: boolean;
  meter: boolean;
  units: number;
  /** relative to the entry after this one */
  jump: number;
  /** added to register b: below 2^69, not below -2^20 */
  immediate: bigint;
}

const JUMP_ZERO = 0x80000;
const IMMEDIATE_ZERO = 0x100000n;

/** The entry as a field, at its place among those of all programs. */
export function packEntry(entry: Entry, place: number): Field {
  const parts: [bigint, bigint][] = [
    [BigInt(place), 24n],
    [BigInt(entry.a), 6n],
    [BigInt(entry.b), 6n],
    [BigInt(entry.op), 10n],
    [BigInt(entry.window + 1), 2n],
    [entry.memory ? 1n : 0n, 1n],
    [entry.meter ? 1n : 0n, 1n],
    [BigInt(entry.units), 14n],
    [BigInt(entry.jump + JUMP_ZERO), 20n],
    [entry.immediate + IMMEDIATE_ZERO, 70n],
  ];
  let packed = 0n;
  let shift = 0n;
  for (const [value, bits] of parts) {
    if (value < 0n || value >> bits !== 0n) throw new RangeError(`${value} has not ${bits} bits`);
    packed += value << shift;
    shift += bits;
  }
  return packed;
}
