import type { Service } from '@polyproof/base';
import type { Transaction } from '../transaction.js';

/** An account as `encodeAccount` writes it; null where there is none. */
export type AccountBytes = Uint8Array | null;
export type AccountEntry = readonly [address: Uint8Array, account: AccountBytes];

/** Accounts after the last block, without those that the runtime itself keeps (native programs, sysvars). */
export interface AccountSource {
  get(address: Uint8Array): AccountBytes;
}

/** What a block tells the runtime beside its transactions. */
export interface RuntimeContext {
  slot: bigint;
  /** seconds */
  unixTimestamp: bigint;
  /** newest last, at most 150; nonces advance from the last one */
  blockhashes: readonly Uint8Array[];
  /** newest first, at most 512 */
  slotHashes: readonly (readonly [slot: bigint, hash: Uint8Array])[];
}

/** Addresses that a transaction takes from lookup tables. */
export interface LoadedAddresses {
  writable: Uint8Array[];
  readonly: Uint8Array[];
}

/** A transaction with everything that scheduling and execution have to know about it. */
export interface RuntimeTransaction {
  transaction: Transaction;
  /** in the order of instruction indexes: the message's own, then loaded writable ones, then loaded read-only ones */
  accountKeys: Uint8Array[];
  /** for each of `accountKeys`: locked for writing, as the runtime sees it (reserved and called programs are not) */
  writable: boolean[];
  loadedAddresses: LoadedAddresses;
  /** lookup tables, locked for reading */
  tables: Uint8Array[];
  computeUnitLimit: number;
  /** micro-lamports a compute unit */
  computeUnitPrice: bigint;
  baseFeeLamports: bigint;
  priorityFeeLamports: bigint;
  /** index of the nonce account where the first instruction advances a nonce and the blockhash is not a recent one */
  nonceAccount?: number;
}

/** What an executor is told of a transaction. */
export type EngineTransaction = Pick<
  RuntimeTransaction,
  | 'transaction'
  | 'accountKeys'
  | 'writable'
  | 'loadedAddresses'
  | 'baseFeeLamports'
  | 'priorityFeeLamports'
  | 'nonceAccount'
>;

export interface EngineOutcome {
  /**
   * `ok`; `failed`: in the block, charged the fee (and its nonce advanced) and changed nothing else; `rejected`: not in the
   * block, changed nothing at all
   */
  status: 'ok' | 'failed' | 'rejected';
  /** Solana's TransactionError in its JSON form, unless `ok` */
  error?: unknown;
  computeUnits: bigint;
  /** 0 where rejected */
  feeLamports: bigint;
  /** see TransactionMeta: encoded, because most are never looked at */
  meta: Uint8Array;
}

export interface GroupWork {
  /** accounts that the executor has not seen in this form; null removes */
  accounts: AccountEntry[];
  /** executed in this order */
  transactions: EngineTransaction[];
}

export interface GroupResult {
  /** one for each transaction */
  outcomes: EngineOutcome[];
  /** every account that the group changed, after it */
  accounts: AccountEntry[];
}

export interface SimulationWork {
  accounts: AccountEntry[];
  transaction: EngineTransaction;
  verifySignatures: boolean;
}

export interface SimulationResult {
  outcome: EngineOutcome;
  /** every writable account after the transaction where it succeeded; empty where it failed */
  accounts: AccountEntry[];
}

/**
 * One engine process. It holds nothing but what it was given: whoever uses it keeps the accounts.
 *
 * Calls are executed in the order in which they are made; several may be under way.
 */
export interface RuntimeExecutor extends Service {
  /** Changes whenever the engine starts anew: everything it was given before is gone, the block's context too. */
  readonly generation: number;
  /** The context of all work that follows. */
  beginBlock(context: RuntimeContext): void;
  /** @throws {ExecutorCrashedError} when the engine died, hung or failed: nothing of the work counts */
  execute(work: GroupWork): Promise<GroupResult>;
  /** Executes without keeping anything but the accounts that it was given. */
  simulate(work: SimulationWork): Promise<SimulationResult>;
}

/** Token balance of an account, as Solana's transaction metadata shows it. */
export interface TokenBalance {
  accountIndex: number;
  mint: Uint8Array;
  owner: Uint8Array;
  programId: Uint8Array;
  /** base units */
  amount: bigint;
  decimals: number;
}

export interface InnerInstruction {
  programIdIndex: number;
  accountIndexes: Uint8Array;
  data: Uint8Array;
  stackHeight: number;
}

/** What Solana tells of an executed transaction, beside its status, fee and compute units. */
export interface TransactionMeta {
  logs: string[];
  innerInstructions: { index: number; instructions: InnerInstruction[] }[];
  returnData?: { programId: Uint8Array; data: Uint8Array };
  /** lamports of each account before and after, by account index */
  preBalances: bigint[];
  postBalances: bigint[];
  preTokenBalances: TokenBalance[];
  postTokenBalances: TokenBalance[];
  loadedAddresses: LoadedAddresses;
}

/** A block after execution; nothing of it is stored yet. */
export interface ExecutedBlock {
  /** in the block's order: executing them one after the other gives the same result */
  executed: { transaction: RuntimeTransaction; outcome: EngineOutcome }[];
  /** did not fit (limits, time, a lookup table that this block changes): for a later block */
  deferred: RuntimeTransaction[];
  /** crashed or hung the engine even when executed alone: never to be tried again */
  poisonous: RuntimeTransaction[];
  /** every account that changed, after the block; fees are debited and not yet credited to anybody */
  accounts: AccountEntry[];
  /** compute units and all other costs that the block used, in compute units */
  cost: number;
}

/** Limits of one block, in compute units as Agave's cost model counts them. */
export interface BlockLimits {
  /** Default 60,000,000. */
  blockCost: number;
  /** Most of it that transactions writing one account may use. Default 24,000,000 (40 %). */
  accountCost: number;
}

/** Executes the transactions of a block on several executors, as if one after the other. */
export interface BlockRuntime extends Service {
  /** @param candidates - in the order of the block to be; signatures, blockhashes and duplicates are checked already */
  execute(
    context: RuntimeContext,
    candidates: readonly RuntimeTransaction[],
    options?: { deadlineMs?: number },
  ): Promise<ExecutedBlock>;
  /** On the state of the account source, beside the blocks. */
  simulate(
    context: RuntimeContext,
    transaction: RuntimeTransaction,
    options: { verifySignatures: boolean },
  ): Promise<SimulationResult>;
  /** The block executed last was not stored: what executors hold of it must not be used. */
  discard(): void;
}

/** Checks signatures on other cores. */
export interface SignatureVerifier extends Service {
  /** Whether every required signature of the transaction is right, as Solana's runtime judges. */
  verify(transaction: Transaction): Promise<boolean>;
}
