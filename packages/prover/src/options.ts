import type { ProgramName } from '@polyproof/proofs';

export interface ProverWorkerOptions {
  /** `http://host:port` of the aggregator */
  aggregatorUrl: string;
  /** for people, in reports */
  name: string;
  /** hashes of the circuits that the proof system holds, as in its artifacts */
  programHashes: Readonly<Record<ProgramName, string>>;
  /** told to the aggregator; default: of this machine */
  cores?: number;
  /** told to the aggregator; default: of this machine */
  memoryBytes?: number;
  /** how long one request for a task waits, default 20,000 */
  leaseWaitMs?: number;
  /** default: a quarter of the lease, at most 5,000 */
  heartbeatMs?: number;
  /** first wait after the connection was lost; doubles up to `maxBackoffMs`. Default 250 */
  minBackoffMs?: number;
  /** default 10,000 */
  maxBackoffMs?: number;
  /** how long `close` lets a task run before it is given back, default 10,000 */
  graceMs?: number;
}

/** JSON-safe: it travels to the worker process. */
export interface WorkerProcessOptions {
  aggregatorUrl: string;
  name: string;
  /** where `loadArtifacts` finds circuits and keys */
  artifactsDirectory: string;
  /** threads of the proof system; default: all cores */
  threads?: number;
  /** how long a task may still run after SIGTERM, default 10,000 */
  graceMs?: number;
  /** file for the log; default: standard error */
  logFile?: string;
  logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}
