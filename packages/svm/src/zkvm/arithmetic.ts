import { branch, copy, type Line, set, withRegister, withValue } from './assembler.js';
import { OP, REGISTER } from './operations.js';

/** Second operand of an instruction: a register of the machine, or a word. */
export type Operand = { register: number } | { value: bigint };

const SIGN = 1n << 63n;
const LOWER_HALF = 0xffffffffn;
const { T0, T1 } = REGISTER;

/** High four bits of an opcode, where one entry does all. */
const PLAIN: Readonly<Record<number, number>> = {
  0: OP.ADD,
  1: OP.SUB,
  2: OP.MUL,
  3: OP.DIV,
  4: OP.OR,
  5: OP.AND,
  6: OP.SHL,
  7: OP.SHR,
  9: OP.MOD,
  10: OP.XOR,
};
const ADD = 0;
const SUB = 1;
const MUL = 2;
const DIV = 3;
const LSH = 6;
const RSH = 7;
const NEG = 8;
const MOD = 9;
const MOV = 11;
const ARSH = 12;

export const apply = (op: number, a: number, operand: Operand): Line =>
  'register' in operand ? withRegister(op, a, operand.register) : withValue(op, a, operand.value);

const zeroExtend = (a: number, b = a): Line => withRegister(OP.ZERO_EXTEND, a, b);
const signExtend = (a: number, b = a): Line => withRegister(OP.SIGN_EXTEND, a, b);

export function arithmetic64(kind: number, dst: number, operand: Operand): Line[] {
  if (kind === MOV) return [apply(OP.MOV, dst, operand)];
  if (kind === NEG) return negate(dst);
  if (kind === ARSH && 'value' in operand) return shiftWithSignBy(dst, operand.value & 63n);
  if (kind === ARSH) return [apply(OP.MOV, T0, operand), ...shiftWithSign(dst)];
  const op = PLAIN[kind];
  if (op === undefined) return [{ op: OP.TRAP }];
  const divides = (kind === DIV || kind === MOD) && 'register' in operand;
  return [...(divides ? [unlessZero(operand.register)] : []), apply(op, dst, operand)];
}

/** A division by zero is a fault. */
const unlessZero = (register: number): Line => branch(OP.EQ, register, 0n, 'unwind');

/** On the lower halves. Sums and products are extended by their sign, everything else by zeros. */
export function arithmetic32(kind: number, dst: number, operand: Operand): Line[] {
  const half: Operand = 'register' in operand ? operand : { value: operand.value & LOWER_HALF };
  const operandHalf =
    'register' in operand ? zeroExtend(T0, operand.register) : set(T0, operand.value & LOWER_HALF);
  const count = [apply(OP.MOV, T0, half), withValue(OP.AND, T0, 31n)];
  switch (kind) {
    case ADD:
    case SUB:
    case MUL:
      return [apply(PLAIN[kind]!, dst, half), signExtend(dst)];
    case DIV:
    case MOD:
      return [operandHalf, unlessZero(T0), zeroExtend(dst), withRegister(PLAIN[kind]!, dst, T0)];
    case MOV:
      return ['register' in half ? zeroExtend(dst, half.register) : set(dst, half.value)];
    case NEG:
      return [...negate(dst), zeroExtend(dst)];
    case LSH:
      return [...count, withRegister(OP.SHL, dst, T0), zeroExtend(dst)];
    case RSH:
      return [...count, zeroExtend(dst), withRegister(OP.SHR, dst, T0)];
    case ARSH:
      return [...count, signExtend(dst), ...shiftWithSign(dst), zeroExtend(dst)];
    default: {
      const op = PLAIN[kind];
      return op === undefined ? [{ op: OP.TRAP }] : [apply(op, dst, half), zeroExtend(dst)];
    }
  }
}

/** The lowest `bits` bits, for big endian with their bytes in reverse order. */
export function byteOrder(dst: number, bits: number, big: boolean): Line[] {
  if (big) {
    const swap = withRegister(OP.SWAP, dst, dst);
    return bits === 64 ? [swap] : [swap, withValue(OP.SHR, dst, BigInt(64 - bits))];
  }
  return bits === 64 ? [copy(dst, dst)] : [withValue(OP.AND, dst, (1n << BigInt(bits)) - 1n)];
}

function negate(dst: number): Line[] {
  return [copy(T0, dst), set(dst, 0n), withRegister(OP.SUB, dst, T0)];
}

/** As {@link shiftWithSign}, by a number that is known. */
function shiftWithSignBy(dst: number, by: bigint): Line[] {
  return [withValue(OP.ADD, dst, SIGN), withValue(OP.SHR, dst, by), withValue(OP.SUB, dst, SIGN >> by)];
}

/** dst >> T0 with copies of the sign: (dst + 2^63) >> T0, less 2^63 >> T0. */
function shiftWithSign(dst: number): Line[] {
  return [
    withValue(OP.ADD, dst, SIGN),
    withRegister(OP.SHR, dst, T0),
    set(T1, SIGN),
    withRegister(OP.SHR, T1, T0),
    withRegister(OP.SUB, dst, T1),
  ];
}
