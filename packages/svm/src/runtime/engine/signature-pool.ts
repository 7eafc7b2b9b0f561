import { FrameChild, type Logger, PolyproofError } from '@polyproof/base';
import type { Transaction } from '../../transaction.js';
import type { SignatureVerifier } from '../types.js';
import { decodeVerdicts, encodeTransactions } from './signature-protocol.js';

export interface SignaturePoolOptions {
  /** Default 1. */
  workers?: number;
  /** Most transactions in one message to a worker. Default 64. */
  batchSize?: number;
  /** After this time over one message a worker counts as hung and is killed. Default 10,000 ms. */
  deadlineMs?: number;
}

export class SignaturePoolClosedError extends PolyproofError<'CLOSED'> {
  constructor() {
    super('CLOSED', 'signatures are not verified any more: the pool is closed.');
  }
}

/** Under load, transactions are collected for so long: small batches would cost more in system calls than in checks. */
const COLLECT_MS = 2;
/** Batches that a worker has at a time: it need not wait for the next one. */
const BATCHES_AHEAD = 2;
/** A transaction whose verification ended its worker this often counts as badly signed. */
const MAX_ATTEMPTS = 2;

interface Item {
  bytes: Uint8Array;
  attempts: number;
  resolve: (right: boolean) => void;
}

interface Worker {
  child: FrameChild;
  /** oldest first */
  batches: Item[][];
  deadline?: NodeJS.Timeout;
}

/**
 * Verifies signatures in child processes: litesvm's verifier is fast, and some inputs abort its process.
 *
 * Transactions wait here while all workers are busy, without a limit: back-pressure is the caller's.
 */
export class SignaturePool implements SignatureVerifier {
  readonly #batchSize: number;
  readonly #deadlineMs: number;
  readonly #logger: Logger;
  /** by place; a worker starts when there is work for it */
  readonly #workers: (Worker | undefined)[];
  #waiting: Item[] = [];
  /** of #waiting: up to here it has been given to workers */
  #taken = 0;
  /** had a worker that ended: verified one at a time, because one of them may be why it did */
  readonly #suspects: Item[] = [];
  #scheduled = false;
  #dispatchedAt = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(options: SignaturePoolOptions, modules: { logger: Logger }) {
    this.#batchSize = options.batchSize ?? 64;
    this.#deadlineMs = options.deadlineMs ?? 10_000;
    this.#logger = modules.logger;
    this.#workers = Array.from({ length: options.workers ?? 1 }, () => undefined);
  }

  /** Process ids of the workers that run, for operators. */
  get processIds(): number[] {
    return this.#workers.flatMap((worker) => worker?.child.processId ?? []);
  }

  /** @throws {SignaturePoolClosedError} after `close` */
  verify(transaction: Transaction): Promise<boolean> {
    if (this.#closing !== undefined) return Promise.reject(new SignaturePoolClosedError());
    return new Promise((resolve) => {
      this.#waiting.push({ bytes: transaction.bytes, attempts: 0, resolve });
      this.#schedule();
    });
  }

  /** Everything that was asked for is verified first. */
  close(): Promise<void> {
    // Not at once: the end of a process must find that it was wanted.
    this.#closing ??= Promise.resolve().then(() => this.#finish());
    return this.#closing;
  }

  async #finish(): Promise<void> {
    if (!this.#isIdle)
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    await Promise.all(this.#workers.map((worker) => worker?.child.close()));
  }

  get #isIdle(): boolean {
    return (
      this.#waiting.length === 0 &&
      this.#suspects.length === 0 &&
      this.#workers.every((worker) => worker === undefined || worker.batches.length === 0)
    );
  }

  /** What arrives in one turn of the event loop travels together, or soon after a batch what arrives until then. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const dispatch = () => {
      this.#scheduled = false;
      this.#dispatchedAt = performance.now();
      this.#dispatch();
    };
    if (performance.now() - this.#dispatchedAt < COLLECT_MS) setTimeout(dispatch, COLLECT_MS);
    else setImmediate(dispatch);
  }

  #dispatch(): void {
    // Round by round, so that a second worker is not idle while the first one has two batches.
    for (let ahead = 0; ahead < BATCHES_AHEAD; ahead++)
      for (let place = 0; place < this.#workers.length; place++) {
        if ((this.#workers[place]?.batches.length ?? 0) > ahead) continue;
        const batch = this.#next();
        if (batch.length === 0) return;
        this.#give(place, batch);
      }
  }

  #next(): Item[] {
    const suspect = this.#suspects.shift();
    if (suspect !== undefined) return [suspect];
    const batch = this.#waiting.slice(this.#taken, this.#taken + this.#batchSize);
    this.#taken += batch.length;
    // Seldom, because it moves all that is left.
    if (2 * this.#taken >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#taken);
      this.#taken = 0;
    }
    return batch;
  }

  #give(place: number, batch: Item[]): void {
    this.#workers[place] ??= this.#start(place);
    const worker = this.#workers[place];
    worker.batches.push(batch);
    worker.child.send(encodeTransactions(batch.map(({ bytes }) => bytes)));
    if (worker.batches.length === 1) this.#watch(worker);
  }

  #start(place: number): Worker {
    const child = new FrameChild(
      { importMetaUrl: import.meta.url, entry: './signature-process.js' },
      {
        onFrame: (frame) => this.#receive(worker, decodeVerdicts(frame)),
        onEnd: (why) => this.#lose(place, worker, why),
      },
    );
    const worker: Worker = { child, batches: [] };
    return worker;
  }

  #receive(worker: Worker, verdicts: boolean[]): void {
    const batch = worker.batches[0];
    if (batch === undefined || verdicts.length !== batch.length) {
      worker.child.kill(`it gave ${verdicts.length} verdicts on ${batch?.length ?? 0} transactions`);
      return;
    }
    worker.batches.shift();
    this.#watch(worker);
    batch.forEach((item, index) => {
      item.resolve(verdicts[index]!);
    });
    this.#dispatch();
    this.#tellIdle();
  }

  #watch(worker: Worker): void {
    clearTimeout(worker.deadline);
    if (worker.batches.length === 0) return;
    worker.deadline = setTimeout(
      () => worker.child.kill(`it took longer than ${this.#deadlineMs} ms`),
      this.#deadlineMs,
    );
  }

  #lose(place: number, worker: Worker, why: string): void {
    clearTimeout(worker.deadline);
    if (this.#workers[place] === worker) this.#workers[place] = undefined;
    const { batches } = worker;
    worker.batches = [];
    // It had not begun with the others.
    const [first = [], ...rest] = batches;
    for (const item of first) {
      item.attempts++;
      if (item.attempts < MAX_ATTEMPTS) this.#suspects.push(item);
      else item.resolve(false);
    }
    this.#suspects.push(...rest.flat());
    if (this.#closing === undefined || batches.length > 0)
      this.#logger.warn('a signature worker ended', {
        why,
        batches: batches.length,
        stderr: worker.child.stderr,
      });
    this.#dispatch();
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.#isIdle) this.#onIdle?.();
  }
}
