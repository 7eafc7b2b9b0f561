import type { Account } from '@polyproof/state';
import { SYSTEM_PROGRAM } from '../reserved.js';
import { DATA_PAGE_BYTES } from './commitment.js';
import type { Entry } from './entry.js';
import { ZkvmError } from './errors.js';
import { RESULT, ROUTINE } from './kernel.js';
import { type Run, runMachine } from './machine.js';
import { PLACE } from './operations.js';
import {
  accountOf,
  type BatchAccount,
  type Layout,
  layOut,
  type ProgramData,
  type StackWindow,
  type TransactionCapacity,
} from './transaction-layout.js';
import { KIND, type ProvableBlock, type TransactionRow, transactionRows } from './transaction-rows.js';

export interface ProvableProgram extends ProgramData {
  entries: readonly Entry[];
}

export interface TransactionRun {
  rows: TransactionRow[];
  run: Run;
  layout: Layout;
  pages: { program: number; number: number }[];
  windows: StackWindow[];
  /** after the run, in the order of the accounts */
  after: (Account | null)[];
}

export interface TransactionRunOptions {
  accounts: readonly BatchAccount[];
  programs: readonly ProvableProgram[];
  blocks: readonly ProvableBlock[];
  capacity: TransactionCapacity;
}

const ANY_FRAMES = 8;
const FRAME_WORDS = 512;
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
  // Which transactions fail is found out by executing them: from the first that does, everything is another run.
  let failing = new Map<number, number>();
  for (;;) {
    const stores = rows.map(
      ({ kind, transaction }) => kind === KIND.FEE || kind === KIND.CREDIT || !failing.has(transaction!),
    );
    const execute = (layout: Layout) =>
      runMachine({
        programs: programs.map(({ entries }) => entries),
        invocations: rows.map((row, index) => ({
          ...started(rows, index, accounts, failing),
          data: row.kind === KIND.PROGRAM ? layout.data[index]! : argument(rows, index),
          regions: layout.regions[index]!,
        })),
        cells: layout.cells,
      });
    const shared = { accounts, programs, rows, stores };
    const wide = execute(layOut({ ...shared, ...roomFor(rows, programs, capacity) }));
    const next = failures(rows, wide, failing);
    if (next.size > failing.size) {
      failing = next;
      continue;
    }
    const { pages, stack } = touched(wide, rows);
    const windows = windowsOf(stack);
    const narrow = { pages: pages.map((page) => ({ ...page, count: 1 })), windows, capacity };
    const layout = layOut({ ...shared, ...narrow });
    const run = execute(layout);
    for (const row of rows) row.fails = row.kind === KIND.FEE && failing.has(row.transaction!);
    rows.forEach((row, index) => {
      if (row.kind === KIND.CREDIT) row.amount = 0n;
      if (row.kind === KIND.FEE) checkUnits(rows, index, run);
    });
    return { rows, run, layout, pages, windows, after: accountsAfter(accounts, run) };
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
    .map(({ readOnly }, i) => ({
      program: i + 1,
      number: 0,
      count: Math.floor(readOnly.length / DATA_PAGE_BYTES),
    }))
    .filter(({ program }) => called.has(program));
  const windows = rows.flatMap(({ kind }, row) =>
    kind === KIND.PROGRAM
      ? Array.from({ length: ANY_FRAMES }, (_, frame) => ({ row, frame, offset: 0, words: FRAME_WORDS }))
      : [],
  );
  const dataPages = pages.reduce((sum, { count }) => sum + count, 0);
  return { pages, windows, capacity: { ...capacity, dataPages } };
}

/** The program or routine that a row starts. */
function started(
  rows: readonly TransactionRow[],
  index: number,
  accounts: readonly BatchAccount[],
  failing: ReadonlyMap<number, number>,
): { program: number; routine?: number } {
  const row = rows[index]!;
  const failed = row.transaction === undefined ? undefined : failing.get(row.transaction);
  if (row.kind === KIND.FEE) {
    if (!isWallet(accountOf(accounts[row.uses[0]!.account]!)))
      throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'fees are proved of System accounts without data');
    return { program: 0, routine: ROUTINE.fee };
  }
  if (row.kind === KIND.CREDIT) return { program: 0, routine: ROUTINE.credit };
  if (failed !== undefined && index > failed) return { program: 0, routine: ROUTINE.skip };
  if (row.kind === KIND.BUDGET) return { program: 0, routine: ROUTINE.budget };
  if (row.kind === KIND.PROGRAM) return { program: row.program, routine: PLACE.PROLOGUE };
  return { program: 0, routine: transferRoutine(row, accounts) };
}

