import { concatBytes } from '@polyproof/base';
import { encodeBase58 } from './base58.js';
import type { BatchEntry } from './batch-data.js';
import { decodeCompactData } from './compact-data/decode.js';
import { encodeCompactData } from './compact-data/encode.js';
import { badData } from './compact-data/errors.js';
import { isExitAddress } from './exits.js';
import { reservedReason } from './reserved.js';

/** Lamports from the base chain for an account of the rollup, which need not exist. */
export interface Deposit {
  /** 32 bytes */
  recipient: Uint8Array;
  lamports: bigint;
}

/** in the batch data: the recipient, then the lamports, big-endian */
export const DEPOSIT_BYTES = 40;
/** of the number of deposits, at the end of the batch data */
export const DEPOSIT_COUNT_BYTES = 1;
const RECIPIENT_BYTES = 32;
const MAX_DEPOSITS = 0xff;

/** The data of a batch that is proved: the compact form of its messages, then its deposits, then their number in a byte. */
export function encodeProvedData(
  blocks: readonly (readonly Uint8Array[])[],
  deposits: readonly Deposit[],
): Uint8Array {
  if (deposits.length > MAX_DEPOSITS)
    throw new RangeError(`${deposits.length} deposits in a batch, at most ${MAX_DEPOSITS} can be written`);
  const bytes = encodeDeposits(deposits);
  return concatBytes(encodeCompactData(blocks), bytes, Uint8Array.of(deposits.length));
}

/**
 * The inverse of {@link encodeProvedData}.
 * @throws {CompactDataError} `BAD_COMPACT_DATA`
 */
export function decodeProvedData(data: Uint8Array): { entries: BatchEntry[]; deposits: Deposit[] } {
  const { messages, deposits } = splitProvedData(data);
  return { entries: decodeCompactData(messages), deposits };
}

/**
 * Takes the deposits off the end of the data.
 * @throws {CompactDataError} `BAD_COMPACT_DATA` where the bytes are fewer than it says
 */
export function splitProvedData(data: Uint8Array): { messages: Uint8Array; deposits: Deposit[] } {
  const count = data.at(-1) ?? 0;
  const end = data.length - DEPOSIT_COUNT_BYTES;
  const start = end - count * DEPOSIT_BYTES;
  if (start < 0) throw badData(`${count} deposits are said to be in ${data.length} bytes`, Math.max(end, 0));
  return { messages: data.subarray(0, start), deposits: decodeDeposits(data.subarray(start, end)) };
}

export function encodeDeposits(deposits: readonly Deposit[]): Uint8Array {
  const bytes = Buffer.alloc(deposits.length * DEPOSIT_BYTES);
  deposits.forEach(({ recipient, lamports }, i) => {
    bytes.set(recipient, i * DEPOSIT_BYTES);
    bytes.writeBigUInt64BE(lamports, i * DEPOSIT_BYTES + RECIPIENT_BYTES);
  });
  return bytes;
}

/** @param bytes - of whole deposits */
export function decodeDeposits(bytes: Uint8Array): Deposit[] {
  const view = Buffer.from(bytes);
  return Array.from({ length: bytes.length / DEPOSIT_BYTES }, (_, i) => ({
    recipient: Uint8Array.from(view.subarray(i * DEPOSIT_BYTES, i * DEPOSIT_BYTES + RECIPIENT_BYTES)),
    lamports: view.readBigUInt64BE(i * DEPOSIT_BYTES + RECIPIENT_BYTES),
  }));
}

/** Why no batch could be proved in which this account gets a deposit; undefined for ordinary accounts. */
export function depositRefusal(recipient: Uint8Array): string | undefined {
  const name = encodeBase58(recipient);
  if (isExitAddress(recipient)) return `${name} is an exit address`;
  const reason = reservedReason(recipient);
  return reason === undefined ? undefined : `${name} is ${reason}`;
}
