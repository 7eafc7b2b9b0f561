const LIMIT_BYTES = 10_000;
const encoder = new TextEncoder();

/** Log lines of a transaction, cut off where Agave cuts them off. */
export class LogCollector {
  readonly lines: string[] = [];
  #bytes = 0;
  #full = false;

  log(line: string): void {
    const bytes = this.#bytes + encoder.encode(line).length;
    if (bytes < LIMIT_BYTES) {
      this.#bytes = bytes;
      this.lines.push(line);
    } else if (!this.#full) {
      this.#full = true;
      this.lines.push('Log truncated');
    }
  }
}
