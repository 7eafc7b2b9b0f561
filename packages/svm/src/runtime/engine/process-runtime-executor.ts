import { errorMessage, FrameChild, InvariantError, type Logger } from '@polyproof/base';
import { ExecutorCrashedError } from '../../errors.js';
import type {
  GroupResult,
  GroupWork,
  RuntimeContext,
  RuntimeExecutor,
  SimulationResult,
  SimulationWork,
} from '../types.js';
import {
  decodeReply,
  type EngineReply,
  encodeBeginBlock,
  encodeExecute,
  encodeSimulate,
} from './engine-protocol.js';

export interface ProcessRuntimeExecutorOptions {
  /** After this time over one call the engine counts as hung and is killed. Default 10,000 ms. */
  deadlineMs?: number;
}

interface Call {
  doing: string;
  resolve: (reply: EngineReply) => void;
  reject: (error: ExecutorCrashedError) => void;
}

/**
 * The execution engine in a child process, because some inputs abort the process that it runs in.
 *
 * Whatever goes wrong in a call costs the engine its life, because its state is unknown then; the next call starts a
 * new one, which is given the block's context again, but no accounts: see {@link RuntimeExecutor.generation}.
 */
export class ProcessRuntimeExecutor implements RuntimeExecutor {
  readonly #deadlineMs: number;
  readonly #logger: Logger;
  #child: FrameChild | undefined;
  #context: Buffer | undefined;
  /** calls under way by their numbers, in the order in which they were made */
  readonly #calls = new Map<number, Call>();
  #nextId = 1;
  #generation = 1;
  #deadline: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(options: ProcessRuntimeExecutorOptions, modules: { logger: Logger }) {
    this.#deadlineMs = options.deadlineMs ?? 10_000;
    this.#logger = modules.logger;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Process id of the engine while it runs, for operators. */
  get processId(): number | undefined {
    return this.#child?.processId;
  }

  beginBlock(context: RuntimeContext): void {
    this.#context = encodeBeginBlock(context);
    this.#child?.send(this.#context);
  }

  async execute(work: GroupWork): Promise<GroupResult> {
    const doing = `executing ${work.transactions.length} transactions`;
    const reply = await this.#call(doing, (id) => encodeExecute(id, work));
    if (reply.kind !== 'result') throw new InvariantError(`the engine answered with a ${reply.kind}`);
    return reply.result;
  }

  async simulate(work: SimulationWork): Promise<SimulationResult> {
    const reply = await this.#call('simulating a transaction', (id) => encodeSimulate(id, work));
    if (reply.kind !== 'simulation') throw new InvariantError(`the engine answered with a ${reply.kind}`);
    return reply.result;
  }

  /** Finishes the calls under way. */
  close(): Promise<void> {
    // Not at once: the end of a process must find that it was wanted.
    this.#closing ??= Promise.resolve().then(() => this.#finish());
    return this.#closing;
  }

  async #finish(): Promise<void> {
    if (this.#calls.size > 0)
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    await this.#child?.close();
  }

  #call(doing: string, encode: (id: number) => Buffer): Promise<EngineReply> {
    if (this.#closing !== undefined) return Promise.reject(crashed(doing, 'it was closed', ''));
    const child = this.#child ?? this.#start();
    const id = this.#nextId++;
    child.send(encode(id));
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { doing, resolve, reject });
      if (this.#calls.size === 1) this.#watch();
    });
  }

  #start(): FrameChild {
    const child = new FrameChild(
      { importMetaUrl: import.meta.url, entry: './engine-process.js' },
      {
        onFrame: (frame) => this.#receive(child, frame),
        onEnd: (why) => this.#lose(child, why),
      },
    );
    this.#child = child;
    if (this.#context !== undefined) child.send(this.#context);
    return child;
  }

  #receive(child: FrameChild, frame: Buffer): void {
    let reply: EngineReply;
    try {
      reply = decodeReply(frame);
    } catch (error) {
      child.kill(`its answer cannot be read: ${errorMessage(error)}`);
      return;
    }
    if (reply.kind === 'failure') {
      child.kill(reply.error.message);
      return;
    }
    const call = this.#calls.get(reply.id);
    if (call === undefined) {
      child.kill(`it answered call ${reply.id}, which nobody made`);
      return;
    }
    this.#calls.delete(reply.id);
    this.#watch();
    call.resolve(reply);
    if (this.#calls.size === 0) this.#onIdle?.();
  }

  /** The engine has the whole time for the first of the calls; it has not begun with the others. */
  #watch(): void {
    clearTimeout(this.#deadline);
    if (this.#calls.size === 0) return;
    this.#deadline = setTimeout(
      () => this.#child?.kill(`it took longer than ${this.#deadlineMs} ms`),
      this.#deadlineMs,
    );
  }

  #lose(child: FrameChild, why: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#generation++;
    clearTimeout(this.#deadline);
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    if (this.#closing === undefined)
      this.#logger.warn('the execution engine ended', { why, calls: calls.length, stderr: child.stderr });
    for (const { doing, reject } of calls) reject(crashed(doing, why, child.stderr));
    this.#onIdle?.();
  }
}

function crashed(doing: string, why: string, stderr: string): ExecutorCrashedError {
  return new ExecutorCrashedError(
    'EXECUTOR_CRASHED',
    `the execution engine failed while ${doing}: ${why}. It starts again with the next call.`,
    { doing, why, stderr },
  );
}
