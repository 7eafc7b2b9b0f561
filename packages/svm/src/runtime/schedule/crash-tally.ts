import { RuntimeError } from './errors.js';

/** A transaction that crashes the engine so often when it is alone is to blame. */
const POISON_CRASHES = 2;
/** crashes that such a transaction causes: in its group, and alone */
const CRASHES_OF_POISON = POISON_CRASHES + 1;

/** Counts the engine crashes of a block: those for which no transaction is to blame must not be many. */
export class CrashTally {
  readonly #max: number;
  #crashes = 0;
  #allowed: number;
  readonly #alone = new Map<object, number>();

  /** @param max - crashes beyond those that transactions are to blame for */
  constructor(max: number) {
    this.#max = max;
    this.#allowed = max;
  }

  /** A crash that happened with nothing but this transaction in the engine. @returns whether it is to blame */
  blames(transaction: object): boolean {
    const crashes = (this.#alone.get(transaction) ?? 0) + 1;
    this.#alone.set(transaction, crashes);
    if (crashes < POISON_CRASHES) return false;
    this.#allowed += CRASHES_OF_POISON;
    return true;
  }

  /** Counts a crash. @returns an error when it is one too many */
  count(cause: unknown): RuntimeError | undefined {
    this.#crashes++;
    if (this.#crashes <= this.#allowed) return undefined;
    return new RuntimeError(
      'ENGINE_UNSTABLE',
      `engines crashed ${this.#crashes} times in one block, more than ${this.#max} times without a transaction to blame: see the cause.`,
      { crashes: this.#crashes },
      { cause },
    );
  }
}
