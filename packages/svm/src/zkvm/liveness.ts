import { CALL, CALLX, EXIT, JA } from '../sbpf/opcodes.js';
import {
  type Bytecode,
  calledRegister,
  isBranch,
  operands,
  type RegisterSet,
  setOf,
  slotsWithAddress,
  target,
} from './control-flow.js';
import { functionsOf, untilStable } from './functions.js';

const RESULT = setOf(0);
/** what a function leaves to its caller; r6 to r10 are the caller's own again */
const SHARED = setOf(0, 1, 2, 3, 4, 5);
const OWN = setOf(6, 7, 8, 9, 10);
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
 * by register goes to one of the functions whose address is in the program.
 * @param syscalls - names of the system calls by their number
 */
export function liveRegisters(program: Bytecode, syscalls: readonly string[]): Uint16Array {
  const { instructions, entry } = program;
  const { length, opcode, call } = instructions;
  const addressed = [...slotsWithAddress(program)];
  const { functions, returns, ends } = functionsOf(program, syscalls);
  // Behind the last instruction the program fails, which depends on nothing.
  const live = new Uint16Array(length + 1);
  /** what callers look at that a function leaves */
  const left = new Map<number, RegisterSet>([[functions[entry]!, RESULT]]);
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
      case JA:
        return goes();
      case EXIT:
        return left.get(functions[slot]!) ?? 0;
      case CALLX: {
        let may = setOf(calledRegister(program, slot));
        for (const called of addressed) {
          leave(functions[called]!, next & SHARED);
          may |= live[called]!;
        }
        return may | (next & OWN);
      }
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
    const jumps = isBranch(opcode[slot]!) ? goes() : 0;
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

const argumentsOf = (syscall: string): RegisterSet => (1 << (1 + (ARGUMENT_COUNTS[syscall] ?? 5))) - 2;
