import type { Logger, Service } from '@polyproof/base';
import type { Artifacts } from '@polyproof/proofs';
import { type AggregatorAddress, startWorkerProcess, type WorkerHandle } from '@polyproof/prover';

export interface ProverProcessesOptions {
  count: number;
  /** of each; default: all cores, in turns with the others */
  threads?: number;
  address: AggregatorAddress;
  artifacts: Artifacts;
  logFile: (name: string) => string;
}

/** The provers of a local network. Nobody needs to wait for them: tasks wait until they are there. */
export class ProverProcesses implements Service {
  /** Resolves when all are ready; rejects with the reason why one is not. */
  readonly ready: Promise<void>;
  readonly #starting: Promise<WorkerHandle>[];

  private constructor(starting: Promise<WorkerHandle>[]) {
    this.#starting = starting;
    this.ready = Promise.all(starting).then(() => undefined);
    // Whoever awaits it hears of the failure; without anybody it is not an unhandled one.
    this.ready.catch(() => undefined);
  }

  static start(options: ProverProcessesOptions, modules: { logger: Logger }): ProverProcesses {
    const { count, address, artifacts } = options;
    const { threads } = options;
    const start = (name: string) =>
      startWorkerProcess(
        {
          ...address,
          name,
          artifactsDirectory: artifacts.directory,
          logFile: options.logFile(name),
          graceMs: 1_000,
          ...(threads === undefined ? {} : { threads }),
        },
        modules,
      );
    return new ProverProcesses(Array.from({ length: count }, (_, i) => start(`prover-${i + 1}`)));
  }

  async close(): Promise<void> {
    const started = await Promise.allSettled(this.#starting);
    await Promise.all(
      started.map((worker) => (worker.status === 'fulfilled' ? worker.value.close() : undefined)),
    );
  }
}
