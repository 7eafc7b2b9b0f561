import { BankError } from '../errors.js';
import type { ExecutionMode, RollupConfig } from '../rollup-config.js';
import { SLOT_HASHES } from './recent-blocks.js';

export interface LedgerOptions {
  /** holds the database */
  directory: string;
  config: RollupConfig;
  execution: ExecutionMode;
  /** slots whose transactions are kept */
  historySlots: number;
  /** closed batches that can be rolled back, and under whose roots accounts can be proved */
  keepBatches: number;
  /** most bytes of batch data in a batch, with `any` */
  maxBatchBytes: number;
  /** bound of the accounts kept in memory */
  accountCacheBytes: number;
  /** threads that hash the state tree; default: the cores of the machine */
  hashThreads?: number | undefined;
  /** bound of the state tree's pages kept in memory; default of the tree */
  treeCacheBytes?: number | undefined;
  /** seconds: time of block 0 where the rollup starts now */
  genesisTimestamp: bigint;
}

/** One day of blocks of 400 ms. */
export const DEFAULT_HISTORY_SLOTS = 216_000;
export const DEFAULT_KEEP_BATCHES = 256;
export const DEFAULT_MAX_BATCH_BYTES = 750_000;
export const DEFAULT_ACCOUNT_CACHE_BYTES = 128 * 1024 * 1024;
/** A batch must hold the longest message. */
const LEAST_BATCH_BYTES = 2_048;

/** @throws {BankError} `BAD_OPTIONS` naming the option */
export function checkLedgerOptions(options: LedgerOptions): void {
  atLeast('historySlots', options.historySlots, SLOT_HASHES);
  atLeast('keepBatches', options.keepBatches, 1);
  atLeast('maxBatchBytes', options.maxBatchBytes, LEAST_BATCH_BYTES);
  atLeast('accountCacheBytes', options.accountCacheBytes, 0);
}

function atLeast(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new BankError('BAD_OPTIONS', `${name} is ${value}: give an integer of at least ${least}.`, {
    option: name,
    value,
  });
}
