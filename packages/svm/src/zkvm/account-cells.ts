import type { Account } from '@polyproof/state';
import { fill } from './fill.js';
import { words } from './words.js';

const CHUNK_BYTES = 24;
/** address, owner, lamports, length: see circuits/lib/src/sbpf/accounts.nr */
export const HEADER_CELLS = 10;
/** from the first cell of an account to its lamports */
export const LAMPORTS_CELL = 8;
const FIRST_ROW_WORDS = 3;
export const ROW_WORDS = 9;

/** `AccountShape` in circuits/lib/src/sbpf/accounts.nr. */
export interface AccountShape {
  rows: number;
  rowsBefore: number;
  rowsAfter: number;
  chunksBefore: number;
  chunksAfter: number;
  executable: boolean;
}

/** Accounts one behind the other in cells, with the rows that hash their data. */
export interface AccountCells {
  shapes: AccountShape[];
  /** first cell of each account */
  starts: number[];
  cells: bigint[];
  rows: { account: number; first: boolean }[];
}

/**
 * Lays accounts out as programs see them.
 * @param accounts - with the bytes of data that each has after the run, where those are others
 */
export function layAccounts(
  accounts: readonly { address: Uint8Array; account: Account; bytesAfter?: number }[],
): AccountCells {
  const laid: AccountCells = { shapes: [], starts: [], cells: [], rows: [] };
  accounts.forEach(({ address, account, bytesAfter = account.data.length }, index) => {
    const before = hashed(account.data.length);
    const after = hashed(bytesAfter);
    const rows = Math.max(before.rows, after.rows);
    laid.starts.push(laid.cells.length);
    laid.shapes.push({
      rows,
      rowsBefore: before.rows,
      rowsAfter: after.rows,
      chunksBefore: before.chunks,
      chunksAfter: after.chunks,
      executable: account.executable,
    });
    const dataWords = wordsOfRows(rows);
    laid.cells.push(
      ...words(address),
      ...words(account.owner),
      account.lamports,
      BigInt(account.data.length),
      ...words(account.data, dataWords),
    );
    for (let row = 0; row < rows; row++) laid.rows.push({ account: index, first: row === 0 });
  });
  return laid;
}

/**
 * Inputs of a circuit with room for so many accounts, cells and rows.
 * @throws {ZkvmError} `CIRCUIT_FULL`
 */
export function accountInputs(
  laid: AccountCells,
  capacity: { accounts: number; rows: number },
): { shapes: Record<string, unknown>[]; rows: Record<string, unknown>[] } {
  const none = { rows: 0, rowsBefore: 0, rowsAfter: 0, chunksBefore: 0, chunksAfter: 0, executable: false };
  return {
    shapes: fill('accounts', laid.shapes, capacity.accounts, none).map((shape) => ({
      rows: String(shape.rows),
      rows_before: String(shape.rowsBefore),
      rows_after: String(shape.rowsAfter),
      chunks_before: String(shape.chunksBefore),
      chunks_after: String(shape.chunksAfter),
      executable: shape.executable,
    })),
    rows: fill('rows that hash data', laid.rows, capacity.rows, { account: 0, first: false }).map(
      ({ account, first }) => ({
        account: String(account),
        first,
      }),
    ),
  };
}

/** Rows that hash so many bytes of data. */
export const hashRowsOf = (bytes: number): number => hashed(bytes).rows;

/** Words of data that so many rows hash. */
export function wordsOfRows(rows: number): number {
  return rows === 0 ? 0 : FIRST_ROW_WORDS + ROW_WORDS * (rows - 1);
}

/** Rows and chunks that hash so many bytes. */
function hashed(bytes: number): { rows: number; chunks: number } {
  const chunks = Math.ceil(bytes / CHUNK_BYTES);
  return { chunks, rows: chunks === 0 ? 0 : Math.ceil((chunks + 2) / 3) };
}
