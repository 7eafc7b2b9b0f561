import { type Field, fieldToBytes, sha256Field } from '@polyproof/base';
import { BatchDataError, TransactionDecodeError } from './errors.js';
import { decodeMessage, type Message } from './message.js';

/** One transaction of a batch, without its signatures. */
export interface BatchEntry {
  messageBytes: Uint8Array;
  message: Message;
  /** whether its block ends with it */
  lastOfBlock: boolean;
}

/** bytes in front of each message: bit 15 marks the last transaction of a block, bits 0 to 14 are the length */
export const ENTRY_HEADER_BYTES = 2;
const LAST_OF_BLOCK = 0x8000;
const MAX_MESSAGE_BYTES = 0x7fff;

/**
 * The bytes of a batch that go to the base chain.
 * @param blocks - message bytes of each block's transactions; blocks without any leave no trace
 * @throws {BatchDataError} when a message is empty or too long
 */
export function encodeBatchData(blocks: readonly (readonly Uint8Array[])[]): Uint8Array {
  let size = 0;
  for (const messages of blocks) {
    for (const { length } of messages) {
      if (length === 0 || length > MAX_MESSAGE_BYTES)
        throw new BatchDataError(`a message of ${length} bytes does not fit`);
      size += ENTRY_HEADER_BYTES + length;
    }
  }
  const data = new Uint8Array(size);
  let at = 0;
  for (const messages of blocks) {
    messages.forEach((message, i) => {
      const header = (i === messages.length - 1 ? LAST_OF_BLOCK : 0) | message.length;
      data[at] = header >> 8;
      data[at + 1] = header & 0xff;
      data.set(message, at + ENTRY_HEADER_BYTES);
      at += ENTRY_HEADER_BYTES + message.length;
    });
  }
  return data;
}

/**
 * Every transaction of a batch in order.
 * @throws {BatchDataError} when the bytes are not whole blocks of canonical messages, at least one
 */
export function decodeBatchData(bytes: Uint8Array): BatchEntry[] {
  const entries: BatchEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const header = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    const start = at + ENTRY_HEADER_BYTES;
    at = start + (header & MAX_MESSAGE_BYTES);
    if (at > bytes.length) throw new BatchDataError(`transaction ${entries.length} is cut off`);
    const messageBytes = Uint8Array.from(bytes.subarray(start, at));
    entries.push({
      messageBytes,
      message: messageOf(messageBytes, entries.length),
      lastOfBlock: header >= LAST_OF_BLOCK,
    });
  }
  if (entries.at(-1)?.lastOfBlock !== true)
    throw new BatchDataError(
      entries.length === 0 ? 'there is no transaction' : 'the last block does not end',
    );
  return entries;
}

/** Entries by block. */
export function blocksOf(entries: readonly BatchEntry[]): BatchEntry[][] {
  const blocks: BatchEntry[][] = [];
  let open: BatchEntry[] | undefined;
  for (const entry of entries) {
    if (open === undefined) {
      open = [];
      blocks.push(open);
    }
    open.push(entry);
    if (entry.lastOfBlock) open = undefined;
  }
  return blocks;
}

/** `sha256(previous as 32 bytes || data)` with its most significant byte cleared: the data hash after one more batch. */
export function chainDataHash(previous: Field, data: Uint8Array): Field {
  return sha256Field(fieldToBytes(previous), data);
}

function messageOf(bytes: Uint8Array, index: number): Message {
  try {
    return decodeMessage(bytes);
  } catch (error) {
    if (error instanceof TransactionDecodeError)
      throw new BatchDataError(`transaction ${index} does not decode (${error.message})`, { index });
    throw error;
  }
}
