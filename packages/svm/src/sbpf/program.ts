/** Versions of sBPF that are executed: all programs that Solana's own toolchain makes are v0, the newest are v3. */
export type SbpfVersion = 0 | 3;

/** Virtual address spaces of 4 GiB each: a program's code or constants, its stack, heap and input. */
export const REGION_BYTES = 1n << 32n;
export const STACK_ADDRESS = 2n * REGION_BYTES;
export const HEAP_ADDRESS = 3n * REGION_BYTES;
export const INPUT_ADDRESS = 4n * REGION_BYTES;
export const STACK_FRAME_BYTES = 4_096;
export const MAX_CALL_DEPTH = 64;

/** A column for each field, a row for each slot of 8 bytes. The second slot of a lddw has opcode 0. */
export interface Instructions {
  length: number;
  opcode: Uint8Array;
  dst: Uint8Array;
  src: Uint8Array;
  offset: Int16Array;
  immediate: Int32Array;
  /** upper half of the operand: of the immediate's sign extension, for lddw of the second slot */
  high: Uint32Array;
  /** of `call`: the slot that is called, {@link UNRESOLVED}, or -2 - n for number n of the system calls */
  call: Int32Array;
}

/** A call of something that does not exist: a fault when it is executed. */
export const UNRESOLVED = -1;

/** A program as Agave loads it: relocated, verified, decoded. */
export interface Program {
  version: SbpfVersion;
  instructions: Instructions;
  /** the bytecode after relocation */
  text: Uint8Array;
  /** virtual address of the first instruction */
  textAddress: bigint;
  /** what the program can read of itself; in v0 the bytecode is part of it */
  readOnly: { address: bigint; bytes: Uint8Array };
  /** slot of the first instruction that is executed */
  entry: number;
}
