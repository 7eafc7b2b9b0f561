import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const MARK = 'COMMAND_UNDER_TEST';

const running = new Set<Command>();

/** For `afterEach`: what a failed test left running does not disturb the next one. */
export function killCommands(): void {
  for (const command of running) command.signal('SIGKILL');
}

/** The compiled command line as a process, as if started from a terminal: in a process group of its own. */
export class Command {
  stdout = '';
  stderr = '';
  /** code, or name of the signal that ended it */
  readonly exit: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;
  readonly #mark = randomUUID();
  #ended = false;

  constructor(args: string[], env: Record<string, string> = {}) {
    this.#child = spawn(process.execPath, [CLI, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...env, [MARK]: this.#mark },
    });
    this.#child.stdout!.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.#child.stderr!.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    running.add(this);
    this.exit = new Promise((resolve) =>
      // `close` comes when all of the output has been read, unlike `exit`.
      this.#child.once('close', (code, signal) => {
        this.#ended = true;
        running.delete(this);
        resolve(signal ?? code!);
      }),
    );
  }

  /** The match of the pattern, as soon as it is in the output. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return until(`${pattern} in the output`, () => {
      const match = pattern.exec(this.stdout);
      if (match === null && this.#ended) throw new RangeError(`ended without ${pattern}: ${this.stderr}`);
      return match ?? undefined;
    });
  }

  /** A signal for the main process alone. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ctrl-C in a terminal: the signal goes to the whole process group. */
  interrupt(): void {
    process.kill(-this.#child.pid!, 'SIGINT');
  }

  /**
   * Command lines, by process id, of all processes that live because of this command, itself included, wherever
   * they are in the tree: found by an environment variable that all inherit.
   */
  processes(): Map<number, string> {
    const found = new Map<number, string>();
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
      try {
        if (readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`${MARK}=${this.#mark}`))
          found.set(Number(pid), readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
      } catch {
        // It ended meanwhile, or is not ours.
      }
    return found;
  }

  /** Waits until a process of this kind runs for the command. */
  async runs(name: RegExp, count = 1): Promise<void> {
    await until(`${count} processes ${name}`, () =>
      [...this.processes().values()].filter((line) => name.test(line)).length >= count ? true : undefined,
    );
  }

  /** Kills the command's processes of this kind. */
  kill(name: RegExp): void {
    for (const [pid, line] of this.processes()) if (name.test(line)) process.kill(pid, 'SIGKILL');
  }

  /** Waits until nothing is left of the command. */
  async isGone(): Promise<void> {
    await until('the end of all processes', () => (this.processes().size === 0 ? true : undefined));
  }
}
