import type { Field } from '@polyproof/base';
import type { SettlementState } from '@polyproof/chain';
import type { Account, Batch, Transaction } from '@polyproof/svm';

/** Where closed batches are found. */
export interface BatchSource {
  /** Number of the newest closed batch; 0n when there is none. */
  readonly lastBatch: bigint;
  getBatch(number: bigint): Batch | undefined;
}

/** What the sequencer needs of the bank. */
export interface BankPort extends BatchSource {
  readonly slot: bigint;
  readonly openBatch: { readonly number: bigint; readonly transactions: number; readonly blocks: number };
  isBlockhashRecent(hash: Uint8Array): boolean;
  getAccount(address: Uint8Array): Account | undefined;
  getTransactionStatus(signature: Uint8Array): { status: 'ok' | 'failed' | 'rejected' } | undefined;
  /** Whether `transaction` still fits in the open batch after `pending`, the ones chosen for the next block. */
  fits(transaction: Transaction, pending?: readonly Transaction[]): boolean;
  produceBlock(transactions: Transaction[]): Promise<ProducedBlock>;
  closeBatch(): Promise<Batch | undefined>;
}

export interface ProducedBlock {
  slot: bigint;
  /** First signature of every transaction that was included. */
  signatures: Uint8Array[];
}

/** What the sequencer needs of the settlement contract on the base chain. */
export interface SettlementPort {
  getState(): Promise<SettlementState>;
  getSequence(sequence: bigint): Promise<{ firstBatch: bigint; lastBatch: bigint }>;
  /**
   * Submits batches that follow the last one on chain; resolves when the transaction is included. Rejects with an
   * error of code `UnexpectedBatch` when the chain expects another batch than `firstBatch`.
   */
  sequence(
    firstBatch: bigint,
    batches: Uint8Array[],
    claimedRoot: Field,
  ): Promise<{ sequence: bigint; transactionHash: string }>;
}
