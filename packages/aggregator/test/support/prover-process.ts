import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { HELD } from './fake-rollup.js';

const FIXTURE = fileURLToPath(new URL('../fixtures/prover-process.mjs', import.meta.url));

/** A prover in a process of its own, whose proofs cost nothing. */
export class ProverProcess {
  readonly exited: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #wake = () => {};

  constructor(options: {
    url: string;
    name: string;
    mode: 'honest' | 'lying' | 'waiting';
    keyFile?: string;
  }) {
    const given = JSON.stringify({ ...options, held: HELD });
    this.#child = spawn(process.execPath, [FIXTURE, given], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.#lines.push(line);
      this.#wake();
    });
    this.exited = new Promise((resolve) =>
      this.#child.once('exit', (code, signal) => resolve(signal ?? code!)),
    );
  }

  /** What it said so far. */
  get said(): readonly string[] {
    return this.#lines;
  }

  /** Resolves when it has said `count` lines that match. */
  async says(pattern: RegExp, count = 1): Promise<void> {
    while (this.#lines.filter((line) => pattern.test(line)).length < count)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  /** Lets a waiting prover finish one proof. */
  finish(): void {
    this.#child.stdin!.write('\n');
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async close(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }
}
