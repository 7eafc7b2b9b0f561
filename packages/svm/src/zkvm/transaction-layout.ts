import type { Account } from '@polyproof/state';
import { rentExemptMinimum } from '../rollup-config.js';
import { layAccounts } from './account-cells.js';
import { DATA_PAGE_BYTES } from './commitment.js';
import { ZkvmError } from './errors.js';
import { KERNEL_RECORDS, MINIMUM_OFFSET, RECORD_BYTES } from './kernel.js';
import type { Region } from './memory.js';
import { PRIVILEGED } from './operations.js';
import { KIND, type TransactionRow } from './transaction-rows.js';
import { words } from './words.js';

/** How much the parts have room for that a circuit of transactions has besides the machine's. */
export interface TransactionCapacity {
  accounts: number;
  accountCells: number;
  hashRows: number;
  uses: number;
  rows: number;
  dataWords: number;
  dataPages: number;
  rights: number;
  windows: number;
}

/** `Right` in circuits/lib/src/sbpf/rights.nr; a window of the stack has its number instead. */
export type RightRow = { kind: number; row: number; usage: number; page: number } | { window: number };

/** What a program of the table is. */
export interface ProgramData {
  address: Uint8Array;
  readOnly: Uint8Array;
}

export interface BatchAccount {
  address: Uint8Array;
  /** null where there is none */
  account: Account | null;
}

/** Pages of a program's read-only data, one behind the other. */
export interface DataPages {
  program: number;
  /** of the first page */
  number: number;
  count: number;
}

/** A part of a stack: `Window` in circuits/lib/src/sbpf/windows.nr. */
export interface StackWindow {
  row: number;
  frame: number;
  /** words */
  offset: number;
  words: number;
}

export interface Layout {
  cells: bigint[];
  /** what each row may use */
  regions: Region[][];
  /** addresses of the instructions' data */
  data: bigint[];
}

const INPUT = 4n << 32n;
const READ_ONLY = 1n << 32n;
const STACK = 2n << 32n;
const FRAME_STRIDE = 8192n;
const PAGE_WORDS = DATA_PAGE_BYTES / 8;
export const RENT = [3_480n, 0x4000000000000000n, 50n];
const NO_ACCOUNT = {
  owner: new Uint8Array(32),
  lamports: 0n,
  data: new Uint8Array(),
  executable: false,
  rentEpoch: 0n,
};

export const accountOf = ({ account }: BatchAccount): Account => account ?? NO_ACCOUNT;

