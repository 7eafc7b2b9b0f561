import { InvariantError } from '@polyproof/base';
import { type Program, UNRESOLVED } from '../sbpf/program.js';
import { arithmetic32, arithmetic64, byteOrder } from './arithmetic.js';
import { Assembler, copy, go, type Line, load, set, store, withValue } from './assembler.js';
import { branchLines } from './branches.js';
import type { Entry } from './entry.js';
import { liveRegisters, type RegisterSet } from './liveness.js';
import { OP, PROGRAM_ENTRIES, REGISTER } from './operations.js';
import { addRoutines, INVOKE, prologue, ROUTINES } from './routines.js';

/** What of a program is executed. */
export type Bytecode = Pick<Program, 'version' | 'instructions' | 'textAddress' | 'entry'>;

const LDDW = 0x18;
const JA = 0x05;
const CALL = 0x85;
const CALLX = 0x8d;
const EXIT = 0x95;
const MEMORY_SIZES = [4, 2, 1, 8] as const;
const FRAME_BYTES = 4096n;
const MAX_U64 = (1n << 64n) - 1n;

const ALL_REGISTERS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const ALL = 0x3ff;

const own = (register: number) => REGISTER.R0 + register;
const next = (register: number) => REGISTER.R0 + 16 + register;

/**
 * What the machine executes for a program: its instructions, each as one entry or a few, with the prologue, the
 * routines of the system calls, and the landings of calls in front. A program always gives the same entries.
 *
 * A fault fails the program: it unwinds. What cannot be proved becomes a `TRAP`.
 * @param syscalls - names of the system calls by their number
 * @param address - of the program, for those system calls that need it. Default: zero.
 */
export function arithmetise(
  program: Bytecode,
  syscalls: readonly string[],
  address: Uint8Array = new Uint8Array(32),
): Entry[] {
  const { instructions } = program;
  const live = liveRegisters(program, syscalls);
  const assembler = new Assembler();
  const used = new Set(Array.from(instructions.call, (call) => (call <= -2 ? syscalls[-2 - call]! : '')));
  prologue(assembler, {
    entry: `slot ${program.entry}`,
    live: live[program.entry]!,
    calls: used.has(INVOKE),
  });
  for (let slot = 0; slot < instructions.length; slot++) {
    const opcode = instructions.opcode[slot]!;
    if ((opcode === CALL && instructions.call[slot]! >= 0) || opcode === CALLX)
      land(assembler, slot, live[slot + 1]!);
  }
  addRoutines(assembler, used, address);
  for (let slot = 0; slot < instructions.length; slot++) {
    assembler.label(`slot ${slot}`);
    if (instructions.opcode[slot] === 0) continue; // second slot of lddw
    const [first, ...rest] = translate(program, slot, syscalls, live);
    assembler.add({ ...first!, units: 1 }, ...rest);
  }
  // Behind the last instruction nothing can be executed, nor in the middle of one.
  assembler.label(`slot ${instructions.length}`);
  assembler.add(go('unwind'));
  assembler.label('dispatch');
  if (instructions.opcode.includes(CALLX))
    for (let slot = 0; slot < instructions.length; slot++)
      assembler.add(go(instructions.opcode[slot] === 0 ? 'unwind' : `slot ${slot}`));
  const entries = assembler.finish();
  if (entries.length > PROGRAM_ENTRIES)
    throw new InvariantError(`a program of ${entries.length} entries is too long`);
  return entries;
}

function translate(program: Bytecode, slot: number, syscalls: readonly string[], live: Uint16Array): Line[] {
  const { instructions, version } = program;
  const opcode = instructions.opcode[slot]!;
  const dst = own(instructions.dst[slot]!);
  const src = own(instructions.src[slot]!);
  const offset = BigInt(instructions.offset[slot]!);
  const immediate = BigInt(instructions.immediate[slot]! >>> 0) | (BigInt(instructions.high[slot]!) << 32n);
  const target = `slot ${slot + 1 + instructions.offset[slot]!}`;
  const operand = (opcode & 8) !== 0 ? { register: src } : { value: immediate };
  const bytes = MEMORY_SIZES[(opcode >> 3) & 3]!;
  switch (opcode) {
    case LDDW:
      return [set(dst, immediate)];
    case JA:
      return [go(target)];
    case EXIT:
      return [{ op: OP.JUMP, b: REGISTER.LINK, by: 'link', window: -1 }];
    case CALL: {
      const called = instructions.call[slot]!;
      if (called >= 0)
        return [...enter(version, slot, live[called]!), { ...go(`slot ${called}`), window: 1 }];
      if (called === UNRESOLVED) return [go('unwind')];
      const name = syscalls[-2 - called]!;
      if (!ROUTINES.has(name)) return [{ op: OP.TRAP }];
      return [{ op: OP.MOV, a: REGISTER.ROUTINE_LINK, place: `slot ${slot + 1}` }, go(`routine ${name}`)];
    }
    case CALLX:
      return callRegister(program, slot, version === 0 ? own(instructions.immediate[slot]!) : dst);
  }
  switch (opcode & 7) {
    case 1:
      return [load(bytes, dst, src, offset)];
    case 2:
      return [set(REGISTER.T0, immediate), store(bytes, REGISTER.T0, dst, offset)];
    case 3:
      return [store(bytes, src, dst, offset)];
    case 4:
      if (opcode >> 4 === 13) return byteOrder(dst, instructions.immediate[slot]!, (opcode & 8) !== 0);
      return arithmetic32(opcode >> 4, dst, operand);
    case 7:
      return arithmetic64(opcode >> 4, dst, operand);
    default:
      return branchLines(opcode >> 4, (opcode & 7) === 6, dst, operand, target);
  }
}

const registersOf = (live: RegisterSet, from: readonly number[]): number[] =>
  from.filter((register) => (live >> register) & 1);

/** The callee's window: it has those of the caller's registers that it may look at, and a frame of its own. */
function enter(version: 0 | 3, slot: number, live: RegisterSet): Line[] {
  const frame = version === 0 ? 2n * FRAME_BYTES : FRAME_BYTES;
  const copies = registersOf(live, ALL_REGISTERS).map((register) => copy(next(register), own(register)));
  return [...copies, copy(next(10), own(10), frame), { op: OP.MOV, a: next(15), link: `landing ${slot}` }];
}

/** After a call: the registers that a callee does not keep are what it left in them, as far as somebody looks at them. */
function land(assembler: Assembler, slot: number, live: RegisterSet): void {
  assembler.label(`landing ${slot}`);
  for (const register of registersOf(live, [0, 1, 2, 3, 4, 5]))
    assembler.add(copy(own(register), next(register)));
  assembler.add(go(`slot ${slot + 1}`));
}

function callRegister(program: Bytecode, slot: number, register: number): Line[] {
  const length = BigInt(program.instructions.length);
  return [
    copy(REGISTER.T0, register),
    withValue(OP.SUB, REGISTER.T0, program.textAddress & MAX_U64),
    withValue(OP.SHR, REGISTER.T0, 3n),
    { op: OP.GE, a: REGISTER.T0, immediate: length, to: `slot ${length}` },
    ...enter(program.version, slot, ALL),
    { op: OP.JUMP, b: REGISTER.T0, by: 'routine-link', place: 'dispatch', window: 1 },
  ];
}
