import type { CircuitLimits } from '../generated/circuit-limits.js';
import { HEADER_CELLS, hashRowsOf, wordsOfRows } from './account-cells.js';
import { callRows } from './call-layout.js';
import { type CommittedProgram, PAGE_ENTRIES } from './commitment.js';
import { OpenedNodes } from './opened-nodes.js';
import { PROGRAM_ENTRIES, WINDOW_REGISTERS } from './operations.js';
import type { RightRow } from './transaction-layout.js';
import { KIND } from './transaction-rows.js';
import type { TransactionRun } from './transaction-run.js';
import type { ChangeRow } from './transaction-versions.js';

export interface Usage {
  /** of what two runs take the sum of what each takes */
  additive: ReturnType<typeof additiveOf>;
  registers: number;
  /** pages of code and of read-only data that are executed or read, by number */
  pages: ReadonlySet<number>;
  dataPages: ReadonlySet<string>;
  /** nodes above all pages, those that fill the circuit included, by name */
  nodes: ReadonlySet<string>;
}

/** What a run of these programs takes of a circuit's room. */
export function usageOf(of: TransactionRun, programs: readonly { committed: CommittedProgram }[]): Usage {
  const { run, pages: dataPages } = of;
  const pages = new Set(
    run.steps
      .filter(({ place }) => place >= PROGRAM_ENTRIES)
      .map(({ place }) => Math.floor(place / PAGE_ENTRIES)),
  );
  const committed = programs.map((program) => program.committed);
  const nodes = new OpenedNodes(committed, programs.length);
  const perProgram = PROGRAM_ENTRIES / PAGE_ENTRIES;
  for (const page of pages) nodes.openCode(Math.floor(page / perProgram), page % perProgram);
  for (const { program, number } of dataPages) nodes.openData(program, number);
  return {
    additive: additiveOf(of),
    registers: run.windows * WINDOW_REGISTERS,
    pages,
    dataPages: new Set(dataPages.map(({ program, number }) => `${program}/${number}`)),
    nodes: nodes.names,
  };
}

function additiveOf({ rows, run, windows, versions, balances, saved, own }: TransactionRun) {
  const chips = run.rows.rows;
  const rights = run.segments.map(({ right }) => right as RightRow);
  const called = callRows(rows).map((row) => rows[row]!);
  const count = (is: (right: RightRow) => boolean) => rights.filter(is).length;
  return {
    rows: rows.filter(({ kind }) => kind !== KIND.NONE).length,
    uses: rows.reduce((sum, { uses }) => sum + uses.length, 0),
    rights: count((right) => 'kind' in right),
    transfers: rows.filter(({ kind }) => kind === KIND.TRANSFER).length,
    changes: versions.changes.length,
    balances: balances.length,
    savedWords: saved.length,
    freshCells: versions.changes.reduce((sum, change) => sum + recordCells(change), 0),
    windows: windows.length,
    stackWords: windows.reduce((sum, { words }) => sum + words, 0),
    machineSteps: run.steps.length,
    accesses: chips.words.length,
    partLoads: chips.part_loads.length,
    partStores: chips.part_stores.length,
    crossingLoads: chips.crossing_loads.length,
    crossingStores: chips.crossing_stores.length,
    moves: chips.moves.length,
    jumps: chips.jumps.length,
    narrows: chips.narrows.length,
    sums: chips.sums.length,
    products: chips.products.length,
    quotients: chips.quotients.length,
    equalities: chips.equalities.length,
    orders: chips.orders.length,
    bitwise: chips.bitwise.length,
    shifts: chips.shifts.length,
    swaps: chips.swaps.length,
    chunks: chips.chunks.length,
    derivations: run.derivations.list.length,
    tries: run.derivations.list.reduce((sum, { tries }) => sum + tries.length, 0),
    calls: called.length,
    passed: called.reduce((sum, { uses }) => sum + uses.length, 0),
    infos: count((right) => 'info' in right),
    resumed: rows.reduce((sum, { kind, uses }) => sum + (kind === KIND.RESUMED ? uses.length : 0), 0),
    shared: count((right) => 'shared' in right),
    epochs: count((right) => 'epoch' in right),
    own: own.length,
    callWords: called.reduce((sum, { data }) => sum + 1 + Math.ceil(data.length / 8), 0),
  } satisfies Partial<Record<keyof CircuitLimits, number>>;
}

/** Cells of the record that a change makes. */
function recordCells({ made, bytes }: ChangeRow): number {
  return made ? HEADER_CELLS + wordsOfRows(hashRowsOf(bytes)) : 0;
}
