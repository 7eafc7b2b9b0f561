import type { Service } from '@polyproof/base';
import type { Account } from '@polyproof/state';

/** What became of a transaction. */
export interface TransactionOutcome {
  /**
   * `ok`; `failed`: in the block, charged the fee and changed nothing else; `rejected`: not in the block, changed
   * nothing at all
   */
  status: 'ok' | 'failed' | 'rejected';
  /** Solana's TransactionError in its JSON form, unless `ok` */
  error?: unknown;
  logs: string[];
  computeUnits: bigint;
  /** 0 where rejected */
  feeLamports: bigint;
}

export interface BlockInput {
  slot: bigint;
  /** seconds */
  unixTimestamp: bigint;
  /** wire transactions, in order */
  transactions: Uint8Array[];
  /** false where signatures are not at hand: 64 zero bytes stand for each then */
  verifySignatures: boolean;
  /** gets the fees at the end of the block */
  collector: Uint8Array;
}

export interface BlockResult {
  /** one for each transaction */
  outcomes: TransactionOutcome[];
  /** state after the block of every account that its transactions may write, and of the collector */
  accounts: [address: Uint8Array, account: Account | null][];
}

/**
 * Executes blocks on a state that it holds. It checks neither blockhashes nor duplicates: the bank does.
 *
 * An executor has one user at a time: it follows the blocks of that user only.
 */
export interface Executor extends Service {
  /** True before the first {@link reset} and after a crash. */
  readonly needsReset: boolean;

  /** Replaces the whole state. */
  reset(accounts: Iterable<[address: Uint8Array, account: Account]>): Promise<void>;

  /**
   * @throws {TransactionDecodeError} on bytes that are not canonical; nothing is executed then
   * @throws {ExecutorCrashedError} when the engine died or took too long: its state is lost
   * @throws {ExecutorNotLoadedError} when it needs a reset
   */
  executeBlock(block: BlockInput): Promise<BlockResult>;
}
