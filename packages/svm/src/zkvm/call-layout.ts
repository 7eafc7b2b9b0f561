import { concat, fill } from './fill.js';
import {
  CALL_ACCOUNT_STRIDE,
  CALL_ACCOUNTS,
  CALL_COUNT,
  CALL_DATA,
  CALL_PROGRAM,
  CALL_SIGNER,
  CALL_SIGNERS,
  NUMBER,
  RECORD,
} from './invoke.js';
import type { Region } from './memory.js';
import { firstPart } from './transaction-calls.js';
import type { ProgramData, RightOfRow, StackWindow, TransactionCapacity } from './transaction-layout.js';
import { type AccountUse, KIND, ofProgram, type TransactionRow } from './transaction-rows.js';
import type { Versions } from './transaction-versions.js';
import { words } from './words.js';

/** Rights of calls: circuits/lib/src/sbpf/calls.nr. */
export type CallRight =
  | { call: number; part: 0 | 1 | 2 | 3 | 4 | 5 | 6 }
  | { passed: number; part: 0 | 1 }
  /** of a description, and to a rent epoch: the use */
  | { info: number }
  | { epoch: number }
  /** to a program's own address: its place among those */
  | { own: number }
  /** one of the first part, for this row */
  | { shared: RightOfRow | { window: number }; row: number };

interface Calls {
  rows: readonly TransactionRow[];
  /** first use of each row */
  firstUses: readonly number[];
  /** of the records of uses */
  addresses: readonly bigint[];
}

/** Kinds of rights that are private to an execution, or the same for all its parts. */
const PRIVATE_KINDS = [0, 1, 2, 5, 6, 7];
export const WORDS_OF_CALL = 3;
export const WORDS_OF_PASSED = 3;
const ADDRESS_BYTES = 32;
const FLAGS_BYTES = 8n;
const LENGTH_CELL = 9;
/** among the areas of windows */
export const RETURNED_AREA = 1;

export function firstUsesOf(rows: readonly TransactionRow[]): number[] {
  let next = 0;
  return rows.map(({ uses }) => {
    next += uses.length;
    return next - uses.length;
  });
}

/** Rows whose programs may load their own address. */
export const ownRows = (rows: readonly TransactionRow[]): number[] =>
  rows.flatMap((row, index) => (ofProgram(row) ? [index] : []));

/** Rows of calls, in their order. */
export const callRows = (rows: readonly TransactionRow[]): number[] =>
  rows.flatMap(({ called }, row) => (called === true ? [row] : []));

/** Words that describe calls, also those that there is room for: `Calls::words`. */
export function callWords(
  options: Calls & {
    versions: Versions;
    capacity: TransactionCapacity;
    own: readonly number[];
    programs: readonly ProgramData[];
  },
): bigint[] {
  const { rows, firstUses, addresses, versions, capacity, own, programs } = options;
  const calls = callRows(rows);
  const wordsOf = ({ signer, writable }: AccountUse, usage: number, from: number, info: number) => {
    const record = versions.uses[usage]!.executable ? 0n : addresses[from]! + FLAGS_BYTES;
    return [(signer ? 1n : 0n) + (writable ? 0x100n : 0n), record, BigInt(info)];
  };
  const passed = calls.flatMap((row) =>
    rows[row]!.uses.map((use, position) => {
      const { from, info } = rows[row]!.call!.passed[position]!;
      return wordsOf(use, firstUses[row]! + position, firstUses[row - 1]! + from, info);
    }),
  );
  const numbers = calls.map((row) => [
    BigInt(row),
    BigInt(row + 2),
    rows[row]!.call!.signer === undefined ? 0n : 1n,
  ]);
  // Where nothing is passed, the circuit computes these words of the first use.
  const nothing = capacity.passed === 0 ? [] : wordsOf(rows.flatMap(({ uses }) => uses)[0]!, 0, 0, 0);
  return concat(
    ...fill('calls', numbers, capacity.calls, [0n, 2n, 0n]),
    ...fill('accounts of calls', passed, capacity.passed, nothing),
    ...fill(
      'parts that load their own address',
      own.map((row) => words(programs[rows[row]!.program - 1]!.address)),
      capacity.own,
      [0n, 0n, 0n, 0n],
    ),
  );
}

