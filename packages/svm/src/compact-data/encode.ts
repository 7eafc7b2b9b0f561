import type { Message } from '../message.js';
import {
  type CompactTables,
  HEADER_BYTES,
  LAST_OF_BLOCK,
  SHORT_NUMBERS,
  SIGNER,
  VALUE_BYTES,
  VERSION_0,
} from './tables.js';
import { tabulate } from './tabulate.js';

/**
 * The bytes of a batch that go to the base chain.
 * @param blocks - message bytes of each block's transactions; blocks without any leave no trace
 * @throws {CompactDataError} `NOT_COMPACT`, see {@link tabulate}
 */
export function encodeCompactData(blocks: readonly (readonly Uint8Array[])[]): Uint8Array {
  return writeTables(tabulate(blocks));
}

export function writeTables(tables: CompactTables): Uint8Array {
  const { values, transactions, references, instructions, accounts, data } = tables;
  const parts = [Uint8Array.of(...u16(values.length), ...u16(transactions.length)), ...values];
  for (const transaction of transactions)
    parts.push(
      Uint8Array.of(
        (transaction.lastOfBlock ? LAST_OF_BLOCK : 0) +
          (transaction.version === 0 ? VERSION_0 : 0) +
          transaction.keys,
        SIGNER * (transaction.signers - 1) + transaction.readonlySigners,
        transaction.readonlyOthers,
        ...numberBytes(transaction.instructions),
      ),
    );
  for (const reference of references) parts.push(Uint8Array.from(numberBytes(reference)));
  for (const instruction of instructions)
    parts.push(
      Uint8Array.of(
        instruction.program,
        ...numberBytes(instruction.accounts),
        ...numberBytes(instruction.dataLength),
      ),
    );
  return new Uint8Array(Buffer.concat([...parts, accounts, data]));
}

/** Bytes of compact batch data by what they are for. */
export function compactSize(tables: CompactTables): { values: number; rest: number } {
  const values = VALUE_BYTES * tables.values.length;
  return { values, rest: writeTables(tables).length - HEADER_BYTES - values };
}

/** Bytes that a message takes besides the values that it names, where there are few enough for short numbers. */
export function compactBytes({ accountKeys, instructions }: Message): number {
  const fixed = 3 + numberBytes(instructions.length).length + accountKeys.length + 1;
  return instructions.reduce(
    (sum, { accountIndexes: { length }, data }) =>
      sum + 1 + numberBytes(length).length + numberBytes(data.length).length + length + data.length,
    fixed,
  );
}

function numberBytes(value: number): number[] {
  const rest = value - SHORT_NUMBERS;
  return rest < 0 ? [value] : [SHORT_NUMBERS + (rest >> 8), rest & 0xff];
}

function u16(value: number): [number, number] {
  return [value >> 8, value & 0xff];
}
