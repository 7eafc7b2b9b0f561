import type { BatchEntry } from '../batch-data.js';
import { TransactionDecodeError } from '../errors.js';
import { decodeMessage, encodeMessage, type Message } from '../message.js';
import { CompactDataError } from './errors.js';
import { readTables } from './read-tables.js';
import type { CompactTables } from './tables.js';

/**
 * Every transaction of a batch in order: the inverse of {@link encodeCompactData}, and what it accepts, encodes to the
 * same bytes again.
 * @throws {CompactDataError} `BAD_COMPACT_DATA`, saying what is wrong and where
 */
export function decodeCompactData(bytes: Uint8Array): BatchEntry[] {
  return entriesOf(readTables(bytes));
}

/** @throws {CompactDataError} when a transaction is not a canonical message, or the last block does not end */
export function entriesOf(tables: CompactTables): BatchEntry[] {
  const { values, transactions, references, instructions, accounts, data } = tables;
  let reference = 0;
  let instruction = 0;
  let account = 0;
  let byte = 0;
  const entries = transactions.map((transaction, index): BatchEntry => {
    const named = references
      .slice(reference, reference + transaction.keys + 1)
      .map((value) => Uint8Array.from(values[value]!));
    reference += transaction.keys + 1;
    const own = instructions.slice(instruction, instruction + transaction.instructions);
    instruction += own.length;
    const messageBytes = encodeMessage({
      version: transaction.version,
      header: {
        numRequiredSignatures: transaction.signers,
        numReadonlySignedAccounts: transaction.readonlySigners,
        numReadonlyUnsignedAccounts: transaction.readonlyOthers,
      },
      accountKeys: named.slice(0, -1),
      recentBlockhash: named.at(-1)!,
      instructions: own.map(({ program, accounts: count, dataLength }) => {
        account += count;
        byte += dataLength;
        return {
          programIdIndex: program,
          accountIndexes: accounts.slice(account - count, account),
          data: data.slice(byte - dataLength, byte),
        };
      }),
      addressTableLookups: [],
    });
    return { messageBytes, message: messageOf(messageBytes, index), lastOfBlock: transaction.lastOfBlock };
  });
  if (entries.at(-1)?.lastOfBlock === false) {
    const message = 'the bytes are not compact batch data: the last block does not end.';
    throw new CompactDataError('BAD_COMPACT_DATA', message);
  }
  return entries;
}

function messageOf(bytes: Uint8Array, index: number): Message {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (!(error instanceof TransactionDecodeError)) throw error;
    const message = `the bytes are not compact batch data: transaction ${index} is no message (${error.message})`;
    throw new CompactDataError('BAD_COMPACT_DATA', message, { index });
  }
}
