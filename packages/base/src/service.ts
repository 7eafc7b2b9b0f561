import { Mutex } from './async.js';

/** Something with a life: `close` is idempotent, finishes work in flight, and leaves nothing running. */
export interface Service {
  close(): Promise<void>;
}

/** Closes services in the reverse order of their start; the first error is thrown after all are closed. */
export class ServiceStack implements Service {
  readonly #services: Service[] = [];
  readonly #closing = new Mutex();

  add<T extends Service>(service: T): T {
    this.#services.push(service);
    return service;
  }

  /** A second caller waits for the first. */
  close(): Promise<void> {
    return this.#closing.run(() => this.#closeAll());
  }

  async #closeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let service = this.#services.pop(); service !== undefined; service = this.#services.pop()) {
      try {
        await service.close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
