import { ZkvmError } from './errors.js';
import { OP } from './operations.js';

const MASK = (1n << 64n) - 1n;
const HALF = 0xffffffffn;

/**
 * z and u of an operation on words.
 * @throws {ZkvmError} where nothing answers it: a division by zero, an operand above 64 bits, a trap
 */
export function operate(op: number, x: bigint, y: bigint): { z: bigint; u: bigint } {
  if (y < 0n || y > MASK) throw refused(op, x, y);
  const value = (z: bigint) => ({ z: z & MASK, u: 0n });
  const flag = (condition: boolean) => ({ z: x, u: condition ? 1n : 0n });
  const by = y & 63n;
  switch (op) {
    case OP.JA:
      return { z: 0n, u: 1n };
    case OP.MOV:
      return value(y);
    case OP.SEED:
    case OP.SEED_8:
      return { z: x, u: 0n };
    case OP.JUMP:
      return { z: x, u: y };
    case OP.ZERO_EXTEND:
      return value(y & HALF);
    case OP.SIGN_EXTEND:
      return value(BigInt.asIntN(32, y));
    case OP.ADD:
      return value(x + y);
    case OP.SUB:
      return value(x - y);
    case OP.MUL:
      return value(x * y);
    case OP.EQ:
      return flag(x === y);
    case OP.NE:
      return flag(x !== y);
    case OP.LT:
      return flag(x < y);
    case OP.GE:
      return flag(x >= y);
    case OP.GT:
      return flag(x > y);
    case OP.LE:
      return flag(x <= y);
    case OP.AND:
      return value(x & y);
    case OP.OR:
      return value(x | y);
    case OP.XOR:
      return value(x ^ y);
    case OP.SHL:
      return value(x << by);
    case OP.SHR:
      return value(x >> by);
    case OP.SWAP:
      return value(reversed(y));
    case OP.DIV:
    case OP.MOD:
      if (y !== 0n) return value(op === OP.DIV ? x / y : x % y);
  }
  throw refused(op, x, y);
}

function reversed(word: bigint): bigint {
  let result = 0n;
  for (let rest = word, i = 0; i < 8; i++, rest >>= 8n) result = (result << 8n) | (rest & 255n);
  return result;
}

function refused(op: number, x: bigint, y: bigint): ZkvmError {
  return new ZkvmError('NOT_PROVABLE_EXECUTION', `the execution ends in a fault that cannot be proved`, {
    op,
    x: `0x${x.toString(16)}`,
    y: `0x${y.toString(16)}`,
  });
}
