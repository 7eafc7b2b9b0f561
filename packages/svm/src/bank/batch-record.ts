import type { Batch } from '../types.js';
import { RecordReader, RecordWriter } from './record.js';

const VERSION = 1;

/** A batch as it is stored: its data lie in the parts. */
export type BatchRecord = Omit<Batch, 'data'>;

export function encodeBatch(batch: BatchRecord): Buffer {
  return new RecordWriter(VERSION)
    .u64(batch.number)
    .u64(batch.firstSlot)
    .u64(batch.lastSlot)
    .u32(batch.transactions)
    .field(batch.prevStateRoot)
    .field(batch.newStateRoot)
    .field(batch.prevDataHash)
    .field(batch.newDataHash)
    .end();
}

export function decodeBatch(bytes: Buffer): BatchRecord {
  const reader = new RecordReader('a batch', VERSION, bytes);
  return {
    number: reader.u64(),
    firstSlot: reader.u64(),
    lastSlot: reader.u64(),
    transactions: reader.u32(),
    prevStateRoot: reader.field(),
    newStateRoot: reader.field(),
    prevDataHash: reader.field(),
    newDataHash: reader.field(),
  };
}
