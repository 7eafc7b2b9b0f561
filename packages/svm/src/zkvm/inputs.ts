import { type Field, fieldToHex, InvariantError } from '@polyproof/base';
import { packAnswer } from './answer.js';
import { type CommittedProgram, PAGE_ENTRIES } from './commitment.js';
import { type DerivationCapacity, derivationInputs } from './derivations.js';
import { ZkvmError } from './errors.js';
import { fill } from './fill.js';
import { KERNEL, ROUTINE } from './kernel.js';
import type { Run } from './machine.js';
import { idlePages, OpenedNodes } from './opened-nodes.js';
import { OP, PLACE, PROGRAM_ENTRIES, UNUSED } from './operations.js';
import { CHIPS, type Chip, FIRST, type Row, type RowReference } from './rows.js';

/** How much a circuit has room for. */
export interface Capacity extends DerivationCapacity {
  programs: number;
  invocations: number;
  steps: number;
  pages: number;
  nodes: number;
  segments: number;
  cells: number;
  /** registers, of all windows */
  registers: number;
  chips: Record<Chip, number>;
}

const NO_INVOCATION = {
  program: 0,
  routine: 0,
  data: 0n,
  front: { routine: ROUTINE.before, words: 0 },
  before: 0n,
  result: 0n,
  units: 0,
  first: 0,
  called: false,
  calls: false,
  ends: false,
  returned: false,
};

/** A row that says nothing, for each chip. */
const IDLE: Record<Chip, Row> = {
  words: {
    fields: {
      segment: 0n,
      offset: 0n,
      end: 0n,
      stores: false,
      whole: false,
      second: false,
      used: false,
      word: 0n,
    },
  },
  part_loads: idleAccess(OP.LOAD, 0n, 0n, FIRST.IDLE_LOAD),
  part_stores: idleAccess(OP.STORE, 0n, 0n, FIRST.IDLE_STORE, 0n),
  crossing_loads: idleAccess(OP.LOAD + 1, 1n, 1n, FIRST.IDLE_CROSSING_LOAD),
  crossing_stores: idleAccess(OP.STORE + 1, 1n, 1n, FIRST.IDLE_CROSSING_STORE, 0n),
  moves: { fields: { x: 0n, y: 0n } },
  jumps: { fields: { x: 0n, y: 0n } },
  narrows: { fields: { x: 0n, y: 0n, signed: false } },
  sums: { fields: { a: 0n, b: 0n, subtracts: false } },
  products: { fields: { x: 0n, y: 0n } },
  quotients: { fields: { x: 0n, y: 1n, remainder: false } },
  equalities: { fields: { x: 0n, y: 0n, negated: false } },
  orders: { fields: { p: 0n, q: 0n, negated: false, exchanged: false } },
  bitwise: { fields: { x: 0n, y: 0n, joins: false, excludes: false } },
  shifts: { fields: { x: 0n, y: 0n, right: false } },
  swaps: { fields: { x: 0n, y: 0n } },
  chunks: { fields: { position: 0n, whole: false } },
};

function idleAccess(op: number, y: bigint, size: bigint, answer: number, value?: bigint): Row {
  return {
    fields: {
      answer: packAnswer({ op, x: 0n, y, z: 0n, u: BigInt(UNUSED) }),
      size,
      ...(value === undefined ? {} : { value }),
    },
    reads: { answer },
  };
}

/**
 * The run as inputs of a circuit of this capacity.
 * @param nodes - those above pages of data; those above pages of code are added
 * @throws {ZkvmError} `CIRCUIT_FULL`, naming what does not fit
 */
