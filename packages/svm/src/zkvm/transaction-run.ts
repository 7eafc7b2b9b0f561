import type { Account } from '@polyproof/state';
import { HEADER_CELLS } from './account-cells.js';
import { firstUsesOf, ownRows, RETURNED_AREA } from './call-layout.js';
import { DATA_PAGE_BYTES, dataPageCount } from './commitment.js';
import type { Entry } from './entry.js';
import { ZkvmError } from './errors.js';
import { concat, repeated } from './fill.js';
import { RESULT, ROUTINE } from './kernel.js';
import { type Run, type RunOptions, runMachine } from './machine.js';
import type { Region } from './memory.js';
import { PLACE } from './operations.js';
import { NEXT_ROW, type SavedWord, savedPlaces, wordsStored } from './saved-words.js';
import { firstPart, rowsOfCall } from './transaction-calls.js';
import {
  AREAS,
  type BatchAccount,
  type DataPages,
  type Layout,
  layOut,
  type ProgramData,
  type RightRow,
  type StackWindow,
  type TransactionCapacity,
} from './transaction-layout.js';
import {
  KIND,
  ofProgram,
  type ProvableBlock,
  type TransactionRow,
  transactionRows,
} from './transaction-rows.js';
import { type AccountVersion, followVersions, isWallet, type Versions } from './transaction-versions.js';

export interface ProvableProgram extends ProgramData {
  entries: readonly Entry[];
}

export interface TransactionRun {
  rows: TransactionRow[];
  run: Run;
  layout: Layout;
  versions: Versions;
  /** uses whose lamports programs store */
  balances: number[];
  /** words that transactions store before they fail */
  saved: SavedWord[];
  pages: DataPages[];
  windows: StackWindow[];
  /** rows whose programs load their own address */
  own: number[];
  /** after the run, in the order of the accounts */
  after: (Account | null)[];
}

export interface TransactionRunOptions {
  accounts: readonly BatchAccount[];
  programs: readonly ProvableProgram[];
  blocks: readonly ProvableBlock[];
  capacity: TransactionCapacity;
}

/** from one frame's number to the next one's, and from one area's, in words */
const FRAME_STRIDE = 1024;
const AREA_STRIDE = 0x10000;
/** words between two parts of a stack that are laid out as one, at most */
const GAP = 4;

/**
 * Executes blocks in the machine, on as few cells as they touch.
 * @throws {ZkvmError} where something cannot be proved
 */
