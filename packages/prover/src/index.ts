export { credentialsOf } from './credentials.js';
export { ProverError, type ProverErrorCode } from './errors.js';
export { type FetchArtifactsModules, fetchArtifacts } from './fetch-artifacts.js';
export { type AttemptOutcome, getProverMetrics, type ProverMetrics } from './metrics.js';
export type {
  AggregatorAddress,
  HeldPrograms,
  ProverWorkerOptions,
  WorkerProcessOptions,
} from './options.js';
export { peakMemoryBytes } from './peak-memory.js';
export { type ProverModules, ProverWorker } from './prover-worker.js';
export { startWorkerProcess, type WorkerHandle } from './start-worker-process.js';
