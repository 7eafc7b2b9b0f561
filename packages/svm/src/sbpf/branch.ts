import { JUMP } from './opcodes.js';
import { VmFault } from './vm-fault.js';

/** Whether a conditional jump of 64 bits is taken, on two little-endian pairs of halves. */
export function branches64(kind: number, xl: number, xh: number, yl: number, yh: number): boolean {
  switch (kind) {
    case JUMP.JEQ:
      return xl === yl && xh === yh;
    case JUMP.JNE:
      return xl !== yl || xh !== yh;
    case JUMP.JSET:
      return ((xl & yl) | (xh & yh)) !== 0;
    case JUMP.JGT:
      return xh !== yh ? xh > yh : xl > yl;
    case JUMP.JGE:
      return xh !== yh ? xh > yh : xl >= yl;
    case JUMP.JLT:
      return xh !== yh ? xh < yh : xl < yl;
    case JUMP.JLE:
      return xh !== yh ? xh < yh : xl <= yl;
    case JUMP.JSGT:
      return xh !== yh ? (xh | 0) > (yh | 0) : xl > yl;
    case JUMP.JSGE:
      return xh !== yh ? (xh | 0) > (yh | 0) : xl >= yl;
    case JUMP.JSLT:
      return xh !== yh ? (xh | 0) < (yh | 0) : xl < yl;
    case JUMP.JSLE:
      return xh !== yh ? (xh | 0) < (yh | 0) : xl <= yl;
    default:
      throw new VmFault('UNSUPPORTED_INSTRUCTION');
  }
}

/** Whether a conditional jump of 32 bits (v3) is taken. */
export function branches32(kind: number, x: number, y: number): boolean {
  switch (kind) {
    case JUMP.JEQ:
      return x === y;
    case JUMP.JNE:
      return x !== y;
    case JUMP.JSET:
      return (x & y) !== 0;
    case JUMP.JGT:
      return x > y;
    case JUMP.JGE:
      return x >= y;
    case JUMP.JLT:
      return x < y;
    case JUMP.JLE:
      return x <= y;
    case JUMP.JSGT:
      return (x | 0) > (y | 0);
    case JUMP.JSGE:
      return (x | 0) >= (y | 0);
    case JUMP.JSLT:
      return (x | 0) < (y | 0);
    case JUMP.JSLE:
      return (x | 0) <= (y | 0);
    default:
      throw new VmFault('UNSUPPORTED_INSTRUCTION');
  }
}
