import { setImmediate } from 'node:timers/promises';

/** How long one request may keep others waiting, in ms. */
const TURN_MS = 8;

/** Divides long work into turns, between which others are served. */
export class Turns {
  #until = performance.now() + TURN_MS;

  get isOver(): boolean {
    return performance.now() > this.#until;
  }

  async next(): Promise<void> {
    await setImmediate();
    this.#until = performance.now() + TURN_MS;
  }
}
