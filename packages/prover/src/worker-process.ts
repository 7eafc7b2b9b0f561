// Entry point of a prover process: `node worker-process.js '<WorkerProcessOptions as JSON>'`.
import { availableParallelism } from 'node:os';
import { createLogger, OpsServer, ServiceStack, serializeError } from '@polyproof/base';
import { loadArtifacts, UltraHonk } from '@polyproof/proofs';
import { credentialsOf } from './credentials.js';
import { getProverMetrics } from './metrics.js';
import type { WorkerProcessOptions } from './options.js';
import { ProverWorker } from './prover-worker.js';

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerProcessOptions;
const logger = createLogger({
  name: options.name,
  ...(options.logLevel === undefined ? {} : { level: options.logLevel }),
  ...(options.logFile === undefined ? {} : { file: options.logFile }),
});
const services = new ServiceStack();
let worker: ProverWorker | undefined;
let ending = false;

async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  try {
    await services.close();
  } catch (error) {
    logger.error('the worker did not end cleanly', {}, error);
  }
  process.exit(code);
}

/** Asked once, it finishes what it may finish; asked again, it hands the task back and ends. */
function stop(): void {
  if (ending) worker?.abandon();
  void end(0);
}

function problemsOf(prover: ProverWorker | undefined): string[] {
  return prover?.proverId === undefined ? ['not registered with the aggregator'] : [];
}

// A parent decides when its workers end, also when a signal reaches all of them. Without a parent we do.
process.on('SIGINT', () => {
  if (!process.connected) stop();
});
process.on('SIGTERM', stop);
process.on('disconnect', () => {
  // Nobody is left to ask a second time.
  worker?.abandon();
  void end(0);
});

try {
  const {
    artifactsDirectory,
    aggregatorUrl,
    name,
    threads,
    memoryBytes,
    metricsPort,
    graceMs = 10_000,
  } = options;
  const artifacts = loadArtifacts(artifactsDirectory);
  const limits = {
    ...(threads === undefined ? {} : { threads }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
  const proofSystem = services.add(await UltraHonk.open({ artifacts, ...limits }, { logger }));
  const metrics = getProverMetrics();
  worker = services.add(
    ProverWorker.start(
      {
        aggregatorUrl,
        ...credentialsOf(options),
        name,
        programs: artifacts.programs,
        cores: threads ?? availableParallelism(),
        ...(memoryBytes === undefined ? {} : { memoryBytes }),
        graceMs: graceMs === 'drain' ? Number.POSITIVE_INFINITY : graceMs,
      },
      { proofSystem, metrics, logger },
    ),
  );
  if (metricsPort !== undefined)
    services.add(
      await OpsServer.listen(
        { port: metricsPort },
        { metrics: () => metrics.registry.metrics(), problems: async () => problemsOf(worker) },
      ),
    );
  process.send?.({ ready: true });
} catch (error) {
  logger.error('the worker could not start', {}, error);
  const message = { error: serializeError(error) };
  // Ending before the message has left would lose it.
  await new Promise((sent) => (process.send === undefined ? sent(null) : process.send(message, sent)));
  await end(1);
}
