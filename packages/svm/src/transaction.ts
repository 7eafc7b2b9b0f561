import { concatBytes } from '@polyproof/base';
import { TransactionDecodeError } from './errors.js';
import { decodeOwnedMessage, type Message } from './message.js';
import { encodeCompactU16, WireReader } from './wire-reader.js';

export interface Transaction {
  /** 64 bytes each, in the order of the signers; the first one identifies the transaction */
  signatures: Uint8Array[];
  /** what the signatures sign */
  messageBytes: Uint8Array;
  message: Message;
  /** the whole wire transaction */
  bytes: Uint8Array;
}

/** Longest wire transaction of Solana: the payload of one IPv6 packet. */
export const MAX_TRANSACTION_BYTES = 1232;

/**
 * Decodes a wire transaction. Only the canonical encoding passes, because the execution engine may die of others;
 * signatures are not verified.
 * @throws {TransactionDecodeError} saying what is wrong
 */
export function decodeTransaction(bytes: Uint8Array): Transaction {
  if (bytes.length > MAX_TRANSACTION_BYTES)
    throw new TransactionDecodeError(`${bytes.length} bytes, at most ${MAX_TRANSACTION_BYTES} are possible`);
  // Everything below is a view of this copy: the input may change, and to copy its parts costs more than to decode them.
  const owned = new Uint8Array(bytes);
  const reader = new WireReader(owned);
  const signatures = reader.list('the signatures', () => reader.bytes(64, 'the signatures'));
  const messageBytes = reader.rest();
  const message = decodeOwnedMessage(messageBytes);
  const { numRequiredSignatures } = message.header;
  if (signatures.length !== numRequiredSignatures)
    throw new TransactionDecodeError(
      `${signatures.length} signatures, the message needs ${numRequiredSignatures}`,
    );
  return { signatures, messageBytes, message, bytes: owned };
}

/** A wire transaction out of its parts. */
export function encodeTransaction(signatures: readonly Uint8Array[], messageBytes: Uint8Array): Uint8Array {
  return concatBytes(encodeCompactU16(signatures.length), ...signatures, messageBytes);
}