export function runInputs(
  run: Run,
  programs: readonly CommittedProgram[],
  cellsBefore: readonly bigint[],
  capacity: Capacity,
  nodes = new OpenedNodes(programs, capacity.programs),
): Record<string, unknown> {
  const starts = {} as Record<Chip, number>;
  let at = FIRST.INVOCATIONS + 4 * (capacity.invocations + 1);
  for (const chip of CHIPS) {
    starts[chip] = at;
    at += capacity.chips[chip];
  }
  const indexOf = (reference: RowReference) => {
    if ('answer' in reference) return reference.answer;
    if ('chip' in reference) return starts[reference.chip] + reference.index;
    if ('derivation' in reference) return at + ANSWERS_OF_DERIVATION * reference.derivation + reference.which;
    // The end is behind the last invocation that the circuit has room for.
    const { invocation, which } = reference;
    const place = invocation < run.invocations.length ? invocation : capacity.invocations;
    return FIRST.INVOCATIONS + 4 * place + which;
  };
  const chip = (name: Chip) =>
    fill(name, run.rows.rows[name], capacity.chips[name], IDLE[name]).map(({ fields, reads }) => ({
      ...Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, input(value)])),
      ...(reads === undefined ? {} : { row: String(indexOf(reads)) }),
    }));
  const named = (names: readonly Chip[]) => Object.fromEntries(names.map((name) => [name, chip(name)]));
  if (run.windows * 16 > capacity.registers)
    throw new ZkvmError('CIRCUIT_FULL', `calls are nested too deep: ${run.windows} windows of registers`);
  const { pages, entryAt } = codeOf(run, programs, nodes, capacity.pages);
  const steps = fill('steps', run.steps, capacity.steps, { place: PLACE.HALT, row: { answer: FIRST.JA } });
  return {
    roots: fill(
      'programs',
      programs.map(({ root }) => root),
      capacity.programs,
      0n,
    ).map(fieldToHex),
    schedule: {
      invocations: fill('invocations', run.invocations, capacity.invocations, NO_INVOCATION).map(
        ({ program, routine, data, front, before, result, units, first, called, calls, ends, returned }) => ({
          program: String(program),
          routine: String(routine),
          data: String(data),
          words: String(front.words),
          place: String(front.routine),
          again: front.routine === ROUTINE.before ? '1' : '0',
          before: String(before),
          result: String(result),
          units: String(units),
          first: String(first),
          called: String(Number(called)),
          calls: String(Number(calls)),
          ends: String(Number(ends)),
          returned: String(Number(returned)),
        }),
      ),
      count: String(run.invocations.length),
      units: String(run.units),
    },
    cells: fill('cells', cellsBefore, capacity.cells, 0n).map(String),
    cells_after: fill('cells', run.cells, capacity.cells, 0n).map(String),
    segments: fill('segments', run.segments, capacity.segments, {
      invocation: 0,
      start: 0n,
      length: 0,
      cell: 0,
      writable: false,
    }).map(({ invocation, start, length, cell, writable }) => ({
      invocation: String(invocation),
      start: String(start),
      length: String(length),
      cell: String(cell),
      writable: writable ? '1' : '0',
    })),
    nodes: fill('nodes above pages', nodes.rows, capacity.nodes, nodes.rows[0]!).map(
      ({ known, children }) => ({ known: String(known), children: children.map(fieldToHex) }),
    ),
    code: pages,
    rows: named(CHIPS.filter((name) => !ACCESS_CHIPS.includes(name) && name !== 'chunks')),
    accesses: named(ACCESS_CHIPS),
    derivations: {
      chunks: [...chip('chunks'), { position: '0', whole: false }],
      ...derivationInputs(run.derivations, capacity),
    },
    step_entries: steps.map(({ place }) => String(entryAt(place))),
    step_rows: steps.map(({ row }) => String(indexOf(row))),
  };
}

const ACCESS_CHIPS: readonly Chip[] = CHIPS.slice(0, 5);
const ANSWERS_OF_DERIVATION = 6;

/** The pages that were executed, and where the entry of a place is among the entries of all pages. */
function codeOf(run: Run, programs: readonly CommittedProgram[], nodes: OpenedNodes, capacity: number) {
  const slots = new Map<number, number>();
  for (const { place } of run.steps) {
    const page = Math.floor(place / PAGE_ENTRIES);
    if (place >= PROGRAM_ENTRIES && !slots.has(page)) slots.set(page, slots.size);
  }
  const perProgram = PROGRAM_ENTRIES / PAGE_ENTRIES;
  const used = [...slots.keys()].map((page) => ({
    program: Math.floor(page / perProgram),
    page: page % perProgram,
  }));
  const all = fill('pages', used, capacity, idlePages(programs).code);
  return {
    pages: {
      pages: all.map(({ program, page }) => programs[program - 1]!.page(page).map(fieldToHex)),
      known: all.map(({ program, page }) => String(nodes.openCode(program, page))),
    },
    entryAt: (place: number): number => {
      if (place < PROGRAM_ENTRIES) return place;
      const slot = slots.get(Math.floor(place / PAGE_ENTRIES));
      if (slot === undefined) throw new InvariantError(`no page holds place ${place}`);
      return KERNEL.length + PAGE_ENTRIES * slot + (place % PAGE_ENTRIES);
    },
  };
}

function input(value: Field | boolean): string | boolean {
  return typeof value === 'boolean' ? value : fieldToHex(value);
}
