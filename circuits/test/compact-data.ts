import { fieldToHex } from '@polyproof/base';
import { CIRCUIT_LIMITS, chainDataHash, encodeCompactData } from '@polyproof/svm';
import { type CompactCapacity, compactLinks } from '../../packages/svm/src/compact-data/circuit-inputs.js';
import { writeTables } from '../../packages/svm/src/compact-data/encode.js';
import { readTables } from '../../packages/svm/src/compact-data/read-tables.js';
import type { CompactTables } from '../../packages/svm/src/compact-data/tables.js';
import { paddedData } from '../../packages/svm/src/padded-data.js';
import { sizeOf } from './sbpf-circuit.js';

export const CIRCUIT = 'compact_data';
const PREVIOUS = 0x1234n;

const size = (what: keyof CompactCapacity) => sizeOf(CIRCUIT, what.toUpperCase());
export const ROWS: CompactCapacity = {
  values: size('values'),
  transactions: size('transactions'),
  references: size('references'),
  instructions: size('instructions'),
  accounts: size('accounts'),
  words: size('words'),
};

/** Inputs of the test circuit, with the tables that it should find. */
export function compactInputs(blocks: readonly (readonly Uint8Array[])[]) {
  return inputsOf(readTables(encodeCompactData(blocks)));
}

/** Inputs for any tables: also for such as no canonical data have. */
export function inputsOf(tables: CompactTables, capacity = ROWS) {
  const bytes = writeTables(tables);
  return {
    data: paddedData(bytes, CIRCUIT_LIMITS.dataBytes),
    links: compactLinks(tables, capacity),
    expected: expectedOf(tables, bytes, capacity),
    ...hashesOf(bytes),
  };
}

export function hashesOf(bytes: Uint8Array) {
  return { previous_hash: fieldToHex(PREVIOUS), hash: fieldToHex(chainDataHash(PREVIOUS, bytes)) };
}

function expectedOf(tables: CompactTables, bytes: Uint8Array, rows: CompactCapacity) {
  const { transactions, instructions, references } = tables;
  const { stream } = paddedData(bytes, CIRCUIT_LIMITS.dataBytes);
  const firstReferences = starts(transactions.map(({ keys }) => keys + 1));
  const instructionStarts = starts(transactions.map((transaction) => transaction.instructions));
  const accountStarts = starts(instructions.map(({ accounts }) => accounts));
  const dataStarts = starts(instructions.map(({ dataLength }) => dataLength));
  const data = instructions.map(({ dataLength }, i) => [
    BigInt(dataLength),
    ...wordsOf(tables.data.subarray(dataStarts[i]!, dataStarts[i]! + dataLength)),
  ]);
  const keysOf = instructions.map((_, i) => {
    const transaction = transactions.findIndex((_, t) => instructionStarts[t + 1]! > i);
    return firstReferences[transaction]!;
  });
  const accounts = [...tables.accounts].map((place, row) => {
    const instruction = instructions.findIndex((_, i) => accountStarts[i + 1]! > row);
    return references[keysOf[instruction]! + place]!;
  });
  const column = (
    values: readonly (number | boolean | bigint)[],
    length: number,
    filler: number | bigint = 0,
  ) => Array.from({ length }, (_, i) => String(BigInt(values[i] ?? filler)));
  const ends = (firsts: readonly number[], length: number) => column(firsts.slice(1), length, firsts.at(-1)!);
  return {
    words: [0, 1, 2, 3].map((word) =>
      Array.from({ length: rows.values }, (_, i) => {
        const at = 4 + 32 * i + 8 * word;
        return String(wordsOf(Uint8Array.from(stream.slice(at, at + 8)))[0]);
      }),
    ),
    value_count: String(tables.values.length),
    used: column(
      transactions.map(() => 1),
      rows.transactions,
    ),
    last_of_block: column(
      transactions.map(({ lastOfBlock }) => lastOfBlock),
      rows.transactions,
    ),
    version: column(
      transactions.map(({ version }) => version === 0),
      rows.transactions,
    ),
    keys: column(
      transactions.map(({ keys }) => keys),
      rows.transactions,
    ),
    signers: column(
      transactions.map(({ signers }) => signers),
      rows.transactions,
    ),
    readonly_signers: column(
      transactions.map(({ readonlySigners }) => readonlySigners),
      rows.transactions,
    ),
    readonly_others: column(
      transactions.map(({ readonlyOthers }) => readonlyOthers),
      rows.transactions,
    ),
    reference_ends: ends(firstReferences, rows.transactions),
    instruction_ends: ends(instructionStarts, rows.transactions),
    references: column(references, rows.references),
    programs: column(
      instructions.map(({ program }, i) => references[keysOf[i]! + program] ?? 0),
      rows.instructions,
    ),
    lengths: column(
      instructions.map(({ dataLength }) => dataLength),
      rows.instructions,
    ),
    account_ends: ends(accountStarts, rows.instructions),
    word_ends: ends(starts(data.map(({ length }) => length)), rows.instructions),
    places: column([...tables.accounts], rows.accounts),
    accounts: column(accounts, rows.accounts),
    data: column(data.flat(), rows.words),
  };
}

/** Sums of the counts before each, and of all. */
function starts(counts: readonly number[]): number[] {
  const sums = [0];
  for (const count of counts) sums.push(sums.at(-1)! + count);
  return sums;
}

function wordsOf(bytes: Uint8Array): bigint[] {
  const padded = new Uint8Array(8 * Math.ceil(bytes.length / 8));
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  return Array.from({ length: padded.length / 8 }, (_, i) => view.getBigUint64(8 * i, true));
}
