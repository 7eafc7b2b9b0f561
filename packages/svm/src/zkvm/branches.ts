import { apply, type Operand } from './arithmetic.js';
import { branch, branchOn, copy, type Line, withRegister, withValue } from './assembler.js';
import { OP, REGISTER } from './operations.js';

const SIGN = 1n << 63n;
const MAX_U64 = (1n << 64n) - 1n;
const { T0, T1 } = REGISTER;

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
/** the others, with their operands exchanged */
const LESS: Readonly<Record<number, number>> = { 12: OP.GT, 13: OP.GE };
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
  const bySign = 'value' in operand ? signOnly(signed, operand.value) : undefined;
  if (bySign !== undefined) return [branch(bySign, dst, SIGN, target)];
  if ('value' in operand)
    // Moved up by 2^63, signed words have the order of unsigned ones.
    return [
      copy(T0, dst),
      withValue(OP.ADD, T0, SIGN),
      branch(signed, T0, (operand.value + SIGN) & MAX_U64, target),
    ];
  const [first, second] = kind in LESS ? [operand.register, dst] : [dst, operand.register];
  return greater(LESS[kind] ?? signed, first, second, target);
}

/** Goes on at a label where a signed word is greater than another one, or greater or equal. */
const greater = (op: number, a: number, b: number, to: string): Line[] => [
  { op: OP.GE, a, immediate: SIGN, jump: 2 },
  branch(OP.GE, b, SIGN, to),
  branchOn(op, a, b, to),
  // Only where the first one is negative, and so the second one too, there is something left to compare.
  { op: OP.LT, a: b, immediate: SIGN, jump: 1 },
  branchOn(op, a, b, to),
];

/** What compares a word with 2^63, where a comparison of signed words only depends on its sign. */
function signOnly(op: number, value: bigint): number | undefined {
  const [least, most] = value === 0n ? [OP.GE, OP.LT] : [OP.GT, OP.LE];
  if (value !== 0n && value !== MAX_U64) return undefined;
  if (op === least) return OP.LT;
  return op === most ? OP.GE : undefined;
}
