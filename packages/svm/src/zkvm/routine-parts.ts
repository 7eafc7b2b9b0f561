import { type Assembler, branch, go, type Line, set, withValue } from './assembler.js';
import { OP, REGISTER } from './operations.js';

export const R = (register: number) => REGISTER.R0 + register;
/** Registers of routines: those of the next window, which a call fills anew. */
export const P = 32;
export const Q = 33;
export const N = 34;
export const V = 35;
export const W = 36;
export const S = 37;

/** Adds what a system call of the program with this address does. Labels begin with its name. */
export type Routine = (assembler: Assembler, name: string, address: Uint8Array) => void;

/** Returns 0. */
export const done = (): Line[] => [
  set(R(0), 0n),
  { op: OP.JUMP, b: REGISTER.ROUTINE_LINK, by: 'routine-link' },
];

/**
 * Goes through `N` bytes, eight at a time and then one by one.
 * @param body - what is done with so many bytes, so far behind the pointers
 * @param blocks - whether it begins with 64 bytes at a time
 */
export function loop(
  assembler: Assembler,
  name: string,
  body: (bytes: number, offset: bigint) => Line[],
  pointers: number[],
  blocks = false,
): void {
  for (const [bytes, label, after] of [
    ...(blocks ? [[64, `${name} blocks`, `${name} words`] as const] : []),
    [8, `${name} words`, `${name} bytes`],
    [1, `${name} bytes`, `${name} done`],
  ] as const) {
    assembler.label(label);
    assembler.add(branch(OP.LT, N, BigInt(bytes), after));
    assembler.label(`${label} on`);
    const parts = bytes === 64 ? [0n, 8n, 16n, 24n, 32n, 40n, 48n, 56n] : [0n];
    assembler.add(
      ...parts.flatMap((offset) => body(Math.min(bytes, 8), offset)),
      ...pointers.map((pointer) => withValue(OP.ADD, pointer, BigInt(bytes))),
      withValue(OP.SUB, N, BigInt(bytes)),
      branch(OP.GE, N, BigInt(bytes), `${label} on`),
    );
  }
  assembler.label(`${name} done`);
}

/** As many compute units as `N`, which is 0 then. */
export function chargeLength(assembler: Assembler, name: string): void {
  for (const [units, after] of [
    [64, `${name} charge 8`],
    [8, `${name} charge 1`],
    [1, `${name} charged`],
  ] as const) {
    assembler.label(`${name} charge ${units}`);
    assembler.add(branch(OP.LT, N, BigInt(units), after), {
      ...withValue(OP.SUB, N, BigInt(units)),
      units,
    });
    assembler.add(go(`${name} charge ${units}`));
  }
  assembler.label(`${name} charged`);
}
