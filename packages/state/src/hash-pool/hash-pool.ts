import { availableParallelism } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { compiledEntry, type Service } from '@polyproof/base';
import { HashingError } from '../errors.js';
import { STATE_SIZE } from '../poseidon2/parameters.js';
import { poseidon2Program } from '../poseidon2/poseidon2.js';
import type { HashJob, HashStatistics, JobFailure, JobResult, TreeJob } from './hash-job.js';
import type { Hasher } from './hasher.js';
import { LocalHasher, type Messages, permutationsFor, permutationsOf } from './local-hasher.js';

/** permutations of a batch that is not worth sharing: about the time of a message to another thread and back */
const HASHED_AT_ONCE = 16;
/** permutations of a job: some milliseconds, so that threads end together */
const JOB_PERMUTATIONS = 128;
/** jobs that a thread has at once: while it answers one it works on the next */
const JOBS_IN_FLIGHT = 2;

/** Threads keep nothing between jobs: a large young generation would only be memory that is not given back. */
const THREAD_LIMITS = { maxYoungGenerationSizeMb: 24 };

const FIELD_BYTES = 32;
const COMPRESSED_BYTES = STATE_SIZE * FIELD_BYTES;

/** Something for a thread to do. */
interface Task {
  job(id: number): { message: HashJob | TreeJob; transfer: ArrayBuffer[] };
  done(result: Uint8Array<ArrayBuffer>): void;
  fail(error: Error): void;
}

interface Thread {
  worker: Worker;
  tasks: Map<number, Task>;
}

/**
 * Threads that hash with Poseidon2. Batches that are too small to be shared are hashed at once, on the thread that
 * asks; with one thread all are. Idle threads do not keep the process alive.
 */
export class HashPool implements Hasher, Service {
  readonly threads: number;
  readonly #hasher: LocalHasher;
  readonly #workers: Thread[];
  readonly #queue: Task[] = [];
  readonly #statistics: HashStatistics = { hashes: 0, permutations: 0, seconds: 0 };
  #nextId = 0;
  #failure: HashingError | undefined;

