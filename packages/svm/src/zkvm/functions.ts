import { CALL, EXIT, JA } from '../sbpf/opcodes.js';
import type { Instructions } from '../sbpf/program.js';
import { type Bytecode, isBranch, slotsWithAddress, target } from './control-flow.js';

/** system calls that do not come back */
const ENDING = new Set(['abort', 'sol_panic_']);

/** Functions of a program: of each instruction, by slot. */
export interface Functions {
  /**
   * The function that it is part of, by its first one: of those that are called, or whose address is in the program, and of the
   * program's own. Functions that have instructions in common are one; -1 where none of them comes to.
   */
  functions: Int32Array;
  /** 1 where a function may return from it */
  returns: Uint8Array;
  /** whether it is a system call that does not come back */
  ends: (slot: number) => boolean;
}

/** @param syscalls - names of the system calls by their number */
export function functionsOf(program: Bytecode, syscalls: readonly string[]): Functions {
  const { opcode, call, length } = program.instructions;
  const ends = (slot: number) => call[slot]! <= -2 && ENDING.has(syscalls[-2 - call[slot]!]!);
  const returns = returning(program.instructions, ends);
  const functions = new Int32Array(length).fill(-1);
  const joined = new Map<number, number>();
  const one = (of: number): number => {
    const other = joined.get(of);
    return other === undefined ? of : one(other);
  };
  const firsts = Array.from(call).filter((called, slot) => opcode[slot] === CALL && called >= 0);
  for (const first of new Set([program.entry, ...slotsWithAddress(program), ...firsts])) {
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
      if (isBranch(code) || code === JA) open.push(target(program.instructions, slot));
      const called = call[slot]!;
      const stays = code === CALL && (called === -1 || (called < -1 ? ends(slot) : returns[called] === 0));
      if (code !== JA && code !== EXIT && !stays) open.push(slot + 1);
    }
  }
  return { functions: functions.map((of) => (of < 0 ? of : one(of))), returns, ends };
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
    return next || (isBranch(code) && goes());
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

/** Does something again until it says that nothing has changed. */
export function untilStable(round: () => boolean): void {
  while (round());
}

/**
 * The slots in the order of the machine's entries: those of each function one behind the other, and callers in front of what
 * they call, but for functions that call each other.
 */
export function orderOfSlots({ instructions }: Bytecode, functions: Int32Array): number[] {
  const { length, opcode, call } = instructions;
  const slots = new Map<number, number[]>();
  for (let slot = 0; slot < length; slot++) {
    const of = slots.get(functions[slot]!);
    if (of === undefined) slots.set(functions[slot]!, [slot]);
    else of.push(slot);
  }
  const seen = new Set<number>();
  /** last ones first */
  const order: number[] = [];
  const visit = (of: number) => {
    if (seen.has(of)) return;
    seen.add(of);
    for (const slot of slots.get(of)!)
      if (opcode[slot] === CALL && call[slot]! >= 0) visit(functions[call[slot]!]!);
    order.push(of);
  };
  for (const of of slots.keys()) visit(of);
  return order.reverse().flatMap((of) => slots.get(of)!);
}
