import type { Dropped } from '../events.js';
import { bytesKey } from './pool-entry.js';

/** The reasons of the last transactions that were dropped, by signature. */
export class DroppedReasons {
  readonly #capacity: number;
  readonly #reasons = new Map<string, Dropped>();

  constructor(options: { capacity: number }) {
    this.#capacity = options.capacity;
  }

  get(signature: Uint8Array): Dropped | undefined {
    return this.#reasons.get(bytesKey(signature));
  }

  set(signature: Uint8Array, dropped: Dropped): void {
    const key = bytesKey(signature);
    this.#reasons.delete(key); // the last one dropped is the last one forgotten
    this.#reasons.set(key, dropped);
    if (this.#reasons.size <= this.#capacity) return;
    const [oldest] = this.#reasons.keys();
    this.#reasons.delete(oldest!);
  }

  /** It is in the mempool again. */
  delete(signature: Uint8Array): void {
    this.#reasons.delete(bytesKey(signature));
  }
}
