import { TransactionDecodeError } from '../errors.js';
import { decodeMessage, type Message } from '../message.js';
import { notCompact } from './errors.js';
import { type CompactTables, MAX_KEYS, MAX_NUMBER, MAX_SIGNERS, MAX_TRANSACTIONS } from './tables.js';

/**
 * Tables of the messages of each block's transactions; blocks without any leave no trace.
 * @throws {CompactDataError} `NOT_COMPACT` for a message that is not canonical, uses lookup tables, or is larger than a
 * packet could carry, and for too many messages
 */
export function tabulate(blocks: readonly (readonly Uint8Array[])[]): CompactTables {
  const tables: CompactTables = {
    values: [],
    transactions: [],
    references: [],
    instructions: [],
    accounts: new Uint8Array(),
    data: new Uint8Array(),
  };
  const indexes = new Map<string, number>();
  const refer = (value: Uint8Array, transaction: number) => {
    const name = Buffer.from(value).toString('latin1');
    const index = indexes.get(name) ?? tables.values.push(value) - 1;
    if (index > MAX_NUMBER) throw notCompact(`${index} values are before its own`, transaction);
    indexes.set(name, index);
    tables.references.push(index);
  };
  const accounts: Uint8Array[] = [];
  const data: Uint8Array[] = [];
  for (const messages of blocks) {
    messages.forEach((bytes, position) => {
      const number = tables.transactions.length;
      const message = holdable(bytes, number);
      const { header, accountKeys, instructions } = message;
      tables.transactions.push({
        lastOfBlock: position === messages.length - 1,
        version: message.version,
        keys: accountKeys.length,
        signers: header.numRequiredSignatures,
        readonlySigners: header.numReadonlySignedAccounts,
        readonlyOthers: header.numReadonlyUnsignedAccounts,
        instructions: instructions.length,
      });
      for (const value of [...accountKeys, message.recentBlockhash]) refer(value, number);
      for (const instruction of instructions) {
        tables.instructions.push({
          program: instruction.programIdIndex,
          accounts: instruction.accountIndexes.length,
          dataLength: instruction.data.length,
        });
        accounts.push(instruction.accountIndexes);
        data.push(instruction.data);
      }
    });
  }
  tables.accounts = new Uint8Array(Buffer.concat(accounts));
  tables.data = new Uint8Array(Buffer.concat(data));
  return tables;
}

function holdable(bytes: Uint8Array, transaction: number): Message {
  if (transaction >= MAX_TRANSACTIONS) throw notCompact('there are too many', transaction);
  const message = canonical(bytes, transaction);
  const { header, accountKeys, instructions, addressTableLookups } = message;
  if (addressTableLookups.length > 0) throw notCompact('it uses address lookup tables', transaction);
  for (const [count, limit, what] of [
    [accountKeys.length, MAX_KEYS, 'account keys'],
    [header.numRequiredSignatures, MAX_SIGNERS, 'signers'],
    [instructions.length, MAX_NUMBER, 'instructions'],
    [longest(instructions.map(({ accountIndexes }) => accountIndexes)), MAX_NUMBER, 'accounts'],
    [longest(instructions.map(({ data }) => data)), MAX_NUMBER, 'bytes of instruction data'],
  ] as const)
    if (count > limit) throw notCompact(`it has ${count} ${what}, at most ${limit} fit`, transaction);
  return message;
}

function canonical(bytes: Uint8Array, transaction: number): Message {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (error instanceof TransactionDecodeError) throw notCompact(error.message, transaction);
    throw error;
  }
}

function longest(lists: readonly Uint8Array[]): number {
  return lists.reduce((most, { length }) => Math.max(most, length), 0);
}
