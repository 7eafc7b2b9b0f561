import type { Field } from '@polyproof/base';
import type { Account, TreeProof } from '@polyproof/state';
import type { Deposit } from '../deposits.js';
import type { Exit } from '../exits.js';
import type { EngineOutcome, RuntimeTransaction, TransactionMeta } from '../runtime/types.js';
import type { Batch } from '../types.js';

/** Header of a block of the rollup. */
export interface StoredBlock {
  slot: bigint;
  /** seconds; never less than that of the block before */
  unixTimestamp: bigint;
  blockhash: Uint8Array;
  previousBlockhash: Uint8Array;
  /** after the block */
  stateRoot: Field;
  /** number of the batch that holds its transactions */
  batch: bigint;
  /** how many transactions it holds */
  transactions: number;
}

/** A transaction in a block. */
export interface StoredTransaction {
  /** the wire transaction */
  bytes: Uint8Array;
  slot: bigint;
  /** place in its block */
  index: number;
  unixTimestamp: bigint;
  batch: bigint;
  /** Solana's TransactionError in its JSON form; undefined where it succeeded */
  error?: unknown;
  feeLamports: bigint;
  computeUnits: bigint;
  /** decoded on demand */
  readonly meta: TransactionMeta;
}

/** What is told of a signature: cheaper than the transaction. */
export interface SignatureStatus {
  slot: bigint;
  index: number;
  batch: bigint;
  error?: unknown;
}

export interface SignatureInfo extends SignatureStatus {
  signature: Uint8Array;
  unixTimestamp: bigint;
  memo: string | null;
}

export interface SignatureSearch {
  /** 1 to 1000 */
  limit: number;
  /** start behind this signature, going back in time */
  before?: Uint8Array;
  /** stop before this signature */
  until?: Uint8Array;
}

export type TokenAccountFilter = { mint: Uint8Array } | { programId: Uint8Array };

/** A block that is on disk, with what changed: for subscriptions. */
export interface CommittedBlock {
  block: StoredBlock;
  /** in order, with the first signature */
  transactions: { signature: Uint8Array; transaction: RuntimeTransaction; outcome: EngineOutcome }[];
  /** every account that changed, after the block */
  accounts: { address: Uint8Array; account: Account | null }[];
}

export interface BankEvents {
  blockCommitted: CommittedBlock;
  batchClosed: { batch: Batch };
  /** everything after that batch is as if it had not happened; `slot` is the newest block now */
  rolledBack: { batch: bigint; slot: bigint };
}

export interface SimulateOptions {
  /** Default false. */
  verifySignatures?: boolean;
  /** Default false: the blockhash must be a recent one, or a nonce. */
  replaceRecentBlockhash?: boolean;
}

export interface Simulation {
  /** undefined where it succeeded */
  error?: unknown;
  computeUnits: bigint;
  feeLamports: bigint;
  meta: TransactionMeta;
  /** the blockhash that was put in, and the last block height at which it is good */
  replacementBlockhash?: { blockhash: Uint8Array; lastValidBlockHeight: bigint };
  /** after the transaction, or as it is now where the transaction failed or cannot write it */
  account(address: Uint8Array): Account | undefined;
}

export interface AccountProof {
  account?: Account;
  proof: TreeProof;
  root: Field;
}

/** What a batch that is open holds so far. */
export interface OpenBatchView {
  readonly number: bigint;
  readonly transactions: number;
  readonly blocks: number;
  readonly deposits: number;
}

/** Everything that can be read of a bank. Reads see the last block that is on disk. */
export interface BankReader {
  /** `any`: accepts whatever the runtime executes; `zk`: only what the circuits prove */
  readonly execution: 'zk' | 'any';
  /** Slot of the newest block; 0 before the first. Every slot has a block, so it is the block height too. */
  readonly slot: bigint;
  readonly unixTimestamp: bigint;
  readonly stateRoot: Field;
  readonly latestBlockhash: Uint8Array;
  /** identifies the rollup to clients, 32 bytes */
  readonly genesisBlockhash: Uint8Array;
  /** last block that may hold a transaction with the latest blockhash */
  readonly lastValidBlockHeight: bigint;
  /** transactions in blocks so far */
  readonly transactionCount: bigint;
  /** `blocks` counts those that have transactions */
  readonly openBatch: OpenBatchView;
  /** index in the base chain's inbox of the next deposit */
  readonly nextDeposit: bigint;
  /** number of the newest closed batch; 0n when there is none */
  readonly lastBatch: bigint;
  /** oldest slot whose transactions are kept */
  readonly firstAvailableSlot: bigint;
  /** whether the next block may hold a transaction with this blockhash */
  isBlockhashRecent(hash: Uint8Array): boolean;
  getAccount(address: Uint8Array): Account | undefined;
  getProgramAccounts(program: Uint8Array): Iterable<[address: Uint8Array, account: Account]>;
  /** accounts of the token programs that belong to a wallet */
  getTokenAccountsByOwner(wallet: Uint8Array, filter: TokenAccountFilter): Iterable<[Uint8Array, Account]>;
  getTokenAccountsByDelegate(
    delegate: Uint8Array,
    filter: TokenAccountFilter,
  ): Iterable<[Uint8Array, Account]>;
  /** accounts of a mint */
  getTokenAccountsByMint(mint: Uint8Array): Iterable<[Uint8Array, Account]>;
  getBlock(slot: bigint): StoredBlock | undefined;
  /** in order; empty where the block is gone */
  getBlockTransactions(slot: bigint): StoredTransaction[];
  getTransaction(signature: Uint8Array): StoredTransaction | undefined;
  getSignatureStatus(signature: Uint8Array): SignatureStatus | undefined;
  /** newest first */
  getSignaturesForAddress(address: Uint8Array, search: SignatureSearch): SignatureInfo[];
  getBatch(number: bigint): Batch | undefined;
  /** What left the rollup at the end of a closed batch, however long ago; empty where there is none of that number. */
  getExits(batch: bigint): Exit[];
  /** @throws {BankError} `UNKNOWN_ROOT` when the root is not one that is kept */
  proveAccount(address: Uint8Array, root?: Field): AccountProof;
  /**
   * What a transaction would do now.
   * @throws {TransactionDecodeError} on bytes that are not canonical
   */
  simulate(bytes: Uint8Array, options?: SimulateOptions): Promise<Simulation>;
  /** undefined where the message's blockhash is not known; @throws {TransactionDecodeError} */
  feeForMessage(messageBytes: Uint8Array): bigint | undefined;
  /** lowest priority fee (micro-lamports a compute unit) of the transactions of recent blocks that write all of these accounts, newest last */
  recentPrioritizationFees(addresses: readonly Uint8Array[]): { slot: bigint; prioritizationFee: bigint }[];
  minimumBalanceForRentExemption(dataBytes: bigint): bigint;
  on<Name extends keyof BankEvents>(name: Name, listener: (payload: BankEvents[Name]) => void): () => void;
}

/** A deposit in the base chain's inbox. */
export interface QueuedDeposit extends Deposit {
  /** from 0 */
  index: bigint;
}

/** A block that was made, and what became of the candidates that are not in it. */
export interface ProducedBlock {
  block: StoredBlock;
  /** in the block's order */
  included: RuntimeTransaction[];
  /** never to be tried again as they are; `error` is Solana's TransactionError in its JSON form */
  rejected: { transaction: RuntimeTransaction; error: unknown }[];
  /** did not fit in the block: for a later one */
  deferred: RuntimeTransaction[];
}
