import type { Account, BlockLimits, ExecutionMode, RuntimeTransaction, Transaction } from '@polyproof/svm';

/** What the mempool needs of the bank. */
export interface AdmissionBank {
  readonly execution: ExecutionMode;
  /** Slot of the newest block: what else is read stays as it is while this does. */
  readonly slot: bigint;
  isBlockhashRecent(hash: Uint8Array): boolean;
  getAccount(address: Uint8Array): Account | undefined;
  /** Whether a recent block holds the same message. */
  hasProcessed(transaction: Transaction): boolean;
  /** Whether it crashed the engine before. */
  isPoisonous(transaction: Transaction): boolean;
  /**
   * @throws {NotProvableError} where the rollup has to prove it and cannot
   * @throws an error with `transactionError` where the runtime would not include it in a block
   */
  resolve(transaction: Transaction): RuntimeTransaction;
}

/** What transactions cost a block, and what they bring. */
export interface CostModel {
  /** Larger goes first. */
  priority(transaction: RuntimeTransaction): bigint;
  /** Why no block can ever include the transaction, as Solana's TransactionError; undefined where one can. */
  exceedsLimits(transaction: RuntimeTransaction, limits?: BlockLimits): string | undefined;
}
