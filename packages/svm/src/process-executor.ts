import type { ChildProcess } from 'node:child_process';
import { forkEntry, type Logger, Mutex, stopChild } from '@polyproof/base';
import type { Account } from '@polyproof/state';
import type { EngineCall, EngineRequest, EngineResponse, EngineTransaction } from './engine-protocol.js';
import { ExecutorCrashedError, ExecutorNotLoadedError } from './errors.js';
import type { BlockInput, BlockResult, Executor } from './executor.js';
import { isWritable } from './message.js';
import { decodeTransaction } from './transaction.js';

export interface ProcessExecutorOptions {
  /** After this time in one call the engine counts as hung and is killed. Default 10,000 ms. */
  deadlineMs?: number;
}

/** accounts in one message to the engine */
const LOAD_CHUNK = 2_000;
const STDERR_CHARACTERS = 2_000;

interface Child {
  process: ChildProcess;
  /** end of what the process said before it died: a panic message */
  stderr: string;
  pending?: { id: number; settle: (response: EngineResponse) => void; fail: (why: string) => void };
}

/**
 * The engine in a child process, because some inputs abort the process that it runs in.
 *
 * Only strictly decoded transactions reach the child. When it dies, hangs or fails, the running call rejects, and
 * the next {@link reset} starts a new child.
 */
export class ProcessExecutor implements Executor {
  readonly #deadlineMs: number;
  readonly #logger: Logger;
  readonly #mutex = new Mutex();
  #child: Child | undefined;
  #loaded = false;
  #closed = false;
  #nextId = 1;

  constructor(options: ProcessExecutorOptions, modules: { logger: Logger }) {
    this.#deadlineMs = options.deadlineMs ?? 10_000;
    this.#logger = modules.logger;
  }

  get needsReset(): boolean {
    return !this.#loaded;
  }

  /** Process id of the engine while it runs, for operators. */
  get processId(): number | undefined {
    return this.#child?.process.pid;
  }

  reset(accounts: Iterable<[Uint8Array, Account]>): Promise<void> {
    return this.#mutex.run(async () => {
      this.#loaded = false;
      await this.#call({ method: 'reset' }, 'resetting its state');
      let chunk: [Uint8Array, Account][] = [];
      const flush = async () => {
        await this.#call({ method: 'load', accounts: chunk }, `loading ${chunk.length} accounts`);
        chunk = [];
      };
      for (const entry of accounts) {
        chunk.push(entry);
        if (chunk.length === LOAD_CHUNK) await flush();
      }
      if (chunk.length > 0) await flush();
      this.#loaded = true;
    });
  }

  executeBlock(block: BlockInput): Promise<BlockResult> {
    return this.#mutex.run(async () => {
      if (!this.#loaded) throw new ExecutorNotLoadedError();
      const transactions = block.transactions.map(forEngine);
      const result = await this.#call(
        { method: 'executeBlock', block: { ...block, transactions } },
        `executing block ${block.slot} with ${transactions.length} transactions`,
      );
      return result!;
    });
  }

  close(): Promise<void> {
    return this.#mutex.run(async () => {
      this.#closed = true;
      this.#loaded = false;
      const child = this.#child;
      this.#child = undefined;
      if (child !== undefined) await stopChild(child.process);
    });
  }

  /** One call; whatever goes wrong with it costs the child its life, because its state is unknown then. */
  async #call(call: EngineCall, doing: string): Promise<BlockResult | undefined> {
    if (this.#closed) throw new ExecutorNotLoadedError();
    this.#child ??= this.#start();
    const child = this.#child;
    const id = this.#nextId++;
    const request: EngineRequest = { id, call };
    const response = await new Promise<EngineResponse | string>((resolve) => {
      const end = (outcome: EngineResponse | string) => {
        clearTimeout(timer);
        delete child.pending;
        resolve(outcome);
      };
      const timer = setTimeout(() => end(`it took longer than ${this.#deadlineMs} ms`), this.#deadlineMs);
      child.pending = { id, settle: end, fail: end };
      child.process.send(request, (error) => {
        if (error !== null) end(error.message);
      });
    });
    if (typeof response !== 'string' && 'result' in response) return response.result;
    this.#discard(child);
    const why = typeof response === 'string' ? response : response.error.message;
    const error = new ExecutorCrashedError(
      'EXECUTOR_CRASHED',
      `the execution engine failed while ${doing}: ${why}. It starts again with the next block.`,
      { doing, why, stderr: child.stderr },
    );
    this.#logger.warn('the executor crashed', { ...error.details }, error);
    throw error;
  }

  #start(): Child {
    // In a session of its own, so that Ctrl-C in a terminal ends it after the block at hand, when it is closed.
    const process = forkEntry(import.meta.url, './executor-process.js', [], {
      execArgv: [],
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const child: Child = { process, stderr: '' };
    process.stderr?.on('data', (chunk: Buffer) => {
      child.stderr = (child.stderr + chunk.toString()).slice(-STDERR_CHARACTERS);
    });
    process.on('message', (response: EngineResponse) => {
      if (child.pending?.id === response.id) child.pending.settle(response);
    });
    // 'close' comes after 'exit', once all that the process wrote has been read.
    process.on('close', (code, signal) => {
      child.pending?.fail(`it ended with ${signal ?? `code ${code}`}`);
      this.#discard(child);
    });
    process.on('error', (error) => child.pending?.fail(error.message));
    return child;
  }

  #discard(child: Child): void {
    child.process.kill('SIGKILL');
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#loaded = false;
  }
}

function forEngine(bytes: Uint8Array): EngineTransaction {
  const { message, signatures } = decodeTransaction(bytes);
  return {
    bytes,
    feePayer: message.accountKeys[0]!,
    writable: message.accountKeys.filter((_, index) => isWritable(message, index)),
    signatures: signatures.length,
  };
}
