/** Steps at regular intervals, as far as the steps themselves allow: a late one does not make the following ones early. */
export class Pace {
  readonly #intervalMs: number;
  readonly #now: () => number;
  #next: number;

  constructor(options: { intervalMs: number }, modules: { now: () => number }) {
    this.#intervalMs = options.intervalMs;
    this.#now = modules.now;
    this.#next = modules.now();
  }

  /** A step begins. */
  begin(): void {
    this.#next = Math.max(this.#next, this.#now()) + this.#intervalMs;
  }

  /** Until the next step is due. */
  get waitMs(): number {
    return Math.max(0, this.#next - this.#now());
  }
}
