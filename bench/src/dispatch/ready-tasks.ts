import type { SimulatedTask } from './simulation.js';

/** Tasks in the order of their sequences, of which some are ready. */
export class ReadyTasks {
  readonly #tasks: readonly SimulatedTask[];
  readonly #place: ReadonlyMap<SimulatedTask, number>;
  readonly #ready: boolean[] = [];
  /** since when a task waits while one behind it was started */
  readonly #passedAt: (number | undefined)[] = [];
  #size = 0;
  /** no task before it is ready */
  #first = 0;

  constructor(tasks: readonly SimulatedTask[]) {
    this.#tasks = tasks;
    this.#place = new Map(tasks.map((task, i) => [task, i]));
  }

  get size(): number {
    return this.#size;
  }

  add(task: SimulatedTask): void {
    const place = this.#place.get(task)!;
    if (this.#ready[place] !== true) this.#size++;
    this.#ready[place] = true;
    this.#first = Math.min(this.#first, place);
  }

  /**
   * Takes one that is started now.
   * @returns how long it was ready while one behind it was started already (ms)
   */
  take(task: SimulatedTask, now: number): number {
    const place = this.#place.get(task)!;
    for (let i = this.#first; i < place; i++) if (this.#ready[i] === true) this.#passedAt[i] ??= now;
    this.#ready[place] = false;
    this.#size--;
    const behind = now - (this.#passedAt[place] ?? now);
    this.#passedAt[place] = undefined;
    return behind;
  }

  /** The first ones that are ready, at most `most`. */
  first(most: number): SimulatedTask[] {
    while (this.#first < this.#tasks.length && this.#ready[this.#first] !== true) this.#first++;
    const found: SimulatedTask[] = [];
    for (let i = this.#first; i < this.#tasks.length && found.length < most; i++)
      if (this.#ready[i] === true) found.push(this.#tasks[i]!);
    return found;
  }
}
