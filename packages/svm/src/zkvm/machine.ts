import { Derivations } from './derivations.js';
import type { Entry } from './entry.js';
import { ZkvmError } from './errors.js';
import { NUMBER } from './invoke.js';
import { KERNEL, ROUTINE } from './kernel.js';
import { memoryOperation, type Region, type Segment, ZkvmMemory } from './memory.js';
import { operate } from './operate.js';
import { OP, PLACE, PROGRAM_ENTRIES, REGISTER, WINDOW_REGISTERS } from './operations.js';
import { FIRST, type RowReference, Rows } from './rows.js';

/** One execution of a program. */
export interface Invocation {
  /** index in the table of programs, from 1 */
  program: number;
  /** place of a routine of the kernel, where the program is none */
  routine?: number;
  /** address of the instruction's data, or the argument of a routine */
  data: bigint;
  /** what the kernel does in front */
  front?: Front;
  /** a program calls it, it ends by calling the next one, it is a later part of that one's execution */
  called?: boolean;
  calls?: boolean;
  partOf?: number;
  regions: readonly Region[];
}

/** Words that a routine of the kernel loads or stores in front of another one, or of a program. */
export interface Front {
  /** place of the routine, which does so behind a program too where that is `before` */
  routine: number;
  words: number;
}

const NOTHING: Front = { routine: ROUTINE.before, words: 0 };

/** `Invocation` in circuits/lib/src/sbpf/invocation.nr. */
export interface InvocationRow {
  program: number;
  /** from the place of prologues to that of the routine */
  routine: number;
  data: bigint;
  front: Front;
  /** what r2 held before */
  before: bigint;
  result: bigint;
  /** compute units of the invocations before it */
  units: number;
  /** number of the first part of the execution that it ends, or its own */
  first: number;
  called: boolean;
  calls: boolean;
  /** it ends an execution of several parts, the one before it does */
  ends: boolean;
  returned: boolean;
}

/** What the machine did. */
export interface Run {
  steps: { place: number; row: RowReference }[];
  rows: Rows;
  segments: Segment[];
  cells: bigint[];
  derivations: Derivations;
  invocations: InvocationRow[];
  /** compute units of all invocations */
  units: number;
  /** windows of registers that were in use */
  windows: number;
}

export interface RunOptions {
  /** entries of program 1, 2, ... */
  programs: readonly (readonly Entry[])[];
  invocations: readonly Invocation[];
  cells: readonly bigint[];
  maxSteps?: number;
  /** asked after each invocation, when it may change the cells: whether to end there */
  stop?: (invocation: number, ended: InvocationRow, cells: bigint[]) => boolean;
  /** told of a program that wants to call another one where the next invocation is not called: the run ends there */
  onCall?: (invocation: number, registers: readonly bigint[], memory: ZkvmMemory) => void;
  /** told of every step before it happens: its place, and the registers r0 to r10 */
  onStep?: (place: number, registers: readonly bigint[]) => void;
}

/**
 * Executes invocations one after the other, as the circuit's step loop does, and notes the rows that answer the steps.
 * @throws {ZkvmError} where the execution cannot be proved
 */
export function runMachine(options: RunOptions): Run {
  return new Machine(options).run();
}

