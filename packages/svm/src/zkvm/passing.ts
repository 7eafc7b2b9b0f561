import { ALU, CALL, CALLX, CLASS, EXIT, JA, LDDW } from '../sbpf/opcodes.js';
import { type Bytecode, isBranch, operands, type RegisterSet, setOf, slotsJumpedTo } from './control-flow.js';

/** Arguments and what comes back: behind a call they are what the callee left in them. */
const ARGUMENTS = setOf(0, 1, 2, 3, 4, 5);

/**
 * The registers that are in the callee's window already, before each instruction.
 *
 * An argument of a call is computed where the callee finds it, from the last instruction on that gives it a value which does not
 * depend on its old one, if only straight code is between that and the call.
 * @param live - see `liveRegisters`
 */
export function passedRegisters(program: Bytecode, live: Uint16Array): Uint16Array {
  const { instructions } = program;
  const { length, opcode, call, dst } = instructions;
  const passed = new Uint16Array(length + 1);
  const jumpedTo = slotsJumpedTo(program);
  for (let at = 0; at < length; at++) {
    if (opcode[at] !== CALL || call[at]! < 0) continue;
    // From the call upwards: where each argument gets its value, as long as it is still looked for.
    const starts: [register: number, slot: number][] = [];
    let wanted: RegisterSet = live[call[at]!]! & ARGUMENTS;
    for (let slot = at - 1; slot >= 0 && wanted !== 0 && !jumpedTo.has(slot + 1); slot--) {
      const code = opcode[slot]!;
      if (isBranch(code) || [CALL, CALLX, JA, EXIT].includes(code)) break;
      const register = setOf(dst[slot]!);
      if ((operands(instructions, slot).writes & wanted) === 0 || !replaces(code)) continue;
      starts.push([dst[slot]!, slot]);
      wanted &= ~register;
    }
    for (const [register, start] of starts)
      for (let slot = start + 1; slot <= at; slot++) passed[slot]! |= setOf(register);
  }
  return passed;
}

/** Whether it writes a register whatever that held, unless it is one of its operands: with one entry for all. */
function replaces(opcode: number): boolean {
  const kind = opcode & 7;
  if (opcode === LDDW || kind === CLASS.LDX) return true;
  return (kind === CLASS.ALU32 || kind === CLASS.ALU64) && opcode >> 4 === ALU.MOV;
}
