import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { REPOSITORY } from './config.js';
import { RPC_LIMITS } from './rpc-limits.js';

const port = z.number().int().min(0).max(65535);
const positive = z.number().int().min(1);
/** lamports: text, because they may be too large for a number */
const amount = z.coerce.bigint().min(0n);

/** Configuration of a rollup's node. Every field has a default, may stand in a JSON file, and has a flag. */
export const ROLLUP_NODE_CONFIG = z.strictObject({
  /** where the rollup keeps its state and history */
  dataDirectory: z.string().default(join(REPOSITORY, '.polyproof', 'node')),
  /** address that the server listens on */
  host: z.string().default('127.0.0.1'),
  /** Solana JSON-RPC over HTTP and websocket; websocket on the next port too; 0 takes free ones */
  rpcPort: port.default(8899),
  rollupId: positive.default(1),
  /** `any` executes every transaction that Solana would; `zk` accepts only what the circuits prove */
  execution: z.enum(['any', 'zk']).default('any'),
  /** milliseconds between blocks */
  blockTimeMs: positive.default(400),
  /** false: blocks and batches arise on demand only */
  automatic: z.boolean().default(true),
  /** most transactions that one block is offered */
  maxBlockTransactions: positive.default(4_096),
  /** compute units that a block may cost, as Agave's cost model counts them */
  blockCost: positive.default(60_000_000),
  /** compute units that the transactions which write one account may cost in a block */
  accountCost: positive.default(24_000_000),
  /** longest time that a batch stays open */
  batchTimeoutMs: positive.default(10_000),
  /** most bytes of a batch, with `any` */
  maxBatchBytes: positive.default(750_000),
  /** engine processes; default: one for each core but one, at least one */
  executors: positive.optional(),
  /** processes that check signatures */
  signatureWorkers: positive.default(1),
  /** slots whose blocks and transactions are kept */
  historySlots: positive.default(216_000),
  /** closed batches under whose roots accounts can be proved */
  keepBatches: positive.default(256),
  /** bytes of accounts that are kept in memory */
  accountCacheBytes: z
    .number()
    .int()
    .min(0)
    .default(128 * 1024 * 1024),
  /** transactions that may wait for a block */
  mempoolCapacity: positive.default(50_000),
  /** bytes of them */
  mempoolBytes: positive.default(32 * 1024 * 1024),
  /** of them, transactions of one fee payer; default: a quarter */
  mempoolPerFeePayer: positive.optional(),
  /** transactions whose signatures may be checked at a time */
  maxSignatureChecks: positive.default(8_192),
  /** whether requestAirdrop gives lamports to everybody */
  faucet: z.boolean().default(true),
  /** funded accounts at the start, whose keys everybody knows */
  accounts: z.number().int().min(0).max(100).default(8),
  /** lamports of each */
  accountLamports: amount.default(1_000_000_000_000n),
  /** more accounts at the start: a JSON file with what `solana account ADDRESS --output json` prints, or a list of it */
  genesisFile: z.string().optional(),
  ...RPC_LIMITS,
});

export type RollupNodeConfig = z.output<typeof ROLLUP_NODE_CONFIG>;

/** One core is left to the main process, which is busy too. */
export function defaultExecutors(): number {
  return Math.max(1, availableParallelism() - 1);
}
