import { encodeBase58 } from '../base58.js';
import { badData } from './errors.js';
import {
  type CompactInstruction,
  type CompactTables,
  type CompactTransaction,
  LAST_OF_BLOCK,
  MAX_KEYS,
  SHORT_NUMBERS,
  SIGNER,
  VALUE_BYTES,
  VERSION_0,
} from './tables.js';

/**
 * Takes compact batch data apart. Checks all that makes the bytes the only ones for their tables: values are
 * distinct, in order of first use, and used; and that all bytes are used. Whether the transactions are messages is left.
 * @throws {CompactDataError} `BAD_COMPACT_DATA`, saying what is wrong and where
 */
export function readTables(bytes: Uint8Array): CompactTables {
  const reader = new Reader(bytes);
  const valueCount = reader.u16('the number of values');
  const transactionCount = reader.u16('the number of transactions');
  const values = readValues(reader, valueCount);
  const transactions = times(transactionCount, () => readTransaction(reader));
  const references = readReferences(reader, transactions, valueCount);
  const instructions = times(
    transactions.reduce((sum, transaction) => sum + transaction.instructions, 0),
    (): CompactInstruction => ({
      program: reader.u8('an instruction'),
      accounts: reader.number('an instruction'),
      dataLength: reader.number('an instruction'),
    }),
  );
  const accounts = reader.bytes(
    instructions.reduce((sum, instruction) => sum + instruction.accounts, 0),
    'the accounts of instructions',
  );
  const data = reader.bytes(
    instructions.reduce((sum, { dataLength }) => sum + dataLength, 0),
    'the data of instructions',
  );
  if (reader.at < bytes.length) throw badData(`${bytes.length - reader.at} bytes are left over`, reader.at);
  return { values, transactions, references, instructions, accounts, data };
}

function readValues(reader: Reader, count: number): Uint8Array[] {
  const seen = new Set<string>();
  return times(count, () => {
    const { at } = reader;
    const value = reader.bytes(VALUE_BYTES, 'the values');
    seen.add(Buffer.from(value).toString('latin1'));
    if ((at - 4) / VALUE_BYTES === seen.size) throw badData(`${encodeBase58(value)} is there twice`, at);
    return value;
  });
}

function readTransaction(reader: Reader): CompactTransaction {
  const { at } = reader;
  const first = reader.u8('a transaction');
  const signers = reader.u8('a transaction');
  const keys = first & MAX_KEYS;
  if (keys === 0) throw badData('a transaction has no account key', at);
  return {
    lastOfBlock: (first & LAST_OF_BLOCK) !== 0,
    version: (first & VERSION_0) === 0 ? 'legacy' : 0,
    keys,
    signers: 1 + Math.floor(signers / SIGNER),
    readonlySigners: signers % SIGNER,
    readonlyOthers: reader.u8('a transaction'),
    instructions: reader.number('a transaction'),
  };
}

function readReferences(
  reader: Reader,
  transactions: readonly CompactTransaction[],
  values: number,
): number[] {
  let used = 0;
  const count = transactions.reduce((sum, { keys }) => sum + keys + 1, 0);
  const references = times(count, () => {
    const { at } = reader;
    const index = reader.number('the keys of transactions');
    if (index >= values) throw badData(`value ${index} of ${values} is named`, at);
    if (index > used) throw badData(`value ${index} is named before value ${used}`, at);
    if (index === used) used++;
    return index;
  });
  if (used < values) throw badData(`value ${used} is not used`, reader.at);
  return references;
}

function times<T>(count: number, item: () => T): T[] {
  // Not `Array.from({ length })`: a count is not to be believed before its items are there.
  const items: T[] = [];
  while (items.length < count) items.push(item());
  return items;
}

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  u8(what: string): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw badData(`they end in ${what}`, this.at);
    this.at++;
    return byte;
  }

  u16(what: string): number {
    return 0x100 * this.u8(what) + this.u8(what);
  }

  /** See {@link SHORT_NUMBERS}: there is one way to write a number. */
  number(what: string): number {
    const first = this.u8(what);
    return first < SHORT_NUMBERS ? first : SHORT_NUMBERS + 0x100 * (first - SHORT_NUMBERS) + this.u8(what);
  }

  bytes(length: number, what: string): Uint8Array {
    const end = this.at + length;
    if (end > this.#bytes.length) throw badData(`they end in ${what}`, this.#bytes.length);
    const bytes = Uint8Array.from(this.#bytes.subarray(this.at, end));
    this.at = end;
    return bytes;
  }
}