  /** @param options.threads - default: the cores of the machine; 1 is the thread that asks */
  constructor(options: { threads?: number } = {}) {
    this.threads = options.threads ?? availableParallelism();
    const program = poseidon2Program();
    this.#hasher = new LocalHasher(program);
    const entry = compiledEntry(import.meta.url, './hash-thread.js');
    this.#workers = Array.from({ length: this.threads === 1 ? 0 : this.threads }, () => {
      const thread: Thread = {
        worker: new Worker(entry, { workerData: program, execArgv: [], resourceLimits: THREAD_LIMITS }),
        tasks: new Map(),
      };
      thread.worker.unref();
      thread.worker.on('message', (answer: JobResult | JobFailure) => this.#finish(thread, answer));
      thread.worker.on('error', (error) => this.#fail(error.message));
      thread.worker.on('exit', () => this.#fail('it has ended'));
      return thread;
    });
  }

  /** Counted since the pool was opened. */
  get statistics(): Readonly<HashStatistics> {
    this.#count(this.#hasher.takeStatistics());
    return this.#statistics;
  }

  /**
   * Hashes many messages as `hashFields` would.
   * @param fields - the messages one after the other, each field 32 big-endian bytes of a number below the modulus
   * @param counts - the number of fields of each message
   * @returns the hashes one after the other, 32 big-endian bytes each
   * @throws {HashingError} `HASHING_CLOSED` where a thread failed or the pool was closed
   */
  hashMany(fields: Uint8Array, counts: Uint32Array<ArrayBuffer>): Promise<Uint8Array> {
    return this.#execute({ fields, counts });
  }

  /**
   * Compresses four fields at a time, as `compressFields` would.
   * @param fields - 32 big-endian bytes each, of numbers below the modulus
   * @returns the results one after the other, 32 big-endian bytes each
   * @throws {HashingError} `HASHING_CLOSED` where a thread failed or the pool was closed
   */
  compressMany(fields: Uint8Array): Promise<Uint8Array> {
    return this.#execute({ fields, counts: undefined });
  }

  async #execute(messages: Messages): Promise<Uint8Array> {
    if (this.#failure !== undefined) throw this.#failure;
    const permutations = permutationsFor(messages);
    if (permutations <= HASHED_AT_ONCE) return this.#hasher.execute(messages);
    const { fields, counts } = messages;
    const size = jobSize(permutations, this.threads);
    const slices = counts === undefined ? splitEvenly(fields, size) : split(fields, counts, size);
    const results = new Uint8Array(FIELD_BYTES * (counts?.length ?? permutations));
    if (this.#workers.length === 0)
      for (const slice of slices) {
        // A turn for others before each part: a second's work would stop them.
        await nextTurn();
        if (this.#failure !== undefined) throw this.#failure;
        results.set(this.#hasher.execute(slice), slice.first * FIELD_BYTES);
      }
    else
      await Promise.all(
        slices.map(async ({ first, fields: part, counts: lengths }) => {
          const message = (id: number) => {
            // a copy, which the thread gets to keep; `slice` of a Buffer would be a view
            const copy = new Uint8Array(part);
            return { message: { id, fields: copy, counts: lengths }, transfer: [copy.buffer] };
          };
          results.set(await this.#run(message), first * FIELD_BYTES);
        }),
      );
    return results;
  }

  /**
   * Has a thread execute a part of an update: see account-tree/execute-part.ts. There must be more than one thread.
   * @param part - moves to the thread
   * @throws {HashingError} `HASHING_CLOSED` where a thread failed or the pool was closed
   */
  async changePart(part: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#run((id) => ({ message: { id, part }, transfer: [part.buffer] }));
  }

  async close(): Promise<void> {
    this.#fail('it was closed');
    await Promise.all(this.#workers.map(({ worker }) => worker.terminate()));
  }

  #run(job: Task['job']): Promise<Uint8Array<ArrayBuffer>> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, done: resolve, fail: reject });
      this.#hand();
    });
  }

  /** Gives queued tasks to threads that have room, so that none has two while another has none. */
  #hand(): void {
    for (let room = 1; room <= JOBS_IN_FLIGHT; room++)
      for (const thread of this.#workers) {
        if (thread.tasks.size >= room) continue;
        const task = this.#queue.shift();
        if (task === undefined) return;
        const id = this.#nextId++;
        const { message, transfer } = task.job(id);
        if (thread.tasks.size === 0) thread.worker.ref();
        thread.tasks.set(id, task);
        thread.worker.postMessage(message, transfer);
      }
  }

  #finish(thread: Thread, answer: JobResult | JobFailure): void {
    const task = thread.tasks.get(answer.id);
    thread.tasks.delete(answer.id);
    if (thread.tasks.size === 0) thread.worker.unref();
    if ('failure' in answer) {
      task?.fail(new HashingError('HASHING_CLOSED', `a hashing thread failed: ${answer.failure}`));
      this.#fail(answer.failure);
      return;
    }
    this.#hand();
    this.#count(answer.statistics);
    task?.done(answer.result);
  }

  #count({ hashes, permutations, seconds }: HashStatistics): void {
    this.#statistics.hashes += hashes;
    this.#statistics.permutations += permutations;
    this.#statistics.seconds += seconds;
  }

  #fail(reason: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = new HashingError(
      'HASHING_CLOSED',
      `a hashing thread is gone: ${reason}. Open the account tree anew to go on.`,
    );
    for (const { worker, tasks } of this.#workers) {
      for (const task of tasks.values()) task.fail(this.#failure);
      tasks.clear();
      worker.unref();
    }
    for (const task of this.#queue.splice(0)) task.fail(this.#failure);
  }
}

/** Some messages of a batch. */
interface Slice extends Messages {
  first: number;
}

/** Permutations of a job, so that all threads have work. */
function jobSize(permutations: number, threads: number): number {
  return Math.min(JOB_PERMUTATIONS, Math.max(HASHED_AT_ONCE, Math.ceil(permutations / threads)));
}

function split(fields: Uint8Array, counts: Uint32Array<ArrayBuffer>, size: number): Slice[] {
  const slices: Slice[] = [];
  let [first, start, end, permutations] = [0, 0, 0, 0];
  for (let i = 0; i < counts.length; i++) {
    end += counts[i]! * FIELD_BYTES;
    permutations += permutationsOf(counts[i]!);
    if (permutations < size && i + 1 < counts.length) continue;
    slices.push({ first, counts: counts.slice(first, i + 1), fields: fields.subarray(start, end) });
    [first, start, permutations] = [i + 1, end, 0];
  }
  return slices;
}

function splitEvenly(fields: Uint8Array, size: number): Slice[] {
  const slices: Slice[] = [];
  const bytes = size * COMPRESSED_BYTES;
  for (let first = 0; first * COMPRESSED_BYTES < fields.length; first += size) {
    const start = first * COMPRESSED_BYTES;
    slices.push({ first, counts: undefined, fields: fields.subarray(start, start + bytes) });
  }
  return slices;
}
