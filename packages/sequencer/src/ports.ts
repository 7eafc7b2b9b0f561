import type { Field } from '@polyproof/base';
import type { ForcedEntry, SequenceTransactions, SettlementState } from '@polyproof/chain';
import type { Batch, QueuedDeposit } from '@polyproof/svm';
import type { AdmissionBank } from './mempool/ports.js';
import type { DepositSource, ProducerBank } from './producer/ports.js';

export type { DepositSource };

/** Where closed batches are found. */
export interface BatchSource {
  /** Number of the newest closed batch; 0n when there is none. */
  readonly lastBatch: bigint;
  getBatch(number: bigint): Batch | undefined;
}

/** What the sequencer needs of the bank. */
export interface BankPort extends AdmissionBank, ProducerBank, BatchSource {}

/** The base chain's inbox. */
export interface InboxPort {
  /** Deposits from an index on, of at most so many indexes, as they were so many blocks ago; without those sent back. */
  getDeposits(
    from: bigint,
    options: { limit: number; confirmations: number },
  ): Promise<readonly QueuedDeposit[]>;
}

/** The base chain's queue of forced withdrawals. */
export interface ForcedPort {
  /** The next ones, in order, that were made so many blocks ago and are not included. */
  getForced(options: { limit: number; confirmations: number }): Promise<readonly ForcedEntry[]>;
}

/** What the sequencer needs of the settlement contract on the base chain. */
export interface SettlementPort {
  getState(): Promise<SettlementState>;
  getSequence(sequence: bigint): Promise<{ firstBatch: bigint; lastBatch: bigint }>;
  /** Hashes of the base chain's transactions that a sequence has caused so far. */
  getSequenceTransactions(sequence: bigint): Promise<SequenceTransactions>;
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
