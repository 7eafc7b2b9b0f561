import type { Batch, Transaction } from '@polyproof/svm';
import type { ProducedBlock } from './ports.js';

/** A sequence as it was accepted by the base chain. */
export interface SubmittedSequence {
  sequence: bigint;
  firstBatch: bigint;
  lastBatch: bigint;
  /** `undefined` when the sequence was found on chain after a submission whose answer was lost. */
  transactionHash: string | undefined;
}

export interface SequencerEvents {
  blockProduced: { block: ProducedBlock };
  batchClosed: { batch: Batch };
  sequenceSubmitted: SubmittedSequence;
  /** A transaction that was admitted but can no longer be included. */
  transactionDropped: { transaction: Transaction; reason: DropReason };
}

export type DropReason =
  | 'BlockhashExpired'
  | 'ExceedsBatchLimits'
  | 'ExecutionFailed'
  /** the runtime said no: its error says why */
  | 'Rejected'
  /** the mempool was full, and others pay more */
  | 'Evicted';