class Machine {
  readonly #options: RunOptions;
  readonly #rows = new Rows();
  readonly #memory: ZkvmMemory;
  readonly #registers: bigint[] = [];
  readonly #invocations: InvocationRow[] = [];
  readonly #derivations = new Derivations();
  #window = 0;
  #windows = 2;
  #units = 0;
  #unitsBefore = 0;
  #stopped = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#memory = new ZkvmMemory(options.cells, this.#rows);
  }

  run(): Run {
    const { programs, onStep, maxSteps = 1_000_000 } = this.#options;
    const steps: Run['steps'] = [];
    let place: number = PLACE.METER;
    while (place !== PLACE.HALT) {
      if (steps.length === maxSteps)
        throw new ZkvmError('CIRCUIT_FULL', `the programs execute more than ${maxSteps} steps`);
      const program = Math.floor(place / PROGRAM_ENTRIES);
      const entry = program === 0 ? KERNEL[place] : programs[program - 1]![place % PROGRAM_ENTRIES];
      if (entry === undefined)
        throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'the program leaves its bytecode', { place });
      onStep?.(place, this.#visible());
      this.#checkCall(place, entry);
      if (this.#stopped) break;
      const { row, u } = this.#step(entry);
      steps.push({ place, row });
      place += 1 + u * entry.jump;
    }
    return {
      steps,
      rows: this.#rows,
      segments: this.#memory.segments,
      cells: this.#memory.cells,
      derivations: this.#derivations,
      invocations: this.#invocations,
      units: this.#units,
      windows: this.#windows,
    };
  }

  #step(entry: Entry): { row: RowReference; u: number } {
    const a = this.#window + entry.a;
    const x = this.#registers[a] ?? 0n;
    const y = (this.#registers[this.#window + entry.b] ?? 0n) + entry.immediate;
    const { row, z, u } = this.#answer(entry, x, y);
    this.#registers[a] = z;
    this.#window += WINDOW_REGISTERS * entry.window;
    this.#windows = Math.max(this.#windows, this.#window / WINDOW_REGISTERS + 3);
    this.#units += entry.units;
    return { row, u: Number(u) };
  }

  #answer(entry: Entry, x: bigint, y: bigint): { row: RowReference; z: bigint; u: bigint } {
    if (entry.memory) {
      const { stores, bytes } = memoryOperation(entry.op);
      return this.#memory.access(stores, bytes, y, x);
    }
    const started = this.#invocations.length;
    const row = (invocation: number, which: number) => ({ invocation, which });
    switch (entry.op) {
      case OP.JA:
        return { row: { answer: FIRST.JA }, z: 0n, u: 1n };
      case OP.METER: {
        this.#unitsBefore = this.#units;
        return { row: row(started, 0), z: BigInt(this.#units), u: 0n };
      }
      case OP.ENTER:
        return { row: row(started, 1), ...this.#enter() };
      case OP.ARGUMENT: {
        const invocation = this.#invocations[started - 1]!;
        invocation.before = x;
        const u = invocation.program * PROGRAM_ENTRIES + invocation.routine;
        return { row: row(started - 1, 2), z: invocation.data, u: BigInt(u) };
      }
      case OP.CALL:
        return {
          row: row(started - 1, 3),
          z: x,
          u: BigInt(this.#invocations[started - 1]!.program * PROGRAM_ENTRIES + PLACE.CALL + 1 - PLACE.METER),
        };
      case OP.LEAVE: {
        const invocation = this.#invocations[started - 1]!;
        invocation.result = x;
        const { program, front, ends } = invocation;
        const again = front.routine === ROUTINE.before ? front.words : 0;
        const after = again === 0 ? PLACE.METER : ROUTINE.after - again;
        const next = ends ? ROUTINE.last - again : after;
        const u = program * PROGRAM_ENTRIES + PLACE.LEAVE + 1 - next;
        return { row: row(started - 1, 3), z: x, u: BigInt(u) };
      }
    }
    if (entry.op === OP.DERIVATION) {
      const z = this.#derivations.begin();
      return { row: { derivation: this.#derivations.list.length - 1, which: 0 }, z, u: 0n };
    }
    if (entry.op === OP.ADDRESS || entry.op === OP.FIND) {
      const { number, which, answer } = this.#derivations.ask(y, Number(x), entry.op === OP.FIND);
      return { row: { derivation: number, which: 1 + which }, z: answer, u: 0n };
    }
    if (entry.op === OP.SEED || entry.op === OP.SEED_8)
      this.#derivations.put(y, x, entry.op === OP.SEED ? 1 : 8);
    const { z, u } = operate(entry.op, x, y);
    return { row: this.#rows.for({ op: entry.op, x, y, z, u }), z, u };
  }

  #enter(): { z: bigint; u: bigint } {
    const number = this.#invocations.length;
    const last = this.#invocations.at(-1);
    const stops = last !== undefined && this.#options.stop?.(number - 1, last, this.#memory.cells);
    const invocation = this.#options.invocations[number];
    if (stops || invocation === undefined)
      return { z: BigInt(number + 1), u: BigInt(PLACE.HALT - PLACE.ENTER - 1) };
    const { program, data, regions, front = NOTHING, called = false, calls = false, partOf } = invocation;
    const ends = partOf !== undefined && !calls;
    const routine = (invocation.routine ?? PLACE.PROLOGUE) - PLACE.PROLOGUE;
    this.#invocations.push({
      program,
      routine,
      data,
      front,
      before: 0n,
      result: 0n,
      units: this.#unitsBefore,
      first: ends ? partOf : number,
      called,
      calls,
      ends,
      returned: last?.ends ?? false,
    });
    this.#memory.enter(number + 1, regions);
    const start = program * PROGRAM_ENTRIES + PLACE.PROLOGUE + routine;
    const u = (front.words === 0 ? start : front.routine - front.words) - PLACE.ENTER - 1;
    return { z: BigInt(number + 1), u: BigInt(u) };
  }

  /** Ends the run where a call begins that is not known. */
  #checkCall(place: number, { immediate, memory }: Entry): void {
    const number = this.#invocations.length - 1;
    if (place < PROGRAM_ENTRIES || !memory || immediate !== NUMBER + 8n || this.#invocations[number]!.calls)
      return;
    if (this.#options.onCall === undefined) return;
    this.#options.onCall(number, this.#visible(), this.#memory);
    this.#stopped = true;
  }

  #visible(): bigint[] {
    return Array.from(
      { length: 11 },
      (_, register) => this.#registers[this.#window + REGISTER.R0 + register] ?? 0n,
    );
  }
}
