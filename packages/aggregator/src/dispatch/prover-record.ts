/** What one new measurement counts against all that were before. */
const WEIGHT = 0.3;
/** What a prover is taken to do until it has been measured, a core (gates a second). */
const GATES_A_SECOND_A_CORE = 20_000;
/** A prover with more failures than this still gets tasks, as if only this part of its attempts failed. */
const MOST_FAILURES = 0.9;
/** A task that has taken more than this many times its expected time is late. */
const LATE = 1.5;

/** A {@link ProverRecord} as it is stored. */
export interface Measurements {
  /** by program */
  msPerGate: Record<string, number>;
  failureRate: number;
}

/** What has been measured of one prover. */
export class ProverRecord {
  readonly #cores: number;
  readonly #msPerGate: Map<string, number>;
  #failures: number;

  /**
   * @param cores - as the prover announces them: all there is to go by at first
   * @param earlier - what was measured before
   */
  constructor(cores: number, earlier: Measurements = { msPerGate: {}, failureRate: 0 }) {
    this.#cores = Math.max(1, cores);
    this.#msPerGate = new Map(Object.entries(earlier.msPerGate));
    this.#failures = earlier.failureRate;
  }

  get measurements(): Measurements {
    return { msPerGate: Object.fromEntries(this.#msPerGate), failureRate: this.#failures };
  }

  /** Part of the attempts that failed, newer ones counting more. */
  get failureRate(): number {
    return this.#failures;
  }

  /** A task of `gates` gates took `ms`. */
  succeeded(program: string, gates: number, ms: number): void {
    const measured = ms / gates;
    const before = this.#msPerGate.get(program);
    this.#msPerGate.set(program, before === undefined ? measured : before + WEIGHT * (measured - before));
    this.#failures -= WEIGHT * this.#failures;
  }

  failed(): void {
    this.#failures += WEIGHT * (1 - this.#failures);
  }

  /** Expected time until a task of `gates` gates is proved, by as many attempts as it takes (in ms). */
  expectedMs(program: string, gates: number): number {
    return this.attemptMs(program, gates) / (1 - Math.min(this.#failures, MOST_FAILURES));
  }

  /** Expected time of one attempt (in ms). A program that it has not proved yet is taken to go as fast as the others. */
  attemptMs(program: string, gates: number): number {
    const known = this.#msPerGate.get(program);
    if (known !== undefined) return known * gates;
    const others = [...this.#msPerGate.values()];
    const typical = others.reduce((sum, ms) => sum + ms, 0) / others.length;
    return gates * (others.length > 0 ? typical : 1e3 / (this.#cores * GATES_A_SECOND_A_CORE));
  }
}

/**
 * When a task that was begun at `startedAt` is expected to end: one that is over its time, after as long again as it is over
 * it. Never before `now`.
 */
export function expectedEnd(startedAt: number, attemptMs: number, now: number): number {
  const due = startedAt + attemptMs;
  return now < due ? due : now + (now - due) + 1;
}

/** Whether a task that was begun at `startedAt` takes so long that something may be wrong. */
export function isLate(startedAt: number, attemptMs: number, now: number): boolean {
  return now > startedAt + LATE * attemptMs;
}
