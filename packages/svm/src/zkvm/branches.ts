import { apply, type Operand } from './arithmetic.js';
import { branch, branchOn, copy, type Line, set, withRegister, withValue } from './assembler.js';
import { OP, REGISTER } from './operations.js';

const SIGN = 1n << 63n;
const MAX_U64 = (1n << 64n) - 1n;
const { T0, T1, T2 } = REGISTER;

/** By the high four bits of an opcode. */
const UNSIGNED: Readonly<Record<number, number>> = {
  1: OP.EQ,
  2: OP.GT,
  3: OP.GE,
  5: OP.NE,
  10: OP.LT,
  11: OP.LE,
};
const SIGNED: Readonly<Record<number, number>> = { 6: OP.GT, 7: OP.GE, 12: OP.LT, 13: OP.LE };
const JSET = 4;

/** Conditional jump on all 64 bits, or on the lower halves. */
export function branchLines(
  kind: number,
  half: boolean,
  dst: number,
  operand: Operand,
  target: string,
): Line[] {
  if (half) {
    const extend = kind in SIGNED ? OP.SIGN_EXTEND : OP.ZERO_EXTEND;
    const second =
      'register' in operand
        ? withRegister(extend, T1, operand.register)
        : withValue(extend, T1, operand.value & 0xffffffffn);
    return [withRegister(extend, T0, dst), second, ...branchLines(kind, false, T0, { register: T1 }, target)];
  }
  if (kind === JSET) return [copy(T0, dst), apply(OP.AND, T0, operand), branch(OP.NE, T0, 0n, target)];
  const unsigned = UNSIGNED[kind];
  if (unsigned !== undefined) return [{ ...apply(unsigned, dst, operand), to: target }];
  const signed = SIGNED[kind];
  if (signed === undefined) return [{ op: OP.TRAP }];
  // Moved up by 2^63, signed words have the order of unsigned ones.
  const first = [copy(T0, dst), withValue(OP.ADD, T0, SIGN)];
  if ('value' in operand) return [...first, branch(signed, T0, (operand.value + SIGN) & MAX_U64, target)];
  return [
    set(T2, SIGN),
    withRegister(OP.ADD, T2, operand.register),
    ...first,
    branchOn(signed, T0, T2, target),
  ];
}
