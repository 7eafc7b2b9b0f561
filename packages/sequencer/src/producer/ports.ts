import type { Batch, ExecutionMode, ProducedBlock, RuntimeTransaction, Transaction } from '@polyproof/svm';

/** What the block producer needs of the bank. */
export interface ProducerBank {
  readonly execution: ExecutionMode;
  readonly openBatch: { readonly number: bigint; readonly transactions: number; readonly blocks: number };
  /** How many of these, from the first on, fit in the open batch together. */
  fitting(transactions: readonly Transaction[]): number;
  /** Rejects with nothing changed. */
  produceBlock(
    candidates: readonly RuntimeTransaction[],
    options?: { deadlineMs?: number },
  ): Promise<ProducedBlock>;
  closeBatch(): Promise<Batch | undefined>;
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