/** Adds the regions of calls to those of their callers, and those of first parts to the later ones. */
export function addCallRegions(
  regions: Region[][],
  options: Calls & {
    cellsOfUses: readonly number[];
    /** of each row's data */
    dataCells: readonly number[];
    base: { counts: number; calls: number };
    windows: readonly StackWindow[];
    own: readonly number[];
    dataAddresses: readonly bigint[];
    capacity: TransactionCapacity;
  },
): void {
  const { rows, firstUses, addresses, cellsOfUses, dataCells, base, windows, capacity } = options;
  const passedBase = base.calls + WORDS_OF_CALL * capacity.calls;
  let passed = 0;
  callRows(rows).forEach((row, call) => {
    const { uses, data, call: asked } = rows[row]!;
    const caller = firstUses[row - 1]!;
    const numbers = base.calls + WORDS_OF_CALL * call;
    const program = cellsOfUses[caller + asked!.program]!;
    const add = (
      part: 0 | 1 | 2 | 3 | 4 | 5 | 6,
      start: bigint,
      length: number,
      cell: number,
      to = row - 1,
    ) => regions[to]!.push({ start, length, cell, writable: false, right: { call, part } });
    add(0, NUMBER, 8, numbers);
    add(1, NUMBER, 8, numbers + 1, row + 1);
    add(2, CALL_COUNT, 8, base.counts + row);
    add(3, CALL_PROGRAM, ADDRESS_BYTES, program);
    add(4, CALL_DATA, 8 + data.length, dataCells[row]!);
    add(5, CALL_SIGNERS, 8, numbers + 2);
    if (asked!.signer !== undefined) add(6, CALL_SIGNER, ADDRESS_BYTES, cellsOfUses[caller + asked!.signer]!);
    uses.forEach((_, position) => {
      const start = CALL_ACCOUNTS + CALL_ACCOUNT_STRIDE * BigInt(position);
      const address = cellsOfUses[firstUses[row]! + position]!;
      const words = passedBase + WORDS_OF_PASSED * passed;
      const ofPassed = (part: 0 | 1, from: bigint, length: number, cell: number) =>
        regions[row - 1]!.push({ start: from, length, cell, writable: false, right: { passed, part } });
      ofPassed(0, start, ADDRESS_BYTES, address);
      ofPassed(1, start + BigInt(ADDRESS_BYTES), 8 * WORDS_OF_PASSED, words);
      passed++;
    });
    for (const part of [row - 1, row + 1])
      for (const position of new Set(asked!.infos)) {
        const usage = firstUses[part]! + position;
        const start = RECORD + addresses[usage]! + FLAGS_BYTES;
        const cell = cellsOfUses[usage]! + LENGTH_CELL;
        regions[part]!.push({ start, length: 8, cell, writable: false, right: { info: usage } });
      }
  });
  options.own.forEach((row, own) => {
    const first = firstPart(rows, row);
    const start = options.dataAddresses[first]! + BigInt(rows[first]!.data.length);
    const cell = passedBase + WORDS_OF_PASSED * capacity.passed + 4 * own;
    regions[row]!.push({ start, length: ADDRESS_BYTES, cell, writable: false, right: { own } });
  });
  rows.forEach(({ kind }, row) => {
    if (kind !== KIND.RESUMED) return;
    const first = firstPart(rows, row);
    // What is returned is that of the program that was called last.
    const returned = ({ right }: Region) =>
      windows[(right as { window?: number }).window!]?.area === RETURNED_AREA;
    const all = [...regions[first]!.filter((of) => !returned(of)), ...regions[row - 1]!.filter(returned)];
    for (const region of all) {
      const right = region.right as { kind?: number; window?: number };
      if (right.window === undefined && !PRIVATE_KINDS.includes(right.kind ?? -1)) continue;
      regions[row]!.push({ ...region, right: { shared: right, row } as CallRight });
    }
  });
}
