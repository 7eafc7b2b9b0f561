import { parentPort, workerData } from 'node:worker_threads';
import { errorMessage } from '@polyproof/base';
import { executePart } from '../account-tree/execute-part.js';
import type { Poseidon2Program } from '../poseidon2/poseidon2.js';
import type { HashJob, JobFailure, JobResult, TreeJob } from './hash-job.js';
import { LocalHasher } from './local-hasher.js';

// Entry point of a hashing thread: answers each job, one after the other.
const hasher = new LocalHasher(workerData as Poseidon2Program);
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (job: HashJob | TreeJob) => {
  last = last.then(() => answer(job));
});

async function answer(job: HashJob | TreeJob): Promise<void> {
  try {
    const result = 'part' in job ? await executePart(job.part, hasher) : hasher.execute(job);
    const message: JobResult = { id: job.id, result, statistics: hasher.takeStatistics() };
    parentPort?.postMessage(message, [result.buffer]);
  } catch (error) {
    const message: JobFailure = { id: job.id, failure: errorMessage(error) };
    parentPort?.postMessage(message);
  }
}
