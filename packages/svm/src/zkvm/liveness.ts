import { ALU, CALL, CALLX, CLASS, EXIT, JA, JUMP, LDDW, SOURCE_REGISTER } from '../sbpf/opcodes.js';
import type { Instructions, Program } from '../sbpf/program.js';

/** Registers as bits: r0 to r9. What r10 holds is known in every frame. */
export type RegisterSet = number;

const set = (...registers: number[]): RegisterSet =>
  registers.reduce((bits, register) => bits | (1 << register), 0);
const ALL = set(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
const RESULT = set(0);
/** what a function leaves to its caller; r6 to r9 are the caller's own again */
const SHARED = set(0, 1, 2, 3, 4, 5);
const OWN = ALL & ~SHARED;
/** system calls that do not come back */
const ENDING = new Set(['abort', 'sol_panic_']);
/** how many arguments the machine's routines look at, where they do not look at all five */
const ARGUMENT_COUNTS: Readonly<Record<string, number>> = {
  abort: 0,
  sol_panic_: 0,
  sol_log_: 2,
  sol_log_pubkey: 1,
  sol_create_program_address: 4,
  sol_memcpy_: 3,
  sol_memmove_: 3,
  sol_memset_: 3,
  sol_memcmp_: 4,
  sol_set_return_data: 2,
  sol_get_return_data: 3,
  sol_get_rent_sysvar: 1,
  sol_get_sysvar: 4,
};

/**
 * The registers whose value something may still depend on, before each instruction.
 *
 * A value that is dead on every path, also through functions that are called and returned from, need not be kept. A call
 * by register may go anywhere, and so passes all registers on, and every function may return from one.
 * @param syscalls - names of the system calls by their number
 */
export function liveRegisters(
  { instructions, entry }: Pick<Program, 'instructions' | 'entry'>,
  syscalls: readonly string[],
): Uint16Array {
  const { length, opcode, call } = instructions;
  const ends = (slot: number) => call[slot]! <= -2 && ENDING.has(syscalls[-2 - call[slot]!]!);
  const returns = returning(instructions, ends);
  const functions = functionsOf(instructions, entry, returns, ends);
  // Behind the last instruction the program fails, which depends on nothing.
  const live = new Uint16Array(length + 1);
  /** what callers look at that a function leaves: of each function, and what those look at that call by register */
  const left = new Map<number, RegisterSet>([[functions[entry]!, RESULT]]);
  let leftByAny = 0;
  let changed = false;
  const leave = (of: number, registers: RegisterSet) => {
    const known = left.get(of) ?? 0;
    changed ||= (registers & ~known) !== 0;
    left.set(of, known | registers);
  };
  const before = (slot: number): RegisterSet => {
    const next = live[slot + 1]!;
    const goes = () => live[target(instructions, slot)] ?? 0;
    switch (opcode[slot]) {
      case 0:
        return next;
      case LDDW:
        return next & ~set(instructions.dst[slot]!);
      case JA:
        return goes();
      case EXIT:
        return leftByAny | (left.get(functions[slot]!) ?? 0);
      case CALLX:
        changed ||= (next & SHARED & ~leftByAny) !== 0;
        leftByAny |= next & SHARED;
        return ALL;
      case CALL: {
        const called = call[slot]!;
        if (called < -1) return argumentsOf(syscalls[-2 - called]!) | (ends(slot) ? 0 : next & ~RESULT);
        if (called < 0) return 0;
        if (returns[called] === 0) return live[called]!;
        leave(functions[called]!, next & SHARED);
        return live[called]! | (next & OWN);
      }
    }
    const { reads, writes } = operands(instructions, slot);
    const jumps = isJump(opcode[slot]!) ? goes() : 0;
    return reads | ((next | jumps) & ~writes);
  };
  untilStable(() => {
    changed = false;
    for (let slot = length - 1; slot >= 0; slot--) {
      const found = before(slot);
      changed ||= found !== live[slot];
      live[slot] = found;
    }
    return changed;
  });
  return live;
}

/**
 * The function that each instruction is part of, by its first one: of those that are called, and the program's own. Functions
 * that have instructions in common are one; -1 where none of them comes to.
 */
function functionsOf(
  { opcode, call, offset, length }: Instructions,
  entry: number,
  returns: Uint8Array,
  ends: (slot: number) => boolean,
): Int32Array {
  const functions = new Int32Array(length).fill(-1);
  const joined = new Map<number, number>();
  const one = (of: number): number => {
    const other = joined.get(of);
    return other === undefined ? of : one(other);
  };
  const firsts = Array.from(call).filter((called, slot) => opcode[slot] === CALL && called >= 0);
  for (const first of new Set([entry, ...firsts])) {
    const open = [first];
    while (open.length > 0) {
      const slot = open.pop()!;
      if (slot < 0 || slot >= length) continue;
      const known = functions[slot]!;
      if (known >= 0) {
        if (one(known) !== one(first)) joined.set(one(first), one(known));
        continue;
      }
      functions[slot] = first;
      const code = opcode[slot]!;
      if (isJump(code) || code === JA) open.push(slot + 1 + offset[slot]!);
      const called = call[slot]!;
      const stays = code === CALL && (called === -1 || (called < -1 ? ends(slot) : returns[called] === 0));
      if (code !== JA && code !== EXIT && !stays) open.push(slot + 1);
    }
  }
  return functions.map((of) => (of < 0 ? of : one(of)));
}

/** Instructions from which a function may return. */
function returning(instructions: Instructions, ends: (slot: number) => boolean): Uint8Array {
  const { length, opcode, call } = instructions;
  const returns = new Uint8Array(length + 1);
  const may = (slot: number): boolean => {
    const next = returns[slot + 1] === 1;
    const code = opcode[slot]!;
    if (code === EXIT) return true;
    if (code === CALL) {
      const called = call[slot]!;
      if (called === -1 || ends(slot)) return false;
      return next && (called < 0 || returns[called] === 1);
    }
    const goes = () => returns[target(instructions, slot)] === 1;
    if (code === JA) return goes();
    return next || (code !== CALLX && isJump(code) && goes());
  };
  untilStable(() => {
    let changed = false;
    for (let slot = length - 1; slot >= 0; slot--) {
      if (returns[slot] === 1 || !may(slot)) continue;
      returns[slot] = 1;
      changed = true;
    }
    return changed;
  });
  return returns;
}

function untilStable(round: () => boolean): void {
  while (round());
}

const argumentsOf = (syscall: string): RegisterSet => (1 << (1 + (ARGUMENT_COUNTS[syscall] ?? 5))) - 2;

const target = ({ offset }: Instructions, slot: number): number => slot + 1 + offset[slot]!;

const isJump = (opcode: number): boolean =>
  (opcode & 7) === CLASS.JMP64 || (opcode & 7) === CLASS.JMP32 ? opcode >> 4 !== JUMP.JA : false;

/** What an instruction that is no call reads and writes. */
function operands(
  { opcode, dst, src }: Instructions,
  slot: number,
): { reads: RegisterSet; writes: RegisterSet } {
  const code = opcode[slot]!;
  const [first, second] = [set(dst[slot]!), set(src[slot]!)];
  const source = (code & SOURCE_REGISTER) !== 0 ? second : 0;
  switch (code & 7) {
    case CLASS.LDX:
      return { reads: second, writes: first };
    case CLASS.ST:
      return { reads: first, writes: 0 };
    case CLASS.STX:
      return { reads: first | second, writes: 0 };
    case CLASS.ALU32:
    case CLASS.ALU64:
      return { reads: (code >> 4 === ALU.MOV ? 0 : first) | source, writes: first };
    default:
      return { reads: first | source, writes: 0 };
  }
}
