import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROOF_WAYS } from '@polyproof/chain';
import { z } from 'zod';
import { RPC_LIMITS } from './rpc-limits.js';

/** The repository that this package runs from: holds circuits/ and .cache/. */
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

const port = z.number().int().min(0).max(65535);
const positive = z.number().int().min(1);
/** wei or lamports: text, because they may be too large for a number */
const amount = z.coerce.bigint().min(0n);

/** Configuration of a local network. Every field has a default, may stand in a JSON file, and has a flag. */
export const DEVNET_CONFIG = z.strictObject({
  /** where chain, rollup and aggregator keep what they know */
  dataDirectory: z.string().default(join(REPOSITORY, '.polyproof', 'devnet')),
  /** where compiled circuits, keys and the SRS are kept from run to run */
  cacheDirectory: z.string().default(join(REPOSITORY, '.cache')),
  circuitsDirectory: z.string().default(join(REPOSITORY, 'circuits')),
  /** `auto`: Ignition where it can be had, else the development SRS */
  srs: z.enum(['auto', 'ignition', 'development']).default('auto'),
  /** who vouches for signatures: the sequencer, or proofs of their own (docs/signatures.md) */
  signatures: z.enum(['sequencer', 'proved']).default('sequencer'),
  /** address that servers listen on */
  host: z.string().default('127.0.0.1'),
  /** Solana JSON-RPC of the rollup; 0 takes any free port */
  rpcPort: port.default(8899),
  /** JSON-RPC of the base chain */
  baseChainPort: port.default(8545),
  /** where provers find the aggregator */
  aggregatorPort: port.default(8890),
  /** `postgresql://user:password@host:port/database` for the aggregator; default: embedded, in the data directory */
  databaseUrl: z.string().optional(),
  /** HTTP port of the aggregator's /metrics, /healthz and /readyz; default: none */
  metricsPort: port.optional(),
  metricsHost: z.string().default('127.0.0.1'),
  /** address for provers of other machines, which then have to log in; default: that of all servers */
  listen: z.string().optional(),
  /** operators beside the own one whose provers may join: addresses, with commas */
  allowOperators: z
    .string()
    .regex(/^(0x[0-9a-fA-F]{40}(,0x[0-9a-fA-F]{40})*)?$/, 'give addresses (0x and 40 hex digits) with commas')
    .default(''),
  /** under which provers reach the aggregator, where this machine does not know that name: scheme://host:port */
  publicUrl: z.url().optional(),
  /** PEM files, for provers over TLS: private key, certificate, and the authority that own provers are to trust */
  tlsKey: z.string().optional(),
  tlsCert: z.string().optional(),
  tlsCa: z.string().optional(),
  /** bucket of an S3-compatible service for large inputs and proofs, https://host/bucket; default: files */
  blobsUrl: z.url().optional(),
  blobsRegion: z.string().default('us-east-1'),
  blobsAccessKeyId: z.string().optional(),
  blobsSecretAccessKey: z.string().optional(),
  /** hours after which they are erased, unless something still refers to them */
  blobRetentionHours: z.number().min(0.1).default(24),
  rollupId: positive.default(1),
  /** seconds between blocks of the base chain */
  baseChainBlockSeconds: z.number().min(0.1).default(1),
  /** blocks of the base chain after the first commit in which others may commit */
  commitWindow: positive.default(2),
  /** blocks in which proofs may be revealed */
  revealWindow: positive.default(60),
  /** blocks after that in which further operators may reveal theirs for a share of the reward */
  shareWindow: z.number().int().min(0).default(10),
  /** how the contracts take proofs: hash first, or in one step and bound to the operator */
  proofWays: z.enum(PROOF_WAYS).default('twoSteps'),
  /** wei that the operators share who prove a sequence */
  rewardWei: amount.default(10n ** 18n),
  /** wei that rewards are paid from, put there when the contracts are deployed */
  rewardFundsWei: amount.default(1_000n * 10n ** 18n),
  /** wei that the operator stakes */
  stakeWei: amount.default(10n * 10n ** 18n),
  /** wei of stake that a wrong proof costs */
  wrongProofWei: amount.default(10n ** 17n),
  /** wei of stake that a commitment costs which is not revealed */
  missedRevealWei: amount.default(10n ** 16n),
  /** wei of stake that each commitment costs of a round without a valid proof */
  failedRoundWei: amount.default(10n ** 16n),
  /** most wei that the operator pays for a unit of gas */
  maxFeePerGasWei: amount.default(500n * 10n ** 9n),
  /** milliseconds that a transaction of the operator may wait for a block before it is replaced by one that pays more */
  bumpAfterMs: positive.default(30_000),
  /** wei that have to be left of a sequence's reward, else the operator does not compete; default: no such rule */
  leastMarginWei: z.coerce.bigint().optional(),
  /** wei that a second of proving costs */
  provingSecondWei: amount.default(0n),
  /** the part of rewards that the operator expects to get */
  expectedShare: z.number().min(0).max(1).default(1),
  /** milliseconds between blocks of the rollup */
  blockTimeMs: positive.default(400),
  /** longest time that a batch stays open */
  batchTimeoutMs: positive.default(10_000),
  /** blocks of the base chain that have to be on top of a deposit before it is credited */
  depositConfirmations: z.number().int().min(0).default(1),
  /** blocks of the base chain after which nothing is sequenced before a forced withdrawal */
  forcedDeadlineBlocks: positive.default(7_200),
  /** least number of blocks between two forced withdrawals that fall due */
  forcedSpacingBlocks: z.number().int().min(0).default(25),
  maxBatchesPerSequence: positive.default(4),
  /** longest time that a closed batch waits for others */
  sequenceTimeoutMs: positive.default(10_000),
  /** false: blocks, batches and sequences arise on demand only */
  automatic: z.boolean().default(true),
  /** prover worker processes */
  provers: z.number().int().min(0).default(2),
  /** threads of each prover; default: all cores, in turns with the others */
  proverThreads: positive.optional(),
  /** funded accounts at the rollup's genesis */
  accounts: positive.max(100).default(8),
  /** lamports of each */
  accountLamports: amount.default(1_000_000_000_000n),
  ...RPC_LIMITS,
});

export type DevnetConfig = z.output<typeof DEVNET_CONFIG>;
