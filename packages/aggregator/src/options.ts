import type { Field, Hex } from '@polyproof/base';
import type { ProverServerOptions } from '@polyproof/protocol';
import type { TaskKind } from './database/schema.js';
import type { ProgramSet } from './ports.js';
import type { BlobRoomOptions } from './proof-generator/blob-room.js';
import type { MarginRule } from './proof-sender/margin.js';

export interface AggregatorOptions {
  /** of the database; default: in memory, gone at the end */
  directory?: string;
  /** of a PostgreSQL server that replicas of this aggregator share, instead of `directory` */
  databaseUrl?: string;
  /** account that commits and reveals */
  operator: Hex;
  /** where provers connect; default 127.0.0.1. Another than this machine's own needs `authentication`. */
  host?: string;
  /** default 0: a free port */
  port?: number;
  /** who may join; default: everybody who reaches the server */
  authentication?: Omit<NonNullable<ProverServerOptions['authentication']>, 'chainId'>;
  /** PEM; default: no TLS */
  tls?: ProverServerOptions['tls'];
  /** of the base chain */
  chainId: bigint;
  /** where inputs and proofs lie that are too large for a message */
  blobs?: BlobRoomOptions;
  /** where /metrics, /healthz and /readyz are; default: nowhere */
  ops?: { host?: string; port: number };
  /** what provers of other machines are given to prove with; default: nothing */
  artifactFiles?: readonly { name: string; file: string }[];
  /** what one attempt at a task may take; default 1,800,000 */
  taskLimitMs?: number;
  /** names the settlement contract, `chainId:address` */
  settlementId: string;
  /** block in which it was deployed */
  startBlock: bigint;
  /** blocks on top of a block before its events count; default 0 */
  confirmations?: number;
  /** hash of the rollup's configuration */
  configHash: Field;
  programs: ProgramSet;
  /** whether final proofs are bound to the operator and shown in one step; default false: hash first, then proof */
  bindsProofs?: boolean;
  /** wei of rewards that are worth a transaction to claim them; default 10^17 */
  claimFromWei?: bigint;
  /** which sequences are not worth a commitment; default: all are */
  margin?: MarginRule;
  /** how often chain and database are looked at; default 1,000 */
  intervalMs?: number;
  /** how long a task is a prover's without a heartbeat; default 30,000 */
  leaseMs?: number;
  /** how long a prover may take for a task of a kind, however often it is heard of; default one hour each */
  timeoutMs?: Partial<Record<TaskKind, number>>;
  /** failed attempts at one task after which its sequence has failed; default 5 */
  maxAttempts?: number;
  /** wait before a second attempt, doubling with each further one; default 1,000 */
  retryDelayMs?: number;
  /** how long a prover gets no task after it sent a bad proof, doubling with each one; default 60,000 */
  suspensionMs?: number;
  /** so many bad proofs, and a prover gets no task until the operator lets it out; default 3 */
  mostFaults?: number;
  /** provers that may work at one task at once, where one is late or others have nothing to do; default 2 */
  mostCopies?: number;
}
