import type { Hex } from '@polyproof/base';
import type { ProgramName } from '@polyproof/proofs';

/** The circuits that a worker can prove, as in its artifacts. */
export type HeldPrograms = Readonly<Partial<Record<ProgramName, { hash: string; gates: number }>>>;

export interface ProverWorkerOptions {
  /** `http://host:port` of the aggregator */
  aggregatorUrl: string;
  /** the operator's, where the aggregator asks for a login */
  privateKey?: Hex;
  /** PEM of the authority of the aggregator's certificate; default: those that Node trusts */
  ca?: string;
  /** for people, in reports */
  name: string;
  programs: HeldPrograms;
  /** told to the aggregator; default: of this machine */
  cores?: number;
  /** told to the aggregator; default: of this machine */
  memoryBytes?: number;
  /** told to the aggregator; default: "cpu" */
  accelerator?: string;
  /** how long one request for a task waits, default 20,000 */
  leaseWaitMs?: number;
  /** default: a quarter of the lease, at most 5,000 */
  heartbeatMs?: number;
  /** first wait after the connection was lost; doubles up to `maxBackoffMs`. Default 250 */
  minBackoffMs?: number;
  /** default 10,000 */
  maxBackoffMs?: number;
  /** how long `close` lets a task run before it is given back, default 10,000; Infinity: until it is done */
  graceMs?: number;
}

/** How a worker reaches its aggregator. */
export interface AggregatorAddress {
  aggregatorUrl: string;
  /** file with the operator's private key (0x and 64 hex digits), where the aggregator asks for a login */
  keyFile?: string;
  /** file with the PEM of the authority of the aggregator's certificate */
  caFile?: string;
}

/** JSON-safe: it travels to the worker process. Secrets stay in files, because arguments are seen by everybody. */
export interface WorkerProcessOptions extends AggregatorAddress {
  name: string;
  /** where `loadArtifacts` finds circuits and keys */
  artifactsDirectory: string;
  /** threads of the proof system; default: all cores */
  threads?: number;
  /** what the proof system may have; default: no limit, and told to the aggregator: all of this machine */
  memoryBytes?: number;
  /** how long a task may still run after SIGTERM, default 10,000. `drain`: until it is done, or a second signal */
  graceMs?: number | 'drain';
  /** of this machine, for /metrics, /healthz and /readyz; default: none */
  metricsPort?: number;
  /** file for the log; default: standard error */
  logFile?: string;
  logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}
