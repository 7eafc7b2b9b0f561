import { RecordReader, RecordWriter } from './record.js';
import type { StoredBlock } from './types.js';

const VERSION = 1;

/** A block's header as it is stored. */
export interface BlockRecord extends StoredBlock {
  /** of the rollup, up to and with this block */
  totalTransactions: bigint;
  /** that exist after it */
  totalLamports: bigint;
}

export function encodeBlock(block: BlockRecord): Buffer {
  return new RecordWriter(VERSION)
    .u64(block.slot)
    .u64(block.unixTimestamp)
    .raw(block.blockhash)
    .raw(block.previousBlockhash)
    .field(block.stateRoot)
    .u64(block.batch)
    .u32(block.transactions)
    .u64(block.totalTransactions)
    .u64(block.totalLamports)
    .end();
}

export function decodeBlock(bytes: Buffer): BlockRecord {
  const reader = new RecordReader('a block', VERSION, bytes);
  return {
    slot: reader.u64(),
    unixTimestamp: reader.u64(),
    blockhash: reader.raw(32),
    previousBlockhash: reader.raw(32),
    stateRoot: reader.field(),
    batch: reader.u64(),
    transactions: reader.u32(),
    totalTransactions: reader.u64(),
    totalLamports: reader.u64(),
  };
}

/** What readers are told of a block. */
export function publicBlock({
  totalTransactions: _t,
  totalLamports: _l,
  ...block
}: BlockRecord): StoredBlock {
  return block;
}