export function runTransactions(options: TransactionRunOptions): TransactionRun {
  const { accounts, programs, blocks, capacity } = options;
  const rows = transactionRows(
    blocks,
    programs.map(({ address }) => address),
  );
  // Which transactions fail, which accounts programs close and what they call is found out by executing them: from the
  // first on, everything is another run. There, cells are put back behind a transaction that fails.
  const failing = new Map<number, number>();
  const closings = new Set<number>();
  for (;;) {
    const stores = rows.map(
      ({ kind, transaction }) => kind === KIND.FEE || kind === KIND.CREDIT || !failing.has(transaction!),
    );
    const behindFailing = (row: number) => row > (failing.get(rows[row]!.transaction!) ?? Infinity);
    // A caller goes on to fail too.
    const skipped = (row: number) => rows[row]!.kind !== KIND.RESUMED && behindFailing(row);
    const versions = followVersions({ accounts, rows, stores, skipped, closings });
    const execute = (
      layout: Layout,
      cells: readonly bigint[],
      onlyWide: Pick<RunOptions, 'stop' | 'onCall'> = {},
    ) =>
      runMachine({
        programs: programs.map(({ entries }) => entries),
        invocations: rows.map((row, index) => ({
          ...started(rows, index, versions, skipped(index), behindFailing(index)),
          ...partOf(rows, index),
          data: row.kind === KIND.PROGRAM ? layout.data[index]! : argument(rows, index),
          ...(layout.fronts[index] === undefined ? {} : { front: layout.fronts[index] }),
          regions: layout.regions[index]!,
        })),
        cells,
        ...onlyWide,
      });
    const shared = { accounts, programs, rows, stores, versions };
    const room = roomFor(rows, programs, capacity);
    const unknown = { balances: undefined, saved: undefined, own: undefined };
    const anything = layOut({ ...shared, ...unknown, ...room });
    let known = true;
    let kept: readonly bigint[] = [];
    let call: [TransactionRow, TransactionRow] | undefined;
    const wide = execute(anything, anything.cells, {
      stop: (row, { result }, cells) => {
        known =
          !fails(rows, row, result, versions, failing) &&
          !closes(rows, row, anything.regions[row]!, cells, closings);
        const { kind, transaction } = rows[row]!;
        if (failing.has(transaction!)) {
          if (kind === KIND.FEE) kept = cells.slice(0, capacity.accountCells + capacity.freshCells);
          if (rows[row + 1]?.transaction !== transaction) cells.splice(0, kept.length, ...kept);
        }
        return !known;
      },
      onCall: (row, registers, memory) => {
        const first = firstUsesOf(rows)[row]!;
        const ofRow = <T>(list: readonly T[]) => list.slice(first, first + rows[row]!.uses.length);
        call = rowsOfCall({
          caller: rows[row]!,
          registers,
          memory,
          accounts,
          versions: ofRow(versions.uses),
          addresses: ofRow(anything.addresses),
          programs: programs.map(({ address }) => address),
        });
        rows.splice(row + 1, 0, ...call);
      },
    });
    if (!known || call !== undefined || exhausts(rows, wide, failing)) continue;
    const { pages, stack, balances, own } = touched(wide, room);
    const windows = windowsOf(stack);
    const saved = wordsStored(wide);
    if (savedPlaces(rows, saved).some(({ end }) => end === rows.length)) rows.push({ ...NEXT_ROW });
    const layout = layOut({ ...shared, balances, saved, pages, windows, own, capacity });
    const run = execute(layout, concat(layout.cells, repeated(0n, layout.windowCells)));
    for (const row of rows) row.fails = row.kind === KIND.FEE && failing.has(row.transaction!);
    for (const row of rows) if (row.kind === KIND.CREDIT) row.amount = 0n;
    const after = accountsAfter(versions, layout, run);
    return { rows, run, layout, versions, balances, saved, pages, windows, own, after };
  }
}

/** All the pages and stacks that rows may use. */
function roomFor(
  rows: readonly TransactionRow[],
  programs: readonly ProvableProgram[],
  capacity: TransactionCapacity,
): Pick<Parameters<typeof layOut>[0], 'pages' | 'windows' | 'capacity'> {
  const called = new Set(rows.map(({ program }) => program));
  const pages = programs
    .flatMap(({ readOnly }, i) => {
      const last = dataPageCount(readOnly) - 1;
      return [
        { program: i + 1, number: last, count: 1 },
        { program: i + 1, number: 0, count: last },
      ];
    })
    .filter(({ program, count }) => called.has(program) && count > 0);
  // The part behind a called row finds there what that returned, which is nothing where it is no program.
  const has = ({ kind, called }: TransactionRow, area: number) =>
    kind === KIND.PROGRAM || (called === true && area === RETURNED_AREA);
  const windows = rows.flatMap((of, row) =>
    AREAS.flatMap(({ frames, frameWords }, area) =>
      Array.from({ length: has(of, area) ? frames : 0 }, (_, frame) => ({
        row,
        area,
        frame,
        offset: 0,
        words: frameWords,
      })),
    ),
  );
  const dataPages = pages.reduce((sum, { count }) => sum + count, 0);
  return { pages, windows, capacity: { ...capacity, dataPages, own: ownRows(rows).length } };
}

