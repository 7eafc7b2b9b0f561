import type { Field, PolyproofError } from '@polyproof/base';
import type { BankReader, BatchWitness } from '@polyproof/svm';

/** What the methods read from a bank. */
export interface RpcBank extends BankReader {
  /** Of a closed batch of a `zk` rollup. */
  getWitness?(number: bigint): BatchWitness | undefined;
  /** All lamports that exist; without it there is no getSupply. */
  readonly totalLamports?: bigint;
}

/** An error that tells why a transaction was not admitted; its code is one that `refusal.ts` knows, or it has a name. */
export interface RefusalPort extends PolyproofError {
  /** Solana's name for the reason (its JSON TransactionError), where Solana has one. */
  readonly transactionError?: unknown;
}

/** Where transactions go. An error that is not a {@link RefusalPort} is an internal one. */
export interface SequencerPort {
  /** @returns the first signature, 64 bytes */
  submitTransaction(bytes: Uint8Array): Promise<Uint8Array>;
  /** Why the sequencer cannot take transactions now; `undefined` when it can. */
  readonly unhealthyReason: string | undefined;
  status(): { waitingTransactions: number; lastSubmittedBatch: bigint | undefined };
  /** Why an admitted transaction is in no block and will not be; `undefined` when it was not dropped, or long ago. */
  droppedReason?(signature: Uint8Array): DroppedTransaction | undefined;
}

export interface DroppedTransaction {
  /** the sequencer's name for it */
  reason: string;
  /** Solana's TransactionError in its JSON form, where the runtime said no */
  error?: unknown;
}

/** What is known of the base chain. */
export interface SettlementPort {
  readonly view: {
    readonly lastSequence: bigint;
    readonly lastBatch: bigint;
    readonly verifiedSequence: bigint;
    readonly verifiedStateRoot: Field;
  };
  /** Last batch that is verified on the base chain; 0n when none is. */
  verifiedBatch(): bigint;
  /** The sequence that carries a batch; `undefined` when it is not on the base chain yet. */
  sequenceOfBatch(batch: bigint): Promise<bigint | undefined>;
  /** What a sequence has caused on the base chain so far. */
  sequenceTransactions?(sequence: bigint): Promise<SequenceTransactions>;
  /** Calls the listener with every batch number that {@link verifiedBatch} comes to; returns how to end that. */
  onVerified?(listener: (batch: bigint) => void): () => void;
}

/** Hashes of transactions of the base chain. */
export interface SequenceTransactions {
  submitted: string | undefined;
  /** of every commitment to its proof, in the order of the chain */
  committed: readonly string[];
  verified: string | undefined;
}
