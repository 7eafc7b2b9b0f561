export { ProverError, type ProverErrorCode } from './errors.js';
export type { ProverWorkerOptions, WorkerProcessOptions } from './options.js';
export { peakMemoryBytes } from './peak-memory.js';
export { type ProverModules, ProverWorker } from './prover-worker.js';
export { startWorkerProcess, type WorkerHandle } from './start-worker-process.js';
