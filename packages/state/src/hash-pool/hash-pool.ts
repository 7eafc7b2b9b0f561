import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Service } from '@polyproof/base';
import { HashingError } from '../errors.js';
import { RATE } from '../poseidon2/parameters.js';
import { Poseidon2, poseidon2Program } from '../poseidon2/poseidon2.js';
import type { HashJob, HashResult } from './hash-job.js';

/** permutations of a batch that is not worth sharing: about the time of a message to another thread and back */
const HASHED_AT_ONCE = 16;
/** permutations of a job: some milliseconds, so that threads end together and this one stays responsive */
const JOB_PERMUTATIONS = 128;
/** jobs that a thread has at once: while it answers one it works on the next */
const JOBS_IN_FLIGHT = 4;
/** permutations of a message that other threads take, where there are any: a second's work would stop this one */
const LONG_MESSAGE = 512;

const FIELD_BYTES = 32;

/** Counted since the pool was opened. */
export interface HashStatistics {
  hashes: number;
  permutations: number;
  /** spent hashing, summed over all threads */
  seconds: number;
}

interface Part {
  first: number;
  counts: Uint32Array<ArrayBuffer>;
  fields: Uint8Array;
  permutations: number;
  done(hashes: Uint8Array): void;
  fail(error: Error): void;
}

interface Thread {
  worker: Worker;
  jobs: Map<number, Part>;
}

/**
 * Poseidon2 on several threads, this one among them. Batches that are too small to be shared are hashed at once.
 * Idle threads do not keep the process alive.
 */
export class HashPool implements Service {
  readonly threads: number;
  readonly #hasher: Poseidon2;
  readonly #others: Thread[];
  readonly #queue: Part[] = [];
  readonly #statistics: HashStatistics = { hashes: 0, permutations: 0, seconds: 0 };
  #nextId = 0;
  /** whether this thread works on the queue */
  #taking = false;
  #failure: HashingError | undefined;

  /** @param options.threads - this one among them; default: the cores of the machine */
  constructor(options: { threads?: number } = {}) {
    this.threads = options.threads ?? availableParallelism();
    const program = poseidon2Program();
    this.#hasher = new Poseidon2(program);
    // Node runs only JavaScript: a thread is compiled code also where this file is not (tests)
    const entry = fileURLToPath(new URL('./hash-thread.js', import.meta.url)).replace(
      /([\\/])src([\\/])(?=hash-pool)/,
      '$1dist$2',
    );
    this.#others = Array.from({ length: this.threads - 1 }, () => {
      const thread: Thread = {
        worker: new Worker(entry, { workerData: program, execArgv: [] }),
        jobs: new Map(),
      };
      thread.worker.unref();
      thread.worker.on('message', (result: HashResult) => this.#finish(thread, result));
      thread.worker.on('error', (error) => this.#fail(error.message));
      thread.worker.on('exit', () => this.#fail('it has ended'));
      return thread;
    });
  }

  get statistics(): Readonly<HashStatistics> {
    return this.#statistics;
  }

  /**
   * Hashes many messages as `hashFields` would.
   * @param fields - the messages one after the other, each field 32 big-endian bytes of a number below the modulus
   * @param counts - the number of fields of each message
   * @returns the hashes one after the other, 32 big-endian bytes each
   * @throws {HashingError} `HASHING_CLOSED` where a thread failed or the pool was closed
   */
  async hashMany(fields: Uint8Array, counts: Uint32Array<ArrayBuffer>): Promise<Uint8Array> {
    if (this.#failure !== undefined) throw this.#failure;
    const all = { first: 0, counts, fields, permutations: sumOfPermutations(counts) };
    if (all.permutations <= HASHED_AT_ONCE) return this.#hashHere(all);
    const hashes = new Uint8Array(counts.length * FIELD_BYTES);
    const parts = split(all, jobSize(all.permutations, this.threads));
    const work = parts.map(
      (part) =>
        new Promise<void>((resolve, reject) => {
          this.#queue.push({
            ...part,
            done: (result) => {
              hashes.set(result, part.first * FIELD_BYTES);
              resolve();
            },
            fail: reject,
          });
        }),
    );
    this.#hand();
    void this.#takeParts();
    await Promise.all(work);
    return hashes;
  }

