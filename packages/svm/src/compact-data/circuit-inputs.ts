import { CompactDataError } from './errors.js';
import type { CompactTables } from './tables.js';

/** Rows that a circuit has for each table. */
export interface CompactCapacity {
  values: number;
  transactions: number;
  references: number;
  instructions: number;
  accounts: number;
  words: number;
}

/** `Links` in circuits/lib/src/compact/mod.nr. */
export interface CompactLinks {
  value_order: string[];
  reference_order: string[];
  transaction_of_reference: string[];
  transaction_of_instruction: string[];
  instruction_of_account: string[];
  instruction_of_word: string[];
}

const WORD_BYTES = 8;

/** Rows that the tables take in a circuit. */
export function compactRows(tables: CompactTables): CompactCapacity {
  return {
    values: tables.values.length,
    transactions: tables.transactions.length,
    references: tables.references.length,
    instructions: tables.instructions.length,
    accounts: tables.accounts.length,
    words: wordCounts(tables).reduce((sum, count) => sum + count, 0),
  };
}

/**
 * What the circuit is told of the tables besides their bytes.
 * @throws {CompactDataError} `CIRCUIT_FULL` when it has not enough rows for them
 */
export function compactLinks(tables: CompactTables, capacity: CompactCapacity): CompactLinks {
  for (const [table, rows] of Object.entries(compactRows(tables)) as [keyof CompactCapacity, number][])
    if (rows > capacity[table])
      throw new CompactDataError(
        'CIRCUIT_FULL',
        `the batch does not fit in the circuit: ${rows} ${table}, at most ${capacity[table]} are possible.`,
        { table, rows },
      );
  const { transactions, instructions, values } = tables;
  const strings = (numbers: readonly number[]) => numbers.map(String);
  const owners = (counts: readonly number[], rows: number, none: number) => {
    const owned = counts.flatMap((count, owner) => Array.from({ length: count }, () => owner));
    return strings([...owned, ...Array.from({ length: rows - owned.length }, () => none)]);
  };
  const inOrder = (used: readonly number[], rows: number) =>
    strings([...used, ...Array.from({ length: rows - used.length }, (_, i) => used.length + i)]);
  return {
    value_order: inOrder(ascendingValues(values), capacity.values),
    reference_order: inOrder(ascendingReferences(tables), capacity.references),
    transaction_of_reference: owners(
      transactions.map(({ keys }) => keys + 1),
      capacity.references,
      capacity.transactions,
    ),
    transaction_of_instruction: owners(
      transactions.map((transaction) => transaction.instructions),
      capacity.instructions,
      capacity.transactions,
    ),
    instruction_of_account: owners(
      instructions.map(({ accounts }) => accounts),
      capacity.accounts,
      capacity.instructions,
    ),
    instruction_of_word: owners(wordCounts(tables), capacity.words, capacity.instructions),
  };
}

/** Words of each instruction: its length, then its data. */
function wordCounts({ instructions }: CompactTables): number[] {
  return instructions.map(({ dataLength }) => 1 + Math.ceil(dataLength / WORD_BYTES));
}

/** Indexes of the values, ascending as little-endian numbers: so their upper halves decide first. */
function ascendingValues(values: readonly Uint8Array[]): number[] {
  const reversed = values.map((value) => Uint8Array.from(value).reverse());
  return values.map((_, i) => i).sort((a, b) => Buffer.compare(reversed[a]!, reversed[b]!));
}

/** Rows of the references: of each transaction its keys ascending, then its blockhash. */
function ascendingReferences({ transactions, references }: CompactTables): number[] {
  let row = 0;
  return transactions.flatMap(({ keys }) => {
    const first = row;
    row += keys + 1;
    const own = Array.from({ length: keys }, (_, i) => first + i);
    return [...own.sort((a, b) => references[a]! - references[b]!), row - 1];
  });
}
