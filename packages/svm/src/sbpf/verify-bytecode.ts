import { ProgramLoadError } from './errors.js';
import { ALU, BE, CALL, CALLX, CLASS, EXIT, JA, JUMP, LDDW, LE, SOURCE_REGISTER } from './opcodes.js';
import type { SbpfVersion } from './program.js';

const SLOT_BYTES = 8;
const REGISTERS = 10;

/**
 * Checks bytecode as sbpf's `RequisiteVerifier` does, before the program is executed.
 * @throws {ProgramLoadError} naming the rule and the instruction
 */
export function verifyBytecode(text: Uint8Array, version: SbpfVersion): void {
  if (text.length === 0) throw bad('NoProgram', 'it has no bytecode', 0);
  if (text.length % SLOT_BYTES !== 0)
    throw bad('ProgramLengthNotMultiple', `its bytecode has ${text.length} bytes`, 0);
  const count = text.length / SLOT_BYTES;
  const view = new DataView(text.buffer, text.byteOffset, text.length);
  for (let slot = 0; slot < count; slot++) {
    const at = SLOT_BYTES * slot;
    const opcode = text[at]!;
    const dst = text[at + 1]! & 15;
    const src = text[at + 1]! >> 4;
    const immediate = view.getInt32(at + 4, true);
    if (!isKnown(opcode, version))
      throw bad('UnknownOpCode', `opcode 0x${opcode.toString(16)} is unknown`, slot);
    checkOperands(opcode, immediate, version === 0 ? immediate : dst, slot);
    if (isJump(opcode)) checkJump(text, slot + 1 + view.getInt16(at + 2, true), count, slot);
    if (opcode === LDDW && slot + 1 >= count) throw bad('LDDWCannotBeLast', 'lddw is cut off', slot);
    if (opcode === LDDW && text[at + SLOT_BYTES] !== 0)
      throw bad('IncompleteLDDW', 'lddw has no second half', slot);
    // The registers of lddw are checked in its first half.
    checkRegisters(opcode, dst, src, slot);
    if (opcode === LDDW) slot++;
  }
}

function isKnown(opcode: number, version: SbpfVersion): boolean {
  const kind = opcode >> 4;
  switch (opcode & 7) {
    case CLASS.LD:
      return opcode === LDDW;
    case CLASS.LDX:
    case CLASS.ST:
    case CLASS.STX:
      // Bits 5 to 7 say "memory"; the others are the size.
      return (opcode & 0xe0) === 0x60;
    case CLASS.ALU32:
      return opcode === LE || opcode === BE || isArithmetic(kind, opcode);
    case CLASS.ALU64:
      return isArithmetic(kind, opcode);
    case CLASS.JMP64:
      return opcode === JA || opcode === CALL || opcode === CALLX || opcode === EXIT || isConditional(kind);
    default:
      return version === 3 && isConditional(kind);
  }
}

function isArithmetic(kind: number, opcode: number): boolean {
  return kind < ALU.END && (kind !== ALU.NEG || (opcode & SOURCE_REGISTER) === 0);
}

function isConditional(kind: number): boolean {
  return (kind >= JUMP.JEQ && kind <= JUMP.JSGE) || (kind >= JUMP.JLT && kind <= JUMP.JSLE);
}

function isJump(opcode: number): boolean {
  const jumps = (opcode & 7) === CLASS.JMP64 && isConditional(opcode >> 4);
  return opcode === JA || jumps || (opcode & 7) === CLASS.JMP32;
}

function checkOperands(opcode: number, immediate: number, called: number, slot: number): void {
  const kind = opcode >> 4;
  const wide = (opcode & 7) === CLASS.ALU64;
  if ((wide || (opcode & 7) === CLASS.ALU32) && (opcode & SOURCE_REGISTER) === 0) {
    if ((kind === ALU.DIV || kind === ALU.MOD) && immediate === 0)
      throw bad('DivisionByZero', 'it divides by 0', slot);
    const shifts = kind === ALU.LSH || kind === ALU.RSH || kind === ALU.ARSH;
    if (shifts && (immediate < 0 || immediate >= (wide ? 64 : 32)))
      throw bad('ShiftWithOverflow', `it shifts by ${immediate} bits`, slot);
  }
  if ((opcode === LE || opcode === BE) && immediate !== 16 && immediate !== 32 && immediate !== 64)
    throw bad('UnsupportedLEBEArgument', `it orders ${immediate} bits`, slot);
  if (opcode === CALLX && (called < 0 || called >= REGISTERS))
    throw bad('InvalidRegister', `it calls register ${called}`, slot);
}

function checkJump(text: Uint8Array, target: number, count: number, slot: number): void {
  if (target < 0 || target >= count) throw bad('JumpOutOfCode', `it jumps to ${target}`, slot);
  if (text[SLOT_BYTES * target] === 0)
    throw bad('JumpToMiddleOfLDDW', `it jumps into the lddw at ${target - 1}`, slot);
}

function checkRegisters(opcode: number, dst: number, src: number, slot: number): void {
  if (src > REGISTERS) throw bad('InvalidSourceRegister', `it reads register ${src}`, slot);
  const store = (opcode & 7) === CLASS.ST || (opcode & 7) === CLASS.STX;
  if (dst === REGISTERS && !store) throw bad('CannotWriteR10', 'it writes register 10', slot);
  if (dst > REGISTERS) throw bad('InvalidDestinationRegister', `it writes register ${dst}`, slot);
}

function bad(reason: string, what: string, slot: number): ProgramLoadError {
  return new ProgramLoadError('BAD_BYTECODE', `instruction ${slot} is not allowed: ${what}.`, {
    reason,
    slot,
  });
}
