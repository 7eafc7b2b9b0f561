import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { FRAME_FD } from './frame-host.js';
import { FrameStream } from './frame-stream.js';
import { forkEntry } from './process.js';

const STDERR_CHARACTERS = 2_000;

export interface FrameChildOptions {
  /** `import.meta.url` of the caller */
  importMetaUrl: string;
  /** path from the caller to the entry, as in an import; the entry calls `serveFrames` */
  entry: string;
  args?: string[];
}

/** A Node process that frames of bytes are exchanged with: no structured clone, no JSON. */
export class FrameChild {
  readonly #process: ChildProcess;
  readonly #stream: FrameStream;
  readonly #onEnd: (why: string) => void;
  readonly #exited: Promise<void>;
  #stderr = '';
  #ended = false;

  /** @param modules - `onEnd`: called once, whatever ends the child; no frame comes after it */
  constructor(
    options: FrameChildOptions,
    modules: { onFrame: (frame: Buffer) => void; onEnd: (why: string) => void },
  ) {
    this.#onEnd = modules.onEnd;
    // In a session of its own, so that Ctrl-C in a terminal does not end it in the middle of its work.
    this.#process = forkEntry(options.importMetaUrl, options.entry, options.args, {
      execArgv: [],
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
    });
    const socket = this.#process.stdio[FRAME_FD] as Socket;
    // A child that dies breaks the pipe; its end is told by 'close'.
    socket.on('error', () => undefined);
    this.#stream = new FrameStream(
      { gather: true },
      {
        socket,
        onFrame: (frame) => {
          if (!this.#ended) modules.onFrame(frame);
        },
        onBroken: (why) => this.kill(why),
      },
    );
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_CHARACTERS);
    });
    this.#exited = new Promise((resolve) => {
      // 'close' comes after 'exit', once all that the process wrote has been read.
      this.#process.on('close', (code, signal) => {
        resolve();
        this.#end(`it ended with ${signal ?? `code ${code}`}`);
      });
      this.#process.on('error', (error) => {
        resolve();
        this.#end(error.message);
      });
    });
  }

  get processId(): number | undefined {
    return this.#process.pid;
  }

  /** The end of what the child wrote to its standard error: a panic message, say. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Sends one frame that consists of these parts; they must not change afterwards. Ignored once the child has ended. */
  send(...parts: Uint8Array[]): void {
    if (!this.#ended) this.#stream.send(...parts);
  }

  /** Ends the child at once. @param why - what `onEnd` is told */
  kill(why: string): void {
    this.#process.kill('SIGKILL');
    this.#end(why);
  }

  /** Ends the child and waits until it is gone. */
  async close(): Promise<void> {
    this.kill('it was closed');
    await this.#exited;
  }

  #end(why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd(why);
  }
}
