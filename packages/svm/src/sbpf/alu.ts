import { ALU } from './opcodes.js';
import { VmFault } from './vm-fault.js';

const operand = new BigUint64Array(1);
const operandHalves = new Uint32Array(operand.buffer);

/**
 * The 64-bit operation `kind` on register `d` and the operand `high:low`. Registers are little-endian pairs in `halves`, and
 * `words` is the same memory.
 * @throws {VmFault} on division by zero
 */
export function alu64(
  kind: number,
  halves: Uint32Array,
  words: BigUint64Array,
  d: number,
  low: number,
  high: number,
): void {
  const at = 2 * d;
  const l = halves[at]!;
  const h = halves[at + 1]!;
  switch (kind) {
    case ALU.ADD: {
      const sum = l + low;
      halves[at] = sum;
      halves[at + 1] = h + high + (sum > 0xffffffff ? 1 : 0);
      return;
    }
    case ALU.SUB:
      halves[at] = l - low;
      halves[at + 1] = h - high - (l < low ? 1 : 0);
      return;
    case ALU.NEG:
      halves[at] = -l;
      halves[at + 1] = -h - (l > 0 ? 1 : 0);
      return;
    case ALU.OR:
      halves[at] = l | low;
      halves[at + 1] = h | high;
      return;
    case ALU.AND:
      halves[at] = l & low;
      halves[at + 1] = h & high;
      return;
    case ALU.XOR:
      halves[at] = l ^ low;
      halves[at + 1] = h ^ high;
      return;
    case ALU.MOV:
      halves[at] = low;
      halves[at + 1] = high;
      return;
    case ALU.LSH:
    case ALU.RSH:
    case ALU.ARSH:
      shift64(kind, halves, at, low & 63);
      return;
    default:
      operandHalves[0] = low;
      operandHalves[1] = high;
      words[d] = multiplyOrDivide(kind, words[d]!, operand[0]!);
  }
}

function multiplyOrDivide(kind: number, x: bigint, y: bigint): bigint {
  if (kind === ALU.MUL) return x * y;
  if (kind !== ALU.DIV && kind !== ALU.MOD) throw new VmFault('UNSUPPORTED_INSTRUCTION');
  if (y === 0n) throw new VmFault('DIVIDE_BY_ZERO');
  return kind === ALU.DIV ? x / y : x % y;
}

function shift64(kind: number, halves: Uint32Array, at: number, by: number): void {
  if (by === 0) return;
  const l = halves[at]!;
  const h = halves[at + 1]!;
  if (kind === ALU.LSH) {
    halves[at] = by < 32 ? l << by : 0;
    halves[at + 1] = by < 32 ? (h << by) | (l >>> (32 - by)) : l << (by - 32);
    return;
  }
  const signed = kind === ALU.ARSH;
  halves[at] = by < 32 ? (l >>> by) | (h << (32 - by)) : signed ? h >> (by - 32) : h >>> (by - 32);
  if (by < 32) halves[at + 1] = signed ? h >> by : h >>> by;
  else halves[at + 1] = signed ? h >> 31 : 0;
}

/**
 * The 32-bit operation `kind`. Sums, differences and products are sign-extended to 64 bits, all other results are
 * zero-extended: so it is in every version but v2.
 * @throws {VmFault} on division by zero
 */
export function alu32(kind: number, halves: Uint32Array, d: number, y: number): void {
  const at = 2 * d;
  const x = halves[at]!;
  let result: number;
  switch (kind) {
    case ALU.ADD:
      signExtend(halves, at, x + y);
      return;
    case ALU.SUB:
      signExtend(halves, at, x - y);
      return;
    case ALU.MUL:
      signExtend(halves, at, Math.imul(x, y));
      return;
    case ALU.DIV:
      if (y === 0) throw new VmFault('DIVIDE_BY_ZERO');
      result = Math.floor(x / y);
      break;
    case ALU.MOD:
      if (y === 0) throw new VmFault('DIVIDE_BY_ZERO');
      result = x % y;
      break;
    case ALU.OR:
      result = x | y;
      break;
    case ALU.AND:
      result = x & y;
      break;
    case ALU.XOR:
      result = x ^ y;
      break;
    case ALU.NEG:
      result = -x;
      break;
    case ALU.MOV:
      result = y;
      break;
    case ALU.LSH:
      result = x << (y & 31);
      break;
    case ALU.RSH:
      result = x >>> (y & 31);
      break;
    case ALU.ARSH:
      result = x >> (y & 31);
      break;
    default:
      throw new VmFault('UNSUPPORTED_INSTRUCTION');
  }
  halves[at] = result;
  halves[at + 1] = 0;
}

function signExtend(halves: Uint32Array, at: number, value: number): void {
  halves[at] = value;
  halves[at + 1] = (value | 0) >> 31;
}

/** Truncates a register to `bits`, in reversed byte order where `big`. */
export function byteOrder(halves: Uint32Array, d: number, bits: number, big: boolean): void {
  const at = 2 * d;
  const l = halves[at]!;
  const h = halves[at + 1]!;
  if (bits === 64) {
    if (big) {
      halves[at] = reverse(h);
      halves[at + 1] = reverse(l);
    }
    return;
  }
  const kept = bits === 16 ? l & 0xffff : l;
  halves[at] = big ? (bits === 16 ? reverse(kept) >>> 16 : reverse(kept)) : kept;
  halves[at + 1] = 0;
}

function reverse(value: number): number {
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
