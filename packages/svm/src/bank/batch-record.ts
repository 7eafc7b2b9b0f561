import type { Batch } from '../types.js';
import { RecordReader, RecordWriter } from './record.js';

const VERSION = 2;

/** A batch as it is stored: its data, deposits and exits lie in tables of their own. */
export interface BatchRecord extends Omit<Batch, 'data' | 'deposits' | 'exits'> {
  /** index in the base chain's inbox of the first deposit behind it */
  nextDeposit: bigint;
}

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
    .u64(batch.nextDeposit)
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
    nextDeposit: reader.u64(),
  };
}
