import { sleep } from '@polyproof/base';

/** Wakes whoever waits for a change. Nothing is missed between looking and waiting when a version is passed. */
export class Notifier {
  #version = 0;
  #wake = new AbortController();

  get version(): number {
    return this.#version;
  }

  notify(): void {
    this.#version++;
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** Resolves on the first change after `seen`, after `ms`, or when `signal` aborts. */
  async wait(seen: number, ms: number, signal?: AbortSignal): Promise<void> {
    if (seen !== this.#version || ms <= 0) return;
    const signals = [this.#wake.signal, ...(signal === undefined ? [] : [signal])];
    await sleep(ms, AbortSignal.any(signals)).catch(() => undefined);
  }
}