/** Cells and regions of rows, as circuits/lib/src/sbpf/transactions.nr lays them out. */
export function layOut(options: {
  accounts: readonly BatchAccount[];
  programs: readonly ProgramData[];
  rows: readonly TransactionRow[];
  /** rows that may store */
  stores: readonly boolean[];
  pages: readonly DataPages[];
  windows: readonly StackWindow[];
  capacity: TransactionCapacity;
}): Layout {
  const { accounts, programs, rows, capacity } = options;
  const laid = layAccounts(accounts.map((entry) => ({ address: entry.address, account: accountOf(entry) })));
  const flags: bigint[] = [];
  const data: bigint[] = [];
  const base = {
    flags: capacity.accountCells,
    counts: capacity.accountCells + capacity.uses,
    minimums: capacity.accountCells + capacity.uses + capacity.rows,
    rent: capacity.accountCells + capacity.uses + capacity.rows + capacity.accounts,
  };
  const dataBase = base.rent + RENT.length;
  const pageCells = cellsOfPages(dataBase + capacity.dataWords, options.pages);
  const dataAddresses: bigint[] = [];
  const regions = rows.map((row, index) => {
    const list: Region[] = [];
    const add = (
      kind: number,
      start: bigint,
      length: number,
      cell: number,
      { writable = false, usage = 0, page = 0 } = {},
    ) => list.push({ start, length, cell, writable, right: { kind, row: index, usage, page } });
    const ofProgram = row.kind === KIND.PROGRAM;
    if (ofProgram) add(0, INPUT, 8, base.counts + index);
    let at = (ofProgram ? INPUT : KERNEL_RECORDS) + 8n;
    row.uses.forEach(({ account: place, signer, writable }, position) => {
      const usage = flags.length;
      const account = accountOf(accounts[place]!);
      const cell = laid.starts[place]!;
      const bytes = account.data.length;
      const first = row.uses.findIndex((use) => use.account === place);
      if (ofProgram) add(1, at, 8, base.flags + usage, { writable: true, usage });
      if (first < position) {
        flags.push(BigInt(first));
        at += 8n;
        return;
      }
      flags.push(
        255n + (signer ? 0x100n : 0n) + (writable ? 0x10000n : 0n) + (account.executable ? 0x1000000n : 0n),
      );
      add(3, at + 8n, 80 + bytes, cell, { usage });
      const stores = options.stores[index]! && writable && !account.executable;
      if (!ofProgram) {
        add(9, at + MINIMUM_OFFSET, 8, base.minimums + place, { usage });
        if (stores) add(8, at + 72n, 8, cell + 8, { writable: true, usage });
      } else if (stores && Buffer.compare(account.owner, programs[row.program - 1]!.address) === 0)
        add(4, at + 88n, bytes, cell + 10, { writable: true, usage });
      at += RECORD_BYTES + BigInt(8 * Math.ceil(bytes / 8));
    });
    if (ofProgram) {
      add(5, at, 8 + row.data.length, dataBase + data.length);
      add(6, PRIVILEGED, 17, base.rent);
      options.pages.forEach(({ program, number, count }, page) => {
        if (program !== row.program) return;
        const start = READ_ONLY + BigInt(DATA_PAGE_BYTES * number);
        add(7, start, DATA_PAGE_BYTES * count, pageCells[page]!, { page });
      });
    }
    dataAddresses.push(at + 8n);
    if (row.kind === KIND.PROGRAM || row.kind === KIND.TRANSFER || row.kind === KIND.BUDGET)
      data.push(BigInt(row.data.length), ...words(row.data));
    return list;
  });
  const cells = concat(
    fill('cells of accounts', laid.cells, capacity.accountCells, 0n),
    fill('account uses', flags, capacity.uses, 0n),
    fill(
      'rows',
      rows.map(({ uses }) => BigInt(uses.length)),
      capacity.rows,
      0n,
    ),
    fill(
      'accounts',
      accounts.map((entry) => rentExemptMinimum(accountOf(entry).data.length)),
      capacity.accounts,
      0n,
    ),
    RENT,
    // A word stays free: the length of the data of rows that are not used.
    fill('words of data', data, capacity.dataWords - 1, 0n),
    [0n],
    fill(
      'pages of data',
      concat(
        ...options.pages.map(({ program, number, count }) =>
          readOnlyWords(programs[program - 1]!).slice(PAGE_WORDS * number, PAGE_WORDS * (number + count)),
        ),
      ),
      PAGE_WORDS * capacity.dataPages,
      0n,
    ),
  );
  let stackWords = 0;
  options.windows.forEach(({ row, frame, offset, words: length }, window) => {
    const start = STACK + FRAME_STRIDE * BigInt(frame) + BigInt(8 * offset);
    const cell = cells.length + stackWords;
    regions[row]!.push({ start, length: 8 * length, cell, writable: true, right: { window } });
    stackWords += length;
  });
  return { cells: concat(cells, repeated(0n, stackWords)), regions, data: dataAddresses };
}

/** The first cell of each. */
function cellsOfPages(first: number, pages: readonly DataPages[]): number[] {
  let cell = first;
  return pages.map(({ count }) => {
    cell += PAGE_WORDS * count;
    return cell - PAGE_WORDS * count;
  });
}

const knownWords = new WeakMap<Uint8Array, readonly bigint[]>();

/** Read-only data is long, and the same in every run. */
function readOnlyWords({ readOnly }: ProgramData): readonly bigint[] {
  let known = knownWords.get(readOnly);
  if (known === undefined) {
    known = words(readOnly);
    knownWords.set(readOnly, known);
  }
  return known;
}

/** @throws {ZkvmError} `CIRCUIT_FULL` */
export function fill<T>(what: string, values: readonly T[], length: number, filler: T): T[] {
  if (values.length > length)
    throw new ZkvmError(
      'CIRCUIT_FULL',
      `${values.length} ${what} do not fit in the ${length} of the circuit`,
    );
  return concat(values, repeated(filler, length - values.length));
}

// Faster than to spread many values.
const concat = <T>(...parts: readonly (readonly T[])[]): T[] => ([] as T[]).concat(...parts);
const repeated = <T>(value: T, length: number): T[] => new Array<T>(length).fill(value);
