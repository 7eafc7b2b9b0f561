import type { Transaction } from '@polyproof/svm';

/**
 * Transactions in the order of arrival, each signature once.
 *
 * A transaction that was taken stays known until it is settled (executed or given up) or put back, so that a
 * copy that arrives meanwhile is recognised.
 */
export class TransactionQueue {
  readonly #capacity: number;
  #queue: Transaction[] = [];
  #head = 0;
  /** Signatures of everything that waits or was taken. */
  readonly #known = new Set<string>();

  /** @param options.capacity - most transactions that wait or were taken */
  constructor(options: { capacity: number }) {
    this.#capacity = options.capacity;
  }

  /** How many transactions wait. */
  get size(): number {
    return this.#queue.length - this.#head;
  }

  get isFull(): boolean {
    return this.#known.size >= this.#capacity;
  }

  has(transaction: Transaction): boolean {
    return this.#known.has(id(transaction));
  }

  /** Appends; the caller has checked {@link has} and {@link isFull}. */
  push(transaction: Transaction): void {
    this.#known.add(id(transaction));
    this.#queue.push(transaction);
  }

  /** The transaction that is next in line. */
  peek(): Transaction | undefined {
    return this.#queue[this.#head];
  }

  /** Takes the next in line; it must be settled or put back afterwards. */
  take(): Transaction | undefined {
    const transaction = this.#queue[this.#head];
    if (transaction === undefined) return undefined;
    this.#head++;
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return transaction;
  }

  /** Forgets taken transactions: the bank knows them now, or they were given up. */
  settle(transactions: readonly Transaction[]): void {
    for (const transaction of transactions) this.#known.delete(id(transaction));
  }

  /** Returns taken transactions to the front of the line, in the given order. */
  putBack(transactions: readonly Transaction[]): void {
    this.#queue = [...transactions, ...this.#queue.slice(this.#head)];
    this.#head = 0;
  }
}

function id(transaction: Transaction): string {
  return Buffer.from(transaction.signatures[0]!).toString('latin1');
}
