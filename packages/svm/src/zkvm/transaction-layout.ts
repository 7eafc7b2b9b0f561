import type { Account } from '@polyproof/state';
import { rentExemptMinimum } from '../rollup-config.js';
import { type AccountCells, HEADER_CELLS, layAccounts } from './account-cells.js';
import { addCallRegions, type CallRight, callWords, firstUsesOf, ownRows } from './call-layout.js';
import { DATA_PAGE_BYTES, dataPageWords, firstOfDataPage } from './commitment.js';
import { ZkvmError } from './errors.js';
import { concat, fill, repeated } from './fill.js';
import { freshRecords } from './fresh-records.js';
import {
  BALANCES,
  KERNEL_RECORDS,
  MAX_WORDS,
  MINIMUM_OFFSET,
  NEXT_LAMPORTS_OFFSET,
  NEXT_MINIMUM_OFFSET,
  RECORD_BYTES,
  ROUTINE,
} from './kernel.js';
import type { Front } from './machine.js';
import type { Region } from './memory.js';
import { PRIVILEGED, RETURNED } from './operations.js';
import { type SavedWord, savedFronts, savedPlaces, savedRegions } from './saved-words.js';
import { firstPart } from './transaction-calls.js';
import { KIND, ofProgram, type TransactionRow } from './transaction-rows.js';
import type { AccountVersion, Versions } from './transaction-versions.js';
import { words } from './words.js';

/** How much the parts have room for that a circuit of transactions has besides the machine's. */
export interface TransactionCapacity {
  accounts: number;
  accountCells: number;
  /** cells for records that changes make */
  freshCells: number;
  /** System transfers */
  transfers: number;
  changes: number;
  /** uses whose lamports programs store */
  balances: number;
  /** words that transactions store before they fail */
  savedWords: number;
  hashRows: number;
  uses: number;
  rows: number;
  dataWords: number;
  dataPages: number;
  rights: number;
  windows: number;
  /** instructions that programs invoke, their accounts, the descriptions that callers give of accounts */
  calls: number;
  passed: number;
  infos: number;
  /** uses of rows in which callers go on, and segments that these share with the rows before */
  resumed: number;
  shared: number;
  /** uses whose rent epoch programs load */
  epochs: number;
  /** parts whose programs load their own address */
  own: number;
  /** words of the invoked instructions' data */
  callWords: number;
}

/** `Right` in circuits/lib/src/sbpf/rights.nr. */
export interface RightOfRow {
  kind: number;
  row: number;
  usage: number;
  page: number;
}

/** What gives a right: one of a row, or a window of the stack, a change, a balance or a saved word, by its number. */
export type RightRow =
  | RightOfRow
  | { window: number }
  | { change: number; part: 0 | 1 }
  | { balance: number; part: 0 | 1 }
  | { saved: number; part: 0 | 1 | 2 }
  | CallRight
  /** as long as it is not known what a program stores: lamports of a use, or its owner and length */
  | { lamportsOf: number }
  | { closes: number }
  /** or what of a use is stored to, from which word of its record on, by a transaction that fails */
  | { undone: number; from: number };

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

/** Pages of a program's read-only data, one behind the other, of which only a single one may be the last. */
export interface DataPages {
  program: number;
  /** of the first page */
  number: number;
  count: number;
}

/** A part of a stack, a heap or of return data: `Window` in circuits/lib/src/sbpf/windows.nr. */
export interface StackWindow {
  row: number;
  /** place in {@link AREAS} */
  area: number;
  frame: number;
  /** words */
  offset: number;
  words: number;
}

export interface Layout {
  /** of everything but the windows */
  cells: bigint[];
  /** cells of the windows, which begin behind the others and with zeros */
  windowCells: number;
  /** of the records of uses */
  addresses: bigint[];
  /** what each row may use */
  regions: Region[][];
  /** addresses of the instructions' data */
  data: bigint[];
  /** accounts before the run, and where the records of changes begin */
  laid: AccountCells;
  fresh: number[];
  /** what the kernel does in front, by row */
  fronts: (Front | undefined)[];
}

