/** What a step asks of a chip: circuits/lib/src/sbpf/op.nr holds the same, and says what each means. */
export const OP = {
  JA: 1,
  MOV: 2,
  JUMP: 3,
  ZERO_EXTEND: 4,
  SIGN_EXTEND: 5,
  ADD: 6,
  SUB: 7,
  EQ: 8,
  NE: 9,
  LT: 12,
  GE: 13,
  GT: 14,
  LE: 15,
  AND: 16,
  OR: 17,
  XOR: 20,
  SHL: 24,
  SHR: 25,
  MUL: 26,
  DIV: 28,
  MOD: 29,
  SWAP: 30,
  METER: 32,
  ENTER: 33,
  ARGUMENT: 34,
  LEAVE: 35,
  CALL: 36,
  DERIVATION: 37,
  SEED: 38,
  SEED_8: 39,
  ADDRESS: 40,
  FIND: 41,
  /** plus 0, 1, 2 for 1, 2, 4 bytes */
  LOAD: 48,
  STORE: 52,
  LOAD_8: 520,
  STORE_8: 632,
  /** asked for where the execution has to end: nothing answers it */
  TRAP: 11,
} as const;

/** Bits of a memory row's operation. */
export const MEMORY_ROW = {
  BASE: 512,
  STORES: 16,
  WRITABLE: 32,
  WHOLE: 64,
  CONTINUED: 128,
  SECOND: 256,
} as const;

/** Places of program 0 and of all others: see circuits/lib/src/sbpf/invocation.nr. */
export const PLACE = {
  METER: 0,
  ENTER: 1,
  HALT: 2,
  LEAVE: 1,
  UNWIND: 2,
  PROLOGUE: 4,
  CALL: 19,
  RESUME: 20,
  ABANDON: 21,
} as const;

/** entries between the places of two programs */
export const PROGRAM_ENTRIES = 0x40000;
/** addresses from here on are for the machine's own routines */
export const PRIVILEGED = 1n << 66n;
/** where routines keep return data: its length, the program that it is of, its bytes */
export const RETURNED = PRIVILEGED + (1n << 56n);
/** accesses that may be counted in a run */
export const COUNTERS = 0x4000;
/** added to the counter of rows that no step can use */
export const UNUSED = 0x8000000;

export const WINDOW_REGISTERS = 16;

/** Registers of the current window by name; those of the window before it are 16 lower, of the next one 16 higher. */
export const REGISTER = {
  /** r0; r1 to r10 follow */
  R0: 16,
  /** always zero */
  ZERO: 27,
  T0: 28,
  T1: 29,
  T2: 30,
  /** the place to return to, counted down from {@link PROGRAM_ENTRIES} */
  LINK: 31,
  /** of the next window: where a routine returns to */
  ROUTINE_LINK: 47,
} as const;
