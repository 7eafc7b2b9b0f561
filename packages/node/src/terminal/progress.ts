/** A stream of lines with the time since the start, and on a terminal one live line for what is under way. */
export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #start = performance.now();
  readonly #running = new Map<string, { text: string; since: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  get elapsedSeconds(): number {
    return (performance.now() - this.#start) / 1e3;
  }

  line(text: string): void {
    this.#clear();
    this.#out.write(`${stamp(this.elapsedSeconds)}  ${text}\n`);
    this.#draw();
  }

  /** Something long begins; on a terminal its elapsed time is shown until {@link finish}. */
  begin(id: string, text: string): void {
    this.line(`${text} ...`);
    this.#running.set(id, { text, since: performance.now() });
    if (this.#out.isTTY) this.#timer ??= setInterval(() => this.#draw(), 500);
  }

  finish(id: string, text: string): void {
    this.#running.delete(id);
    if (this.#running.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.line(text);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#running.clear();
    this.#clear();
  }

  #draw(): void {
    if (!this.#out.isTTY || this.#running.size === 0) return;
    const now = performance.now();
    const parts = [...this.#running.values()].map((r) => `${r.text} ${((now - r.since) / 1e3).toFixed(0)} s`);
    const width = (this.#out.columns ?? 80) - 1;
    this.#out.write(`\r\x1b[2K${`${stamp(this.elapsedSeconds)}  ${parts.join('  |  ')}`.slice(0, width)}`);
  }

  #clear(): void {
    if (this.#out.isTTY) this.#out.write('\r\x1b[2K');
  }
}

function stamp(seconds: number): string {
  return `${seconds.toFixed(1).padStart(6)} s`;
}
