import { equalBytes } from '@polyproof/base';
import { encodeBase58 } from './base58.js';
import { TransactionDecodeError } from './errors.js';
import { compactU16Length, WireReader, writeCompactU16 } from './wire-reader.js';

/** A transaction message, as its signers sign it. */
export interface Message {
  version: 'legacy' | 0;
  header: MessageHeader;
  /** 32 bytes each: writable signers (the fee payer first), read-only signers, writable others, read-only others */
  accountKeys: Uint8Array[];
  /** 32 bytes */
  recentBlockhash: Uint8Array;
  instructions: CompiledInstruction[];
  /** empty in a legacy message */
  addressTableLookups: AddressTableLookup[];
}

export interface MessageHeader {
  numRequiredSignatures: number;
  numReadonlySignedAccounts: number;
  numReadonlyUnsignedAccounts: number;
}

/** Indexes point into `accountKeys`, and behind them into the addresses of the lookup tables. */
export interface CompiledInstruction {
  programIdIndex: number;
  accountIndexes: Uint8Array;
  data: Uint8Array;
}

export interface AddressTableLookup {
  accountKey: Uint8Array;
  writableIndexes: Uint8Array;
  readonlyIndexes: Uint8Array;
}

/** The first bit of a message tells versions (set) from the legacy format. */
const VERSION_BIT = 0x80;
/** accounts that one-byte indexes can name */
const MAX_ACCOUNTS = 256;

/**
 * Decodes a legacy or version 0 message and checks what every runtime would refuse: counts, indexes, duplicate
 * keys. Only the canonical encoding passes.
 * @throws {TransactionDecodeError} saying what is wrong
 */
export function decodeMessage(bytes: Uint8Array): Message {
  return decodeOwnedMessage(new Uint8Array(bytes));
}

/** {@link decodeMessage} for bytes that nobody changes any more: parts of the message are views of them. */
export function decodeOwnedMessage(bytes: Uint8Array): Message {
  const reader = new WireReader(bytes);
  let first = reader.u8('the message header');
  const versioned = first >= VERSION_BIT;
  if (versioned) {
    const version = first - VERSION_BIT;
    if (version !== 0)
      throw new TransactionDecodeError(`message version ${version} is not supported`, { version });
    first = reader.u8('the message header');
  }
  const message: Message = {
    version: versioned ? 0 : 'legacy',
    header: {
      numRequiredSignatures: first,
      numReadonlySignedAccounts: reader.u8('the message header'),
      numReadonlyUnsignedAccounts: reader.u8('the message header'),
    },
    accountKeys: reader.list('the account keys', () => reader.bytes(32, 'the account keys')),
    recentBlockhash: reader.bytes(32, 'the recent blockhash'),
    instructions: reader.list('the instructions', () => ({
      programIdIndex: reader.u8('an instruction'),
      accountIndexes: reader.byteList('the accounts of an instruction'),
      data: reader.byteList('the data of an instruction'),
    })),
    addressTableLookups: versioned
      ? reader.list('the address table lookups', () => ({
          accountKey: reader.bytes(32, 'an address table lookup'),
          writableIndexes: reader.byteList('an address table lookup'),
          readonlyIndexes: reader.byteList('an address table lookup'),
        }))
      : [],
  };
  reader.end();
  checkMessage(message);
  // By now this holds: it stays as a guard, because the engine must never see bytes read in two ways.
  if (!equalBytes(encodeMessage(message), bytes))
    throw new TransactionDecodeError('the message is not in its canonical encoding');
  return message;
}

/** The inverse of {@link decodeMessage}. */
export function encodeMessage(message: Message): Uint8Array {
  const { version, header, accountKeys, recentBlockhash, instructions, addressTableLookups } = message;
  const out = new Uint8Array(messageLength(message));
  let at = 0;
  const put = (bytes: Uint8Array) => {
    out.set(bytes, at);
    at += bytes.length;
  };
  const putLength = (length: number) => {
    at = writeCompactU16(out, at, length);
  };
  const putList = (bytes: Uint8Array) => {
    putLength(bytes.length);
    put(bytes);
  };
  if (version !== 'legacy') out[at++] = VERSION_BIT + version;
  out[at++] = header.numRequiredSignatures;
  out[at++] = header.numReadonlySignedAccounts;
  out[at++] = header.numReadonlyUnsignedAccounts;
  putLength(accountKeys.length);
  for (const key of accountKeys) put(key);
  put(recentBlockhash);
  putLength(instructions.length);
  for (const { programIdIndex, accountIndexes, data } of instructions) {
    out[at++] = programIdIndex;
    putList(accountIndexes);
    putList(data);
  }
  if (version === 'legacy') return out;
  putLength(addressTableLookups.length);
  for (const { accountKey, writableIndexes, readonlyIndexes } of addressTableLookups) {
    put(accountKey);
    putList(writableIndexes);
    putList(readonlyIndexes);
  }
  return out;
}

