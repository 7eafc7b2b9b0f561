import { parentPort, workerData } from 'node:worker_threads';
import { Poseidon2, type Poseidon2Program } from '../poseidon2/poseidon2.js';
import type { HashJob, HashResult } from './hash-job.js';

// Entry point of a hashing thread: answers each job with its hashes.
const hasher = new Poseidon2(workerData as Poseidon2Program);

parentPort?.on('message', ({ id, fields, counts }: HashJob) => {
  const start = performance.now();
  const hashes = hasher.hashMany(fields, counts);
  const result: HashResult = { id, hashes, seconds: (performance.now() - start) / 1e3 };
  parentPort?.postMessage(result, [hashes.buffer]);
});