  async close(): Promise<void> {
    this.#fail('it was closed');
    await Promise.all(this.#others.map(({ worker }) => worker.terminate()));
  }

  /** Works on what other threads leave in the queue, with a turn of the event loop before each job. */
  async #takeParts(): Promise<void> {
    if (this.#taking) return;
    this.#taking = true;
    for (;;) {
      await nextTurn();
      this.#hand();
      const index = this.#queue.findIndex(
        ({ permutations }) => this.#others.length === 0 || permutations < LONG_MESSAGE,
      );
      const [part] = index < 0 ? [] : this.#queue.splice(index, 1);
      if (part === undefined) break;
      part.done(this.#hashHere(part));
    }
    this.#taking = false;
  }

  #hashHere({ fields, counts, permutations }: Slice): Uint8Array {
    const start = performance.now();
    const hashes = this.#hasher.hashMany(fields, counts);
    this.#count(counts.length, permutations, (performance.now() - start) / 1e3);
    return hashes;
  }

  #count(hashes: number, permutations: number, seconds: number): void {
    this.#statistics.hashes += hashes;
    this.#statistics.permutations += permutations;
    this.#statistics.seconds += seconds;
  }

  /** Gives queued jobs to threads that have room; of a second job for each, one is left for this thread. */
  #hand(): void {
    for (let round = 1; round <= JOBS_IN_FLIGHT; round++)
      for (const thread of this.#others) {
        if (thread.jobs.size >= round) continue;
        if (this.#queue.length < round) return;
        const part = this.#queue.shift()!;
        // a copy, which the thread gets to keep; `slice` of a Buffer would be a view
        const job: HashJob = {
          id: this.#nextId++,
          fields: new Uint8Array(part.fields),
          counts: part.counts,
        };
        if (thread.jobs.size === 0) thread.worker.ref();
        thread.jobs.set(job.id, part);
        thread.worker.postMessage(job, [job.fields.buffer]);
      }
  }

  #finish(thread: Thread, { id, hashes, seconds }: HashResult): void {
    const part = thread.jobs.get(id);
    thread.jobs.delete(id);
    if (thread.jobs.size === 0) thread.worker.unref();
    this.#hand();
    if (part === undefined) return;
    this.#count(part.counts.length, part.permutations, seconds);
    part.done(hashes);
  }

  #fail(reason: string): void {
    this.#failure ??= new HashingError(
      'HASHING_CLOSED',
      `a hashing thread is gone: ${reason}. Open the account tree anew to go on.`,
    );
    for (const { worker, jobs } of this.#others) {
      for (const part of jobs.values()) part.fail(this.#failure);
      jobs.clear();
      worker.unref();
    }
    for (const part of this.#queue.splice(0)) part.fail(this.#failure);
  }
}

type Slice = Pick<Part, 'first' | 'counts' | 'fields' | 'permutations'>;

function permutationsOf(count: number): number {
  return Math.max(1, Math.ceil(count / RATE));
}

function sumOfPermutations(counts: Uint32Array): number {
  let sum = 0;
  for (const count of counts) sum += permutationsOf(count);
  return sum;
}

/** Permutations of a job, so that all threads have work. */
function jobSize(permutations: number, threads: number): number {
  return Math.min(JOB_PERMUTATIONS, Math.max(HASHED_AT_ONCE, Math.ceil(permutations / threads)));
}

function split({ fields, counts }: Slice, size: number): Slice[] {
  const parts: Slice[] = [];
  let [first, start, end, permutations] = [0, 0, 0, 0];
  for (let i = 0; i < counts.length; i++) {
    end += counts[i]! * FIELD_BYTES;
    permutations += permutationsOf(counts[i]!);
    if (permutations < size && i + 1 < counts.length) continue;
    parts.push({
      first,
      counts: counts.slice(first, i + 1),
      fields: fields.subarray(start, end),
      permutations,
    });
    [first, start, permutations] = [i + 1, end, 0];
  }
  return parts;
}
