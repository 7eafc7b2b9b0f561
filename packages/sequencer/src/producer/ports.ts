import type { Batch, ExecutionMode, RuntimeTransaction, StoredBlock, Transaction } from '@polyproof/svm';

/** What the block producer needs of the bank. */
export interface ProducerBank {
  readonly execution: ExecutionMode;
  readonly openBatch: { readonly number: bigint; readonly transactions: number; readonly blocks: number };
  /** Whether `transaction` still fits in the open batch after `pending`; no more does with more pending ones. */
  fits(transaction: Transaction, pending?: readonly Transaction[]): boolean;
  /** Rejects with nothing changed. */
  produceBlock(
    candidates: readonly RuntimeTransaction[],
    options?: { deadlineMs?: number },
  ): Promise<BlockOutcome>;
  closeBatch(): Promise<Batch | undefined>;
}

/** A block, and what became of its candidates. */
export interface BlockOutcome {
  block: StoredBlock;
  included: readonly RuntimeTransaction[];
  /** are in no block and changed nothing; `error` is Solana's TransactionError in its JSON form */
  rejected: readonly { transaction: RuntimeTransaction; error: unknown }[];
  /** for a later block */
  deferred: readonly RuntimeTransaction[];
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
  reject(rejected: BlockOutcome['rejected']): void;
  dropExpired(): void;
}
