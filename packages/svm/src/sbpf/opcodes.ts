/** Opcodes of sBPF v0 and v3: https://github.com/anza-xyz/sbpf/blob/main/doc/bytecode.md */

/** Low three bits of an opcode. */
export const CLASS = { LD: 0, LDX: 1, ST: 2, STX: 3, ALU32: 4, JMP64: 5, JMP32: 6, ALU64: 7 } as const;

/** Bit of an arithmetic or jump opcode that says: the second operand is a register, not the immediate. */
export const SOURCE_REGISTER = 0x08;

/** High four bits of an arithmetic opcode. */
export const ALU = {
  ADD: 0,
  SUB: 1,
  MUL: 2,
  DIV: 3,
  OR: 4,
  AND: 5,
  LSH: 6,
  RSH: 7,
  NEG: 8,
  MOD: 9,
  XOR: 10,
  MOV: 11,
  ARSH: 12,
  /** byte order: the source bit means big endian */
  END: 13,
} as const;

/** High four bits of a jump opcode. */
export const JUMP = {
  JA: 0,
  JEQ: 1,
  JGT: 2,
  JGE: 3,
  JSET: 4,
  JNE: 5,
  JSGT: 6,
  JSGE: 7,
  JLT: 10,
  JLE: 11,
  JSLT: 12,
  JSLE: 13,
} as const;

export const LDDW = 0x18;
export const JA = 0x05;
export const CALL = 0x85;
export const CALLX = 0x8d;
export const EXIT = 0x95;
export const LE = 0xd4;
export const BE = 0xdc;

/** Bytes of a load or store, by bits 3 and 4 of its opcode. */
export const MEMORY_SIZES = [4, 2, 1, 8] as const;
