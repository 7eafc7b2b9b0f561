import { ROUTINE, SAVED } from './kernel.js';
import type { Front, Run } from './machine.js';
import type { Region } from './memory.js';
import { KIND, type TransactionRow } from './transaction-rows.js';

/** A word to which a transaction stores before it fails: `Saved` in circuits/lib/src/sbpf/saved.nr. */
export interface SavedWord {
  usage: number;
  /** among those of the account's record */
  cell: number;
}

/** Where the kernel keeps a saved word. */
export interface SavedPlace {
  /** first row of its transaction behind the fee, and the row behind the last */
  first: number;
  end: number;
  /** words of the transaction that follow it */
  left: number;
}

const LAMPORTS_CELL = 8;
const HEADER_CELLS = 10;

/** The words of uses to which a run stored where a right says of which use, and from which cell on. */
export function wordsStored(run: Run): SavedWord[] {
  const words = new Map<number, Set<number>>();
  for (const { fields } of run.rows.rows.words) {
    const right = run.segments[Number(fields.segment)]!.right as { undone?: number; from?: number };
    if (right.undone === undefined || fields.stores !== true) continue;
    const cells = words.get(right.undone) ?? new Set();
    words.set(right.undone, cells.add(right.from! + Number(fields.offset)));
  }
  return [...words]
    .sort(([a], [b]) => a - b)
    .flatMap(([usage, cells]) => [...cells].sort((a, b) => a - b).map((cell) => ({ usage, cell })));
}

/** Of words in the order of their uses. */
export function savedPlaces(rows: readonly TransactionRow[], saved: readonly SavedWord[]): SavedPlace[] {
  const useRows = rows.flatMap(({ uses }, row) => uses.map(() => row));
  const transactionOf = ({ usage }: SavedWord) => rows[useRows[usage]!]!.transaction;
  return saved.map((word, i) => {
    const transaction = transactionOf(word);
    const fee = rows.findIndex((row) => row.transaction === transaction);
    const last = rows.findLastIndex((row) => row.transaction === transaction);
    const left = saved.slice(i + 1).filter((other) => transactionOf(other) === transaction).length;
    return { first: fee + 1, end: last + 1, left };
  });
}

/** Where the kernel loads a word from, and where it stores it to. */
export function savedRegions(
  word: number,
  { left }: SavedPlace,
  cell: number,
): { save: Region; restore: Region } {
  const region = { start: SAVED + BigInt(8 * left), length: 8, cell };
  return {
    save: { ...region, writable: false, right: { saved: word, part: 1 } },
    restore: { ...region, writable: true, right: { saved: word, part: 2 } },
  };
}

/** What the kernel does in front of each row, besides looking at balances. */
export function savedFronts(
  rows: readonly TransactionRow[],
  places: readonly SavedPlace[],
): (Front | undefined)[] {
  const fronts: (Front | undefined)[] = rows.map(() => undefined);
  for (const { first, end, left } of places) {
    fronts[first] ??= { routine: ROUTINE.save, words: left + 1 };
    fronts[end] ??= { routine: ROUTINE.restore, words: left + 1 };
  }
  return fronts;
}

/** A row that stands for the next one of a run that ends with a transaction, whose words it puts back. */
export const NEXT_ROW: TransactionRow = {
  kind: KIND.NONE,
  program: 0,
  uses: [],
  data: new Uint8Array(),
  amount: 0n,
  limit: 0,
  fails: false,
  transaction: undefined,
};

export function savedInput(saved?: SavedWord) {
  const lamports = saved?.cell === LAMPORTS_CELL;
  return {
    used: saved !== undefined,
    usage: String(saved?.usage ?? 0),
    lamports,
    word: String(saved === undefined || lamports ? 0 : saved.cell - HEADER_CELLS),
  };
}