/** The program or routine that a row starts. */
function started(
  rows: readonly TransactionRow[],
  index: number,
  versions: Versions,
  skipped: boolean,
  abandoned: boolean,
): { program: number; routine?: number } {
  const row = rows[index]!;
  const first = rows.slice(0, index).reduce((sum, { uses }) => sum + uses.length, 0);
  if (row.kind === KIND.FEE) {
    if (!isWallet(versions.uses[first]!))
      throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'fees are proved of System accounts without data');
    return { program: 0, routine: ROUTINE.fee };
  }
  if (row.kind === KIND.CREDIT) return { program: 0, routine: ROUTINE.credit };
  if (skipped || row.kind === KIND.NONE) return { program: 0, routine: ROUTINE.skip };
  if (row.kind === KIND.RESUMED)
    return { program: row.program, routine: abandoned ? PLACE.ABANDON : PLACE.RESUME };
  if (row.kind === KIND.BUDGET) return { program: 0, routine: ROUTINE.budget };
  if (row.kind === KIND.PROGRAM) return { program: row.program, routine: PLACE.PROLOGUE };
  if (row.kind === KIND.CHANGE) return { program: 0, routine: versions.routines.get(index)! };
  return { program: 0, routine: transferRoutine(row, versions.uses.slice(first)) };
}

/** How a row is part of an execution. */
function partOf(rows: readonly TransactionRow[], row: number) {
  const first = firstPart(rows, row);
  return {
    called: rows[row]!.called === true,
    calls: rows[row + 1]?.called === true,
    ...(first === row ? {} : { partOf: first }),
  };
}

function transferRoutine({ uses, amount }: TransactionRow, versions: readonly AccountVersion[]): number {
  const [from, to] = uses;
  if (from === undefined || to === undefined || uses.length !== 2)
    throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'transfers are proved between two accounts');
  const source = versions[0]!;
  if (source.executable || versions[1]!.executable)
    throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'transfers of programs are not proved');
  // Nothing can be taken from any account without data.
  const gives = isWallet(source) || (amount === 0n && source.bytes === 0);
  const allowed = gives && from.signer && from.writable && to.writable;
  if (!allowed) return ROUTINE.fail;
  return from.account === to.account ? ROUTINE.itself : ROUTINE.transfer;
}

/** What a routine is given: of the end of a block, the fees of its transactions. */
function argument(rows: readonly TransactionRow[], index: number): bigint {
  const row = rows[index]!;
  if (row.kind !== KIND.CREDIT) return row.kind === KIND.BUDGET ? 0n : row.amount;
  let fees = 0n;
  for (let i = index - 1; i >= 0 && rows[i]!.kind !== KIND.CREDIT; i--)
    if (rows[i]!.kind === KIND.FEE) fees += rows[i]!.amount;
  return fees;
}

/** Notes a transaction that was not known to fail, and does with this row. */
function fails(
  rows: readonly TransactionRow[],
  index: number,
  result: bigint,
  versions: Versions,
  known: Map<number, number>,
): boolean {
  const { kind, transaction } = rows[index]!;
  const moves = kind === KIND.TRANSFER || kind === KIND.CHANGE;
  if ((!ofProgram(rows[index]!) && !moves) || result === 0n || known.has(transaction!)) return false;
  const last = rows[index + 1]?.transaction !== transaction;
  if (moves && result === RESULT.RENT && !last)
    throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'an account is below its minimum within a transaction');
  const before = (row: number) => row < index && rows[row]!.transaction === transaction;
  if (versions.changes.some(({ made, row }) => made && before(row)))
    throw new ZkvmError(
      'NOT_PROVABLE_EXECUTION',
      'a transaction that fails behind a createAccount, assign, allocate or close is not proved',
    );
  known.set(transaction!, index);
  return true;
}

/** Notes accounts that were not known to be closed, and are with this row. */
function closes(
  rows: readonly TransactionRow[],
  index: number,
  regions: readonly Region[],
  cells: readonly bigint[],
  known: Set<number>,
): boolean {
  let found = false;
  for (const { right, length, cell } of regions) {
    const of = right as RightRow;
    if (!('closes' in of) || length === 8) continue;
    // Whoever is owned by a program has an owner that is not zero.
    if (cells.slice(cell, cell + 4).some((word) => word !== 0n)) continue;
    if (rows[index + 1]?.called === true)
      throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'an account that is closed before a call is not proved');
    known.add(of.closes);
    found = true;
  }
  return found;
}

