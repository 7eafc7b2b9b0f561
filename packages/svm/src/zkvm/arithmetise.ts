import { InvariantError } from '@polyproof/base';
import { UNRESOLVED } from '../sbpf/program.js';
import { arithmetic32, arithmetic64, byteOrder } from './arithmetic.js';
import { Assembler, copy, go, type Line, load, set, store, withValue } from './assembler.js';
import { branchLines } from './branches.js';
import {
  type Bytecode,
  calledRegister,
  type RegisterSet,
  slotsJumpedTo,
  slotsWithAddress,
} from './control-flow.js';
import type { Entry } from './entry.js';
import { functionsOf, orderOfSlots } from './functions.js';
import { liveRegisters } from './liveness.js';
import { OP, PROGRAM_ENTRIES, REGISTER } from './operations.js';
import { passedRegisters } from './passing.js';
import { addRoutines, INVOKE, prologue, ROUTINES } from './routines.js';

const LDDW = 0x18;
const JA = 0x05;
const CALL = 0x85;
const CALLX = 0x8d;
const EXIT = 0x95;
const COPY_FRAME = 0xbf;
const ADD_VALUE = 0x07;
const FRAME = 10;
const MEMORY_SIZES = [4, 2, 1, 8] as const;
const FRAME_BYTES = 4096n;
const MAX_U64 = (1n << 64n) - 1n;

const ALL_REGISTERS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

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
  const { functions } = functionsOf(program, syscalls);
  const order = orderOfSlots(program, functions);
  const places = new Map(order.map((slot, place) => [slot, place]));
  const context: Context = {
    program,
    syscalls,
    live,
    passed: passedRegisters(program, live),
    addressed: slotsWithAddress(program),
    jumpedTo: slotsJumpedTo(program),
    landsBehind: (slot) => {
      const called = instructions.call[slot]!;
      return functions[slot] !== functions[called] && places.get(slot)! < places.get(called)!;
    },
  };
  const assembler = new Assembler();
  const used = new Set(Array.from(instructions.call, (call) => (call <= -2 ? syscalls[-2 - call]! : '')));
  prologue(assembler, {
    entry: `slot ${program.entry}`,
    live: live[program.entry]!,
    calls: used.has(INVOKE),
  });
  for (let slot = 0; slot < instructions.length; slot++) {
    const calls = instructions.opcode[slot] === CALL && instructions.call[slot]! >= 0;
    if (!(calls && !context.landsBehind(slot)) && instructions.opcode[slot] !== CALLX) continue;
    assembler.label(`landing ${slot}`);
    assembler.add(...landing(live[slot + 1]!), go(`slot ${slot + 1}`));
  }
  addRoutines(assembler, used, address);
  order.forEach((slot, place) => {
    assembler.label(`slot ${slot}`);
    if (instructions.opcode[slot] !== 0 && !addsToFrame(context, slot - 1)) {
      const [first, ...rest] = translate(context, slot);
      assembler.add({ ...first!, units: addsToFrame(context, slot) ? 2 : 1 }, ...rest);
      if (instructions.opcode[slot] === CALL && instructions.call[slot]! >= 0 && context.landsBehind(slot)) {
        assembler.label(`landing ${slot}`);
        assembler.add(...landing(live[slot + 1]!));
      }
    }
    if (order[place + 1] !== slot + 1) assembler.add(go(`slot ${slot + 1}`));
  });
  // Behind the last instruction nothing can be executed, nor in the middle of one.
  assembler.label(`slot ${instructions.length}`);
  assembler.add(go('unwind'));
  assembler.label('dispatch');
  if (instructions.opcode.includes(CALLX))
    for (let slot = 0; slot < instructions.length; slot++) assembler.add(go(landsAt(context, slot)));
  const entries = assembler.finish();
  if (entries.length > PROGRAM_ENTRIES)
    throw new InvariantError(`a program of ${entries.length} entries is too long`);
  return entries;
}

