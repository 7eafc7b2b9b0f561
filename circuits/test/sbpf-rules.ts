import { fieldToHex } from '@polyproof/base';
import { accountValue } from '@polyproof/state';
import { accounts } from './sbpf-transactions.js';

export type Column = Record<string, string | boolean>;
/** of a change */
type Halves = { usage: string; lamports: string[]; space: string[]; owner: string[] };

/** Inputs of the test circuit of transactions, whose columns tests change. */
export interface TransactionInputs {
  table: Column[];
  uses: Column[];
  use_rows: string[];
  use_versions: string[];
  ends: string[];
  data: string[];
  old_values: string[];
  outcomes: Record<string, string>[];
  rights: { kinds: boolean[]; row: string; usage: string }[];
  saved: { used: boolean; usage: string }[];
  transfers: { used: boolean; row: string }[];
  changes: (Record<string, unknown> & Halves)[];
  shapes: { executable: boolean }[];
}

/** The account, before the batch, as a program. */
export const executable =
  (place: number) =>
  ({ shapes, old_values: values }: TransactionInputs): void => {
    shapes[place]!.executable = true;
    values[place] = fieldToHex(accountValue({ ...accounts()[place]!.account!, executable: true }));
  };
