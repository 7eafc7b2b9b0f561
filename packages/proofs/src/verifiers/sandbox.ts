import { Worker } from 'node:worker_threads';
import { compiledEntry, Mutex, type Service } from '@polyproof/base';
import type { SandboxJob } from './sandbox-thread.js';
import type { Verdict, VerificationFiles } from './system.js';
import { isVerifierSystem, tooLarge, VERIFIER_SYSTEMS } from './systems.js';

interface Thread {
  worker: Worker;
  /** what it says next: 'ready' when it waits for a job */
  next: Promise<Verdict | 'ready'>;
  answer(value: Verdict | 'ready'): void;
  /** replaces {@link next}; a known one is there already */
  expect(known?: 'ready'): void;
}

export interface VerifierSandboxOptions {
  /** heap of the thread in megabytes; a verification that takes more is undecided. Default: 512 */
  memoryMb?: number;
  /** what a verification may take, instead of its system's limit */
  timeMs?: number;
}

/**
 * Verifies proofs of strangers in a thread of its own, one after the other. A verification that takes too long or too
 * much memory costs its thread, and nothing else: the next one starts another.
 */
export class VerifierSandbox implements Service {
  readonly #memoryMb: number;
  readonly #timeMs: number | undefined;
  readonly #mutex = new Mutex();
  #thread: Thread | undefined;
  #closed = false;

  constructor({ memoryMb = 512, timeMs }: VerifierSandboxOptions = {}) {
    this.#memoryMb = memoryMb;
    this.#timeMs = timeMs;
  }

  /**
   * What is known of a proof; it never throws. The time limit counts from when the thread takes the proof up.
   * @param system - a name of {@link VERIFIER_SYSTEMS}; another is undecided
   */
  async verify(system: string, files: VerificationFiles): Promise<Verdict> {
    if (!isVerifierSystem(system)) return undecided(`no proof system "${system}" is known here`);
    const large = tooLarge(system, files);
    if (large !== undefined) return { verdict: 'invalid', reason: large };
    const timeMs = this.#timeMs ?? VERIFIER_SYSTEMS[system].limits.timeMs;
    return this.#mutex.run(() => this.#run({ system, ...files }, timeMs));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#stop();
  }

  async #run(job: SandboxJob, timeMs: number): Promise<Verdict> {
    if (this.#closed) return undecided('the sandbox is closed');
    this.#thread ??= this.#start();
    const thread = this.#thread;
    thread.worker.ref();
    if ((await thread.next) === 'ready') {
      thread.expect();
      thread.worker.postMessage(job);
    }
    const timer = setTimeout(() => thread.answer(undecided(`it took longer than ${timeMs} ms`)), timeMs);
    const verdict = (await thread.next) as Verdict;
    clearTimeout(timer);
    thread.worker.unref();
    if (verdict.verdict === 'undecided') await this.#stop();
    else thread.expect('ready');
    return verdict;
  }

  #start(): Thread {
    const entry = compiledEntry(import.meta.url, './sandbox-thread.js');
    const worker = new Worker(entry, {
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: this.#memoryMb, maxYoungGenerationSizeMb: 32 },
    });
    let answer: (answer: Verdict | 'ready') => void = () => {};
    const thread: Thread = {
      worker,
      next: new Promise((resolve) => {
        answer = resolve;
      }),
      answer: (value) => answer(value),
      expect: (known) => {
        thread.next = new Promise((resolve) => {
          answer = resolve;
        });
        if (known !== undefined) answer(known);
      },
    };
    worker.on('message', thread.answer);
    worker.on('error', (error: NodeJS.ErrnoException) =>
      thread.answer(
        undecided(
          error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? `it took more than ${this.#memoryMb} MB of memory`
            : `the thread that verified it failed: ${error.message}`,
        ),
      ),
    );
    worker.on('exit', () => thread.answer(undecided('the thread that verified it has ended')));
    return thread;
  }

  async #stop(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.worker.terminate();
  }
}

function undecided(reason: string): Verdict {
  return { verdict: 'undecided', reason };
}
