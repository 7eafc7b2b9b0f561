import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';

/** Frames between a signature pool and its workers: wire transactions one way, a byte for each the other way. */

const writer = new ByteWriter();

export function encodeTransactions(transactions: readonly Uint8Array[]): Buffer {
  writer.clear();
  writer.u16(transactions.length);
  for (const bytes of transactions) {
    writer.u16(bytes.length);
    writer.bytes(bytes);
  }
  return writer.take();
}

export function decodeTransactions(frame: Buffer): Buffer[] {
  const reader = new ByteReader(frame);
  const out: Buffer[] = [];
  for (let left = reader.u16(); left > 0; left--) out.push(reader.bytes(reader.u16()));
  reader.end();
  return out;
}

export function encodeVerdicts(verdicts: readonly boolean[]): Buffer {
  return Buffer.from(verdicts.map((right) => (right ? 1 : 0)));
}

export function decodeVerdicts(frame: Buffer): boolean[] {
  return Array.from(frame, (byte) => byte === 1);
}
