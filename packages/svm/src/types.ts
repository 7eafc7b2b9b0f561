import type { Field } from '@polyproof/base';

/** A block of the rollup. Only transactions that it includes are in it. */
export interface Block {
  slot: bigint;
  /** seconds; never less than that of the block before */
  unixTimestamp: bigint;
  blockhash: Uint8Array;
  previousBlockhash: Uint8Array;
  /** after the block */
  stateRoot: Field;
  /** number of the batch that holds its transactions */
  batch: bigint;
  /** first signature of each transaction */
  signatures: Uint8Array[];
}

/** What became of a transaction that the bank was given. */
export interface TransactionRecord {
  /** first signature */
  signature: Uint8Array;
  /** the wire transaction */
  bytes: Uint8Array;
  status: 'ok' | 'failed' | 'rejected';
  /** Solana's TransactionError in its JSON form, unless `ok` */
  error?: unknown;
  logs: string[];
  computeUnits: bigint;
  feeLamports: bigint;
  /** the block that it is in; where rejected, the block that it might have been in */
  slot: bigint;
  unixTimestamp: bigint;
  /** number of the batch of that block */
  batch: bigint;
}

/** A closed batch: whole blocks, at least one transaction. */
export interface Batch {
  /** from 1 */
  number: bigint;
  /** slots of its first and last block that have transactions */
  firstSlot: bigint;
  lastSlot: bigint;
  transactions: number;
  /** what goes to the base chain: see batch-data.ts */
  data: Uint8Array;
  prevStateRoot: Field;
  newStateRoot: Field;
  prevDataHash: Field;
  newDataHash: Field;
}