/** where a version ends that stays in force */
export const NEVER = 0xfff;
const INPUT = 4n << 32n;
const READ_ONLY = 1n << 32n;
const FRAME_STRIDE = 8192n;
/** Where stacks, return data and heaps are, with their frames. */
export const AREAS = [
  { start: 2n << 32n, frames: 16, frameWords: 512 },
  { start: RETURNED, frames: 1, frameWords: 512 },
  { start: 3n << 32n, frames: 4, frameWords: 1024 },
] as const;
const PAGE_WORDS = DATA_PAGE_BYTES / 8;
/** The rent sysvar, and the rent epoch of all accounts. */
export const RENT = [6_960n, 0x3ff0000000000000n, 50n, 0xffffffffffffffffn];
const NO_ACCOUNT = {
  owner: new Uint8Array(32),
  lamports: 0n,
  data: new Uint8Array(),
  executable: false,
  rentEpoch: 0n,
};

/** Instructions have data, with its length in front. */
export const hasData = ({ kind }: TransactionRow): boolean =>
  kind !== KIND.FEE && kind !== KIND.CREDIT && kind !== KIND.NONE && kind !== KIND.RESUMED;

export const accountOf = ({ account }: BatchAccount): Account => account ?? NO_ACCOUNT;

/** Cells and regions of rows, as circuits/lib/src/sbpf/transactions.nr lays them out. */
export function layOut(options: {
  accounts: readonly BatchAccount[];
  programs: readonly ProgramData[];
  rows: readonly TransactionRow[];
  /** rows that may store */
  stores: readonly boolean[];
  versions: Versions;
  /** uses whose lamports programs store, in their order; undefined as long as that is not known */
  balances: readonly number[] | undefined;
  /** the words that are stored before a transaction fails; undefined as long as that is not known */
  saved: readonly SavedWord[] | undefined;
  pages: readonly DataPages[];
  windows: readonly StackWindow[];
  /** rows whose programs load their own address; undefined as long as that is not known */
  own: readonly number[] | undefined;
  capacity: TransactionCapacity;
}): Layout {
  const { accounts, programs, rows, capacity, versions } = options;
  const laid = layAccounts(
    accounts.map((entry, index) => ({
      address: entry.address,
      account: accountOf(entry),
      bytesAfter: versions.last[index]!.bytes,
    })),
  );
  const fresh = freshRecords(versions, accounts, capacity);
  const cellOf = ({ change, account }: AccountVersion) =>
    change === undefined ? laid.starts[account]! : fresh.starts[change]!;
  const flags: bigint[] = [];
  const addresses: bigint[] = [];
  const data: bigint[] = [];
  const callData: bigint[] = [];
  const firstUses = firstUsesOf(rows);
  const minimums = capacity.accounts + capacity.changes;
  const base = { flags: capacity.accountCells + capacity.freshCells, counts: 0, minimums: 0, rent: 0 };
  base.counts = base.flags + capacity.uses;
  base.minimums = base.counts + capacity.rows;
  base.rent = base.minimums + minimums;
  const dataBase = base.rent + RENT.length;
  const callDataBase = dataBase + capacity.dataWords;
  const pagesBase = callDataBase + capacity.callWords;
  const pageCells = cellsOfPages(pagesBase, options.pages);
  const dataAddresses: bigint[] = [];
  const dataCells: number[] = [];
  const places = savedPlaces(rows, options.saved ?? []);
  const fronts = savedFronts(rows, places);
  const regions = rows.map((row, index) => {
    const list: Region[] = [];
    const addFor = (right: RightRow, start: bigint, length: number, cell: number, writable = false) =>
      list.push({ start, length, cell, writable, right });
    const add = (
      kind: number,
      start: bigint,
      length: number,
      cell: number,
      { writable = false, usage = 0, page = 0 } = {},
    ) => addFor({ kind, row: index, usage, page }, start, length, cell, writable);
    const resumed = row.kind === KIND.RESUMED;
    const executes = ofProgram(row);
    const begins = executes && !resumed;
    const earlier = firstUses[firstPart(rows, index)]!;
    if (begins) add(0, INPUT, 8, base.counts + index);
    let at = (executes ? INPUT : KERNEL_RECORDS) + 8n;
    let balances = 0;
    row.uses.forEach(({ account: place, signer, writable }, position) => {
      const usage = flags.length;
      if (resumed) at = addresses[earlier + position]!;
      addresses.push(at);
      const version = versions.uses[usage]!;
      const cell = cellOf(version);
      const { bytes, executable, owner } = version;
      const first = row.uses.findIndex((use) => use.account === place);
      if (begins) add(1, at, 8, base.flags + usage, { writable: true, usage });
      if (first < position) {
        flags.push(BigInt(first));
        at += 8n;
        return;
      }
      flags.push(255n + (signer ? 0x100n : 0n) + (writable ? 0x10000n : 0n) + (executable ? 0x1000000n : 0n));
      add(3, at + 8n, 80 + bytes, cell, { usage });
      const may = writable && !executable;
      const stores = options.stores[index]! && may;
      const owned = executes && Buffer.compare(owner, programs[row.program - 1]!.address) === 0;
      const change = versions.changes.findIndex((made) => made.usage === usage);
      if (!executes) {
        const minimum =
          base.minimums +
          (version.change === undefined ? version.account : capacity.accounts + version.change);
        add(9, at + MINIMUM_OFFSET, 8, minimum, { usage });
        if (stores) add(8, at + 72n, 8, cell + 8, { writable: true, usage });
        if (change >= 0) {
          const next = fresh.starts[change]! + 8;
          const least = base.minimums + capacity.accounts + change;
          if (versions.changes[change]!.made)
            addFor({ change, part: 0 }, at + NEXT_LAMPORTS_OFFSET, 8, next, true);
          addFor({ change, part: 1 }, at + NEXT_MINIMUM_OFFSET, 8, least);
        }
      } else if (stores) {
        if (owned) add(4, at + 88n, bytes, cell + 10, { writable: true, usage });
        const closes = (part: 0 | 1) => (change >= 0 ? { change, part } : { closes: usage });
        if (owned && (change >= 0 || options.balances === undefined)) {
          addFor(closes(0), at + 40n, 32, cell + 4, true);
          addFor(closes(1), at + 80n, 8, cell + 9, true);
        }
        const balance = options.balances?.indexOf(usage);
        if (balance === undefined) addFor({ lamportsOf: usage }, at + 72n, 8, cell + 8, true);
        else if (balance >= 0) {
          addFor({ balance, part: 0 }, at + 72n, 8, cell + 8, true);
          addFor({ balance, part: 1 }, BALANCES + BigInt(8 * balances++), 8, cell + 8);
        }
      }
      if (!options.stores[index]! && may && options.saved === undefined) {
        addFor({ undone: usage, from: 8 }, at + 72n, 8, cell + 8, true);
        if (owned) addFor({ undone: usage, from: 10 }, at + 88n, bytes, cell + 10, true);
      }
      options.saved?.forEach((word, saved) => {
        if (word.usage === usage)
          addFor({ saved, part: 0 }, at + BigInt(8 + 8 * word.cell), 8, cell + word.cell, true);
      });
      at += RECORD_BYTES + BigInt(8 * Math.ceil(bytes / 8));
      if (begins) addFor({ epoch: usage }, at - 8n, 8, base.rent + RENT.length - 1);
    });
    if (balances > 0) fronts[index] = { routine: ROUTINE.before, words: balances };
    if (balances > 0 && rows[index + 1]?.called === true)
      throw new ZkvmError(
        'NOT_PROVABLE_EXECUTION',
        'lamports that a program stores before a call are not proved',
      );
    const dataCell = row.called === true ? callDataBase + callData.length : dataBase + data.length;
    dataCells.push(dataCell);
    if (begins) {
      add(5, at, 8 + row.data.length, dataCell);
      add(6, PRIVILEGED, 17, base.rent);
      options.pages.forEach(({ program, number, count }, page) => {
        if (program !== row.program) return;
        const start = READ_ONLY + BigInt(firstOfDataPage(programs[program - 1]!.readOnly, number));
        add(7, start, DATA_PAGE_BYTES * count, pageCells[page]!, { page });
      });
    }
    dataAddresses.push(at + 8n);
    if (hasData(row))
      (row.called === true ? callData : data).push(BigInt(row.data.length), ...words(row.data));
    return list;
  });
  places.forEach((place, word) => {
    const { usage, cell } = options.saved![word]!;
    const { save, restore } = savedRegions(word, place, cellOf(versions.uses[usage]!) + cell);
    regions[place.first]!.push(save);
    regions[place.end]!.push(restore);
  });
  if (fronts.some((front) => front !== undefined && front.words > MAX_WORDS))
    throw new ZkvmError(
      'NOT_PROVABLE_EXECUTION',
      `an instruction changes the lamports of more than ${MAX_WORDS} accounts, or a transaction stores more than ${MAX_WORDS} words before it fails`,
    );
  const least = ({ bytes }: AccountVersion) => rentExemptMinimum(bytes);
  const cells = concat(
    fill('cells of accounts', laid.cells, capacity.accountCells, 0n),
    fill('cells of changed accounts', fresh.cells, capacity.freshCells - HEADER_CELLS, 0n),
    repeated(0n, HEADER_CELLS),
    fill('account uses', flags, capacity.uses, 0n),
    fill(
      'rows',
      rows.map(({ uses }) => BigInt(uses.length)),
      capacity.rows,
      0n,
    ),
    fill('accounts', versions.accounts.map(least), capacity.accounts, 0n),
    fill('changes of accounts', versions.changed.map(least), capacity.changes, 0n),
    RENT,
    // A word stays free: the length of the data of rows that are not used.
    fill('words of data', data, capacity.dataWords - 1, 0n),
    [0n],
    fill('words of data of calls', callData, capacity.callWords, 0n),
    fill(
      'pages of data',
      concat(
        ...options.pages.map(({ program, number, count }) => {
          const { readOnly } = programs[program - 1]!;
          if (count === 1) return dataPageWords(readOnly, number);
          return readOnlyWords(readOnly).slice(PAGE_WORDS * number, PAGE_WORDS * (number + count));
        }),
      ),
      PAGE_WORDS * capacity.dataPages,
      0n,
    ),
    callWords({
      rows,
      firstUses,
      addresses,
      versions,
      capacity,
      own: options.own ?? ownRows(rows),
      programs,
    }),
  );
  let windowCells = 0;
  options.windows.forEach(({ row, area, frame, offset, words: length }, window) => {
    const start = AREAS[area]!.start + FRAME_STRIDE * BigInt(frame) + BigInt(8 * offset);
    const cell = cells.length + windowCells;
    regions[row]!.push({ start, length: 8 * length, cell, writable: true, right: { window } });
    windowCells += length;
  });
  const callsBase = pagesBase + PAGE_WORDS * capacity.dataPages;
  const cellsOfUses = versions.uses.map(cellOf);
  addCallRegions(regions, {
    rows,
    firstUses,
    addresses,
    cellsOfUses,
    dataCells,
    base: { counts: base.counts, calls: callsBase },
    windows: options.windows,
    own: options.own ?? ownRows(rows),
    dataAddresses,
    capacity,
  });
  return {
    cells,
    windowCells,
    addresses,
    regions,
    data: dataAddresses,
    laid,
    fresh: fresh.starts,
    fronts,
  };
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
function readOnlyWords(readOnly: Uint8Array): readonly bigint[] {
  let known = knownWords.get(readOnly);
  if (known === undefined) {
    known = words(readOnly);
    knownWords.set(readOnly, known);
  }
  return known;
}
