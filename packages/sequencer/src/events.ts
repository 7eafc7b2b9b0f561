import type { Batch, StoredBlock, Transaction } from '@polyproof/svm';

/** A sequence as it was accepted by the base chain. */
export interface SubmittedSequence {
  sequence: bigint;
  firstBatch: bigint;
  lastBatch: bigint;
  /** `undefined` when the sequence was found on chain after a submission whose answer was lost. */
  transactionHash: string | undefined;
}

export interface SequencerEvents {
  blockProduced: { block: StoredBlock };
  batchClosed: { batch: Batch };
  sequenceSubmitted: SubmittedSequence;
  /** A transaction that was admitted but can no longer be included. */
  transactionDropped: { transaction: Transaction } & Dropped;
}

/** Why an admitted transaction is in no block and will not be. */
export interface Dropped {
  reason: DropReason;
  /** Solana's TransactionError in its JSON form, where the runtime said no */
  error?: unknown;
}

export type DropReason =
  | 'BlockhashExpired'
  | 'ExceedsBatchLimits'
  | 'ExecutionFailed'
  /** the runtime said no: its error says why */
  | 'Rejected'
  /** a better paying one took its place: the mempool was full, or both use the same nonce */
  | 'Evicted';