/** Notes transactions that were not known to fail, and consume more units than they may: all of it is undone. */
function exhausts(rows: readonly TransactionRow[], run: Run, known: Map<number, number>): boolean {
  let found = false;
  rows.forEach(({ kind, limit, transaction }, fee) => {
    if (kind !== KIND.FEE || known.has(transaction!)) return;
    let end = fee + 1;
    while (rows[end]?.transaction === transaction) end++;
    const units = (run.invocations[end]?.units ?? run.units) - run.invocations[fee]!.units;
    if (units <= limit) return;
    known.set(transaction!, end - 1);
    found = true;
  });
  return found;
}

/**
 * What a run accessed of the room for everything: words of stacks and heaps, by row, pages of data, and uses whose lamports
 * programs stored, both in order.
 */
function touched(
  run: Run,
  room: { pages: readonly DataPages[]; windows: readonly StackWindow[] },
): { stack: Map<number, Set<number>>; pages: TransactionRun['pages']; balances: number[]; own: number[] } {
  const stack = new Map<number, Set<number>>();
  const pages = new Map<number, Set<number>>();
  const balances = new Set<number>();
  const own = new Set<number>();
  for (const { fields } of run.rows.rows.words) {
    const { right, invocation } = run.segments[Number(fields.segment)]!;
    if ('own' in (right as RightRow)) own.add(invocation - 1);
    const shared = (right as { shared?: RightRow }).shared;
    const of = (shared ?? right) as { window?: number; kind?: number; page?: number; lamportsOf?: number };
    if (of.lamportsOf !== undefined && fields.stores === true) balances.add(of.lamportsOf);
    if (of.kind === 7) {
      const { program, number } = room.pages[of.page!]!;
      addTo(pages, program, number + Math.floor((8 * Number(fields.offset)) / DATA_PAGE_BYTES));
    }
    if (of.window !== undefined) {
      const { row, area, frame } = room.windows[of.window]!;
      addTo(stack, row, AREA_STRIDE * area + FRAME_STRIDE * frame + Number(fields.offset));
    }
  }
  const numbers = (of: ReadonlySet<number>) => [...of].sort((a, b) => a - b);
  return {
    stack,
    pages: [...pages]
      .sort(([a], [b]) => a - b)
      .flatMap(([program, of]) => numbers(of).map((number) => ({ program, number, count: 1 }))),
    balances: numbers(balances),
    own: numbers(own),
  };
}

function addTo<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

/** Windows around the words, in the order of rows and addresses. */
function windowsOf(stack: ReadonlyMap<number, ReadonlySet<number>>): StackWindow[] {
  const windows: StackWindow[] = [];
  for (const [row, words] of [...stack].sort(([a], [b]) => a - b))
    for (const word of [...words].sort((a, b) => a - b)) {
      const area = Math.floor(word / AREA_STRIDE);
      const frame = Math.floor((word % AREA_STRIDE) / FRAME_STRIDE);
      const offset = word % FRAME_STRIDE;
      const last = windows.at(-1);
      const same = last?.row === row && last.area === area && last.frame === frame;
      if (same && offset - last.offset - last.words <= GAP) last.words = offset - last.offset + 1;
      else windows.push({ row, area, frame, offset, words: 1 });
    }
  return windows;
}

/** In their last versions, in the order of the accounts. */
export function accountsAfter(
  { last }: Versions,
  { laid, fresh }: Layout,
  { cells }: Run,
): (Account | null)[] {
  return last.map(({ change, bytes, owner, executable }, index) => {
    const first = change === undefined ? laid.starts[index]! : fresh[change]!;
    const data = Buffer.alloc(8 * Math.ceil(bytes / 8));
    for (let at = 0; at < data.length; at += 8)
      data.writeBigUInt64LE(cells[first + HEADER_CELLS + at / 8]!, at);
    const lamports = cells[first + 8]!;
    if (lamports === 0n) return null;
    const rentEpoch = 0xffffffffffffffffn;
    return { owner, executable, rentEpoch, lamports, data: Uint8Array.from(data.subarray(0, bytes)) };
  });
}
