import type {
  Batch,
  ExecutionMode,
  OpenBatchView,
  ProducedBlock,
  QueuedDeposit,
  RuntimeTransaction,
  Transaction,
} from '@polyproof/svm';

/** What the block producer needs of the bank. */
export interface ProducerBank {
  readonly execution: ExecutionMode;
  readonly openBatch: OpenBatchView;
  /** number of the newest closed batch; 0n when there is none */
  readonly lastBatch: bigint;
  /** index in the inbox of the next deposit */
  readonly nextDeposit: bigint;
  /** How many of these, from the first on, fit in the open batch together. */
  fitting(transactions: readonly Transaction[]): number;
  /** Rejects with nothing changed. */
  produceBlock(
    candidates: readonly RuntimeTransaction[],
    options?: { deadlineMs?: number; isForced?: boolean },
  ): Promise<ProducedBlock>;
  /** Begins the open batch, which must be empty, with as many of these as fit. */
  creditDeposits(deposits: readonly QueuedDeposit[]): Promise<readonly QueuedDeposit[]>;
  closeBatch(): Promise<Batch | undefined>;
  /** @throws what makes it impossible in any block */
  resolve(transaction: Transaction): RuntimeTransaction;
}

/** A batch that the base chain prescribes: one transaction alone. */
export interface ForcedBatch {
  /** of the entry in the queue */
  index: bigint;
  /** the wire transaction */
  wire: Uint8Array;
  /** what the batch has to be */
  data: Uint8Array;
}

/** Batches that the base chain prescribes. */
export interface ForcedSource {
  /** the first one that is not closed yet, as far as they are known */
  next(): ForcedBatch | undefined;
}

/** Deposits that wait in the base chain's inbox. */
export interface DepositSource {
  /** from an index on, in order, as far as they are known */
  waiting(next: bigint): readonly QueuedDeposit[];
}

/** Where candidates come from and go back to: the mempool. */
export interface CandidateSource {
  readonly pool: {
    readonly size: number;
    take(limit: number, picked?: number): RuntimeTransaction[];
    settle(transactions: readonly RuntimeTransaction[]): void;
    putBack(transactions: readonly RuntimeTransaction[]): void;
  };
  drop(transactions: readonly RuntimeTransaction[], reason: 'ExceedsBatchLimits' | 'ExecutionFailed'): void;
  reject(rejected: ProducedBlock['rejected']): void;
  dropExpired(): void;
}
