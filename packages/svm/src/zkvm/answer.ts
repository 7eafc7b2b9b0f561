import type { Field } from '@polyproof/base';

/** What a row of a chip says: see circuits/lib/src/sbpf/pack.nr. */
export interface Answer {
  op: number;
  x: bigint;
  y: bigint;
  z: bigint;
  u: bigint;
}

export function packAnswer({ op, x, y, z, u }: Answer): Field {
  return BigInt(op) + (x << 10n) + (y << 74n) + (z << 142n) + (u << 206n);
}