/** Bytes of a message in its canonical encoding. */
export function messageLength(message: Message): number {
  const { version, accountKeys, recentBlockhash, instructions, addressTableLookups } = message;
  let length = 3 + compactU16Length(accountKeys.length) + recentBlockhash.length;
  for (const key of accountKeys) length += key.length;
  length += compactU16Length(instructions.length);
  for (const { accountIndexes, data } of instructions)
    length += 1 + listLength(accountIndexes) + listLength(data);
  if (version === 'legacy') return length;
  length += 1 + compactU16Length(addressTableLookups.length);
  for (const { accountKey, writableIndexes, readonlyIndexes } of addressTableLookups)
    length += accountKey.length + listLength(writableIndexes) + listLength(readonlyIndexes);
  return length;
}

function listLength({ length }: Uint8Array): number {
  return compactU16Length(length) + length;
}

export function isSigner({ header }: Message, index: number): boolean {
  return index < header.numRequiredSignatures;
}

/** Whether the message asks to write the account; the runtime may refuse that for reserved ones. */
export function isWritable({ header, accountKeys }: Message, index: number): boolean {
  return index < header.numRequiredSignatures
    ? index < header.numRequiredSignatures - header.numReadonlySignedAccounts
    : index < accountKeys.length - header.numReadonlyUnsignedAccounts;
}

function checkMessage({ header, accountKeys, instructions, addressTableLookups }: Message): void {
  const { numRequiredSignatures, numReadonlySignedAccounts, numReadonlyUnsignedAccounts } = header;
  const wrong = (what: string) => new TransactionDecodeError(what, { ...header, keys: accountKeys.length });
  if (numRequiredSignatures === 0) throw wrong('the message needs no signature, and so has no fee payer');
  if (numRequiredSignatures + numReadonlyUnsignedAccounts > accountKeys.length)
    throw wrong(
      `the header counts ${numRequiredSignatures} signers and ${numReadonlyUnsignedAccounts} read-only others among ${accountKeys.length} keys`,
    );
  if (numReadonlySignedAccounts >= numRequiredSignatures)
    throw wrong('the fee payer is not a writable signer');

  const repeated = findRepeated(accountKeys);
  if (repeated !== undefined) throw wrong(`the account key ${encodeBase58(repeated)} occurs twice`);

  let accounts = accountKeys.length;
  for (const { writableIndexes, readonlyIndexes } of addressTableLookups) {
    if (writableIndexes.length + readonlyIndexes.length === 0) throw wrong('a lookup table is not used');
    accounts += writableIndexes.length + readonlyIndexes.length;
  }
  if (accounts > MAX_ACCOUNTS) throw wrong(`${accounts} accounts, at most ${MAX_ACCOUNTS} can be named`);
  for (const { programIdIndex, accountIndexes } of instructions) {
    if (programIdIndex === 0) throw wrong('the fee payer is called as a program');
    if (programIdIndex >= accountKeys.length)
      throw wrong(`program index ${programIdIndex} with ${accountKeys.length} keys`);
    for (const index of accountIndexes)
      if (index >= accounts) throw wrong(`account index ${index} with ${accounts} accounts`);
  }
}

/** Keys are few, and most differ in their first bytes: to compare all pairs is faster than to hash. */
function findRepeated(keys: readonly Uint8Array[]): Uint8Array | undefined {
  const starts = keys.map((key) => key[0]! | (key[1]! << 8) | (key[2]! << 16) | (key[3]! << 24));
  for (let i = 1; i < keys.length; i++)
    for (let j = 0; j < i; j++) if (starts[i] === starts[j] && equalBytes(keys[i]!, keys[j]!)) return keys[i];
  return undefined;
}