interface Context {
  program: Bytecode;
  syscalls: readonly string[];
  live: Uint16Array;
  passed: Uint16Array;
  addressed: ReadonlySet<number>;
  jumpedTo: ReadonlySet<number>;
  /** whether what is behind a call stands in front of all places that the called function returns from */
  landsBehind: (slot: number) => boolean;
}

/** Where a call by register goes on. What goes to the middle of an instruction is a fault. */
function landsAt({ program, addressed }: Context, slot: number): string {
  if (program.instructions.opcode[slot] === 0) return 'unwind';
  return addressed.has(slot) ? `slot ${slot}` : 'trap';
}

/** Whether it and the next instruction make a register the address of something in the frame, which does not wrap. */
function addsToFrame({ program: { instructions }, jumpedTo }: Context, slot: number): boolean {
  const { opcode, dst, src } = instructions;
  const next = slot + 1;
  const both = opcode[slot] === COPY_FRAME && src[slot] === FRAME && opcode[next] === ADD_VALUE;
  return (
    both &&
    dst[slot] === dst[next] &&
    !jumpedTo.has(next) &&
    Math.abs(instructions.immediate[next]!) < 2 ** 20
  );
}

function translate(context: Context, slot: number): Line[] {
  const { program, syscalls, live, passed } = context;
  const { instructions, version } = program;
  const opcode = instructions.opcode[slot]!;
  const at = (register: number, of: RegisterSet) => ((of >> register) & 1 ? next(register) : own(register));
  const dst = at(instructions.dst[slot]!, passed[slot + 1]!);
  const src = at(instructions.src[slot]!, passed[slot]!);
  const offset = BigInt(instructions.offset[slot]!);
  const immediate = BigInt(instructions.immediate[slot]! >>> 0) | (BigInt(instructions.high[slot]!) << 32n);
  const target = `slot ${slot + 1 + instructions.offset[slot]!}`;
  const operand = (opcode & 8) !== 0 ? { register: src } : { value: immediate };
  const bytes = MEMORY_SIZES[(opcode >> 3) & 3]!;
  if (addsToFrame(context, slot)) return [copy(dst, src, BigInt(instructions.immediate[slot + 1]!))];
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
        return [
          ...enter(version, slot, live[called]! & ~passed[slot]!),
          { ...go(`slot ${called}`), window: 1 },
        ];
      if (called === UNRESOLVED) return [go('unwind')];
      const name = syscalls[-2 - called]!;
      if (!ROUTINES.has(name)) return [{ op: OP.TRAP }];
      return [{ op: OP.MOV, a: REGISTER.ROUTINE_LINK, place: `slot ${slot + 1}` }, go(`routine ${name}`)];
    }
    case CALLX:
      return callRegister(context, slot);
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
  if (registersOf(live, [FRAME]).length > 0) copies.push(copy(next(FRAME), own(FRAME), frame));
  return [...copies, { op: OP.MOV, a: next(15), link: `landing ${slot}` }];
}

/** After a call: the registers that a callee does not keep are what it left in them, as far as somebody looks at them. */
const landing = (live: RegisterSet): Line[] =>
  registersOf(live, [0, 1, 2, 3, 4, 5]).map((register) => copy(own(register), next(register)));

function callRegister({ program, live, addressed }: Context, slot: number): Line[] {
  const length = BigInt(program.instructions.length);
  const called = [...addressed].reduce((registers, first) => registers | live[first]!, 0);
  return [
    copy(REGISTER.T0, own(calledRegister(program, slot))),
    withValue(OP.SUB, REGISTER.T0, program.textAddress & MAX_U64),
    withValue(OP.SHR, REGISTER.T0, 3n),
    { op: OP.GE, a: REGISTER.T0, immediate: length, to: `slot ${length}` },
    ...enter(program.version, slot, called),
    { op: OP.JUMP, b: REGISTER.T0, by: 'routine-link', place: 'dispatch', window: 1 },
  ];
}
