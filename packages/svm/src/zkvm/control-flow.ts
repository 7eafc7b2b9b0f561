import { ALU, CALL, CALLX, CLASS, EXIT, JA, JUMP, LDDW, SOURCE_REGISTER } from '../sbpf/opcodes.js';
import type { Instructions, Program } from '../sbpf/program.js';

/** What of a program is executed. */
export type Bytecode = Pick<Program, 'version' | 'instructions' | 'textAddress' | 'entry' | 'readOnly'>;

/** Registers as bits: r0 to r10. */
export type RegisterSet = number;

export const setOf = (...registers: number[]): RegisterSet =>
  registers.reduce((bits, register) => bits | (1 << register), 0);

/** Slot that a jump goes to. */
export const target = ({ offset }: Instructions, slot: number): number => slot + 1 + offset[slot]!;

/** Whether it jumps on a condition. */
export function isBranch(opcode: number): boolean {
  const jumps = (opcode & 7) === CLASS.JMP64 || (opcode & 7) === CLASS.JMP32;
  return jumps && opcode >> 4 !== JUMP.JA && opcode !== CALL && opcode !== CALLX && opcode !== EXIT;
}

/** Register that holds the address which a `callx` goes to. */
export const calledRegister = ({ version, instructions }: Bytecode, slot: number): number =>
  version === 0 ? instructions.immediate[slot]! : instructions.dst[slot]!;

/** What an instruction that is no call reads and writes. */
export function operands(
  { opcode, dst, src }: Instructions,
  slot: number,
): { reads: RegisterSet; writes: RegisterSet } {
  const code = opcode[slot]!;
  const [first, second] = [setOf(dst[slot]!), setOf(src[slot]!)];
  const source = (code & SOURCE_REGISTER) !== 0 ? second : 0;
  if (code === LDDW) return { reads: 0, writes: first };
  if (code === JA || code === 0) return { reads: 0, writes: 0 };
  switch (code & 7) {
    case CLASS.LDX:
      return { reads: second, writes: first };
    case CLASS.ST:
      return { reads: first, writes: 0 };
    case CLASS.STX:
      return { reads: first | second, writes: 0 };
    case CLASS.ALU32:
    case CLASS.ALU64:
      if (code >> 4 === ALU.END) return { reads: first, writes: first };
      return { reads: (code >> 4 === ALU.MOV ? 0 : first) | source, writes: first };
    default:
      return { reads: first | source, writes: 0 };
  }
}

const MAX_U64 = (1n << 64n) - 1n;

/**
 * Slots whose address is in the program: as an instruction's operand, or as an aligned word of its data. Calls by register
 * are proved to these alone: a compiler's programs have no others, and what computes one ends in a trap.
 */
export function slotsWithAddress({ instructions, textAddress, readOnly }: Bytecode): Set<number> {
  const { length, opcode, immediate, high } = instructions;
  const found = new Set<number>();
  const note = (address: bigint) => {
    const offset = address - (textAddress & MAX_U64);
    if (offset < 0n || offset >= 8n * BigInt(length) || (offset & 7n) !== 0n) return;
    const slot = Number(offset >> 3n);
    if (opcode[slot] !== 0) found.add(slot);
  };
  for (let slot = 0; slot < length; slot++)
    if (opcode[slot] === LDDW) note(BigInt(immediate[slot]! >>> 0) | (BigInt(high[slot]!) << 32n));
  const { buffer, byteOffset, byteLength } = readOnly.bytes;
  const data = new DataView(buffer, byteOffset, byteLength);
  for (let at = Number(-readOnly.address & 7n); at + 8 <= byteLength; at += 8)
    note(data.getBigUint64(at, true));
  return found;
}

/** Slots that others than the one in front of them lead to. */
export function slotsJumpedTo(program: Bytecode): Set<number> {
  const { instructions, entry } = program;
  const { length, opcode, call } = instructions;
  const found = new Set([entry, ...slotsWithAddress(program)]);
  for (let slot = 0; slot < length; slot++) {
    const code = opcode[slot]!;
    if (isBranch(code) || code === JA) found.add(target(instructions, slot));
    if (code === CALL && call[slot]! >= 0) found.add(call[slot]!);
  }
  return found;
}
