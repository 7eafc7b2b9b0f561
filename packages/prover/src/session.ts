import { availableParallelism, totalmem } from 'node:os';
import { type Logger, Mutex } from '@polyproof/base';
import { type ProverClient, protocolErrorOf } from '@polyproof/protocol';
import type { ProverWorkerOptions } from './options.js';

/** The worker's standing with its aggregator: an id, asked for when first needed and again when it is lost. */
export class Session {
  readonly client: ProverClient;
  readonly #options: ProverWorkerOptions;
  readonly #logger: Logger;
  readonly #registering = new Mutex();
  #proverId: string | undefined;

  constructor(options: ProverWorkerOptions, modules: { client: ProverClient; logger: Logger }) {
    this.#options = options;
    this.client = modules.client;
    this.#logger = modules.logger;
  }

  get proverId(): string | undefined {
    return this.#proverId;
  }

  /** Runs `request` with the worker's id; when the aggregator forgot it (it was restarted), with a new one. */
  async call<T>(request: (proverId: string) => Promise<T>): Promise<T> {
    const id = await this.#identify();
    try {
      return await request(id);
    } catch (error) {
      if (protocolErrorOf(error)?.code !== 'UNKNOWN_PROVER') throw error;
      return request(await this.#identify(id));
    }
  }

  /** @param refused - the id that the aggregator does not know */
  #identify(refused?: string): Promise<string> {
    return this.#registering.run(async () => {
      if (this.#proverId !== undefined && this.#proverId !== refused) return this.#proverId;
      const { name, programs, cores, memoryBytes, accelerator = 'cpu' } = this.#options;
      const { proverId } = await this.client.register({
        name,
        programs: Object.entries(programs).map(([program, { hash, gates }]) => ({
          name: program,
          hash,
          gates,
        })),
        cores: cores ?? availableParallelism(),
        memoryBytes: BigInt(memoryBytes ?? totalmem()),
        accelerator,
      });
      this.#logger.info('registered with the aggregator', { proverId, again: refused !== undefined });
      this.#proverId = proverId;
      return proverId;
    });
  }
}