function transferRoutine({ uses, amount }: TransactionRow, accounts: readonly BatchAccount[]): number {
  const [from, to] = uses;
  if (from === undefined || to === undefined || uses.length !== 2 || from.account === to.account)
    throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'transfers are proved between two different accounts');
  const source = accountOf(accounts[from.account]!);
  if (source.executable || accountOf(accounts[to.account]!).executable)
    throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'transfers of programs are not proved');
  const allowed = isWallet(source) && from.signer && from.writable && to.writable;
  if (!allowed && amount === 0n)
    throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'transfers of nothing that are not allowed are not proved');
  return allowed ? ROUTINE.transfer : ROUTINE.fail;
}

function isWallet({ owner, data }: Account): boolean {
  return Buffer.compare(owner, SYSTEM_PROGRAM) === 0 && data.length === 0;
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

/** The row at which each transaction fails, with the first one that was not known to. */
function failures(
  rows: readonly TransactionRow[],
  run: Run,
  known: ReadonlyMap<number, number>,
): Map<number, number> {
  const index = rows.findIndex(
    ({ kind, transaction }, row) =>
      (kind === KIND.PROGRAM || kind === KIND.TRANSFER) &&
      !known.has(transaction!) &&
      run.invocations[row]!.result !== 0n,
  );
  if (index < 0) return new Map(known);
  const last = rows[index + 1]?.transaction !== rows[index]!.transaction;
  if (rows[index]!.kind === KIND.TRANSFER && run.invocations[index]!.result === RESULT.RENT && !last)
    throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'an account is below its minimum within a transaction');
  return new Map(known).set(rows[index]!.transaction!, index);
}

function checkUnits(rows: readonly TransactionRow[], fee: number, run: Run): void {
  let end = fee + 1;
  while (rows[end]?.transaction === rows[fee]!.transaction) end++;
  const units = (run.invocations[end]?.units ?? run.units) - run.invocations[fee]!.units;
  if (units > rows[fee]!.limit)
    throw new ZkvmError('NOT_PROVABLE_EXECUTION', 'a transaction exhausts its compute units', { units });
}

/** What a run accessed of the room for everything: words of stacks, by row, and pages of data, in order. */
function touched(
  run: Run,
  rows: readonly TransactionRow[],
): { stack: Map<number, Set<bigint>>; pages: TransactionRun['pages'] } {
  const stack = new Map<number, Set<bigint>>();
  const pages = new Map<number, Set<number>>();
  for (const { fields } of run.rows.rows.words) {
    const { right, start, invocation } = run.segments[Number(fields.segment)]!;
    const of = right as { window?: number; kind?: number };
    const row = invocation - 1;
    const { program } = rows[row]!;
    if (of.kind === 7) addTo(pages, program, Math.floor((8 * Number(fields.offset)) / DATA_PAGE_BYTES));
    if (of.window !== undefined)
      addTo(stack, row, (start + 8n * (fields.offset as bigint) - (2n << 32n)) / 8n);
  }
  const numbers = (of: ReadonlySet<number>) => [...of].sort((a, b) => a - b);
  return {
    stack,
    pages: [...pages]
      .sort(([a], [b]) => a - b)
      .flatMap(([program, of]) => numbers(of).map((number) => ({ program, number }))),
  };
}

function addTo<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

/** Windows around the words, in the order of rows and addresses. */
function windowsOf(stack: ReadonlyMap<number, ReadonlySet<bigint>>): StackWindow[] {
  const windows: StackWindow[] = [];
  for (const [row, words] of [...stack].sort(([a], [b]) => a - b))
    for (const word of [...words].map(Number).sort((a, b) => a - b)) {
      const frame = Math.floor(word / (2 * FRAME_WORDS));
      const offset = word % (2 * FRAME_WORDS);
      const last = windows.at(-1);
      if (last?.row === row && last.frame === frame && offset - last.offset - last.words <= GAP)
        last.words = offset - last.offset + 1;
      else windows.push({ row, frame, offset, words: 1 });
    }
  return windows;
}

function accountsAfter(accounts: readonly BatchAccount[], run: Run): (Account | null)[] {
  let cell = 0;
  return accounts.map((entry) => {
    const account = accountOf(entry);
    const first = cell;
    const chunks = Math.ceil(account.data.length / 24);
    cell += 10 + (chunks === 0 ? 0 : 9 * Math.ceil((chunks + 2) / 3) - 6);
    const data = Buffer.alloc(8 * Math.ceil(account.data.length / 8));
    for (let at = 0; at < data.length; at += 8) data.writeBigUInt64LE(run.cells[first + 10 + at / 8]!, at);
    const lamports = run.cells[first + 8]!;
    if (lamports === 0n) return null;
    const rentEpoch = 0xffffffffffffffffn;
    return { ...account, rentEpoch, lamports, data: Uint8Array.from(data.subarray(0, account.data.length)) };
  });
}
