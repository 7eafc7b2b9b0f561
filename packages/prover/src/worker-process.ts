// Entry point of a prover process: `node worker-process.js '<WorkerProcessOptions as JSON>'`.
import { availableParallelism } from 'node:os';
import { createLogger, ServiceStack, serializeError } from '@polyproof/base';
import { loadArtifacts, PROGRAM_NAMES, type ProgramName, UltraHonk } from '@polyproof/proofs';
import type { WorkerProcessOptions } from './options.js';
import { ProverWorker } from './prover-worker.js';

const options = JSON.parse(process.argv[2] ?? '{}') as WorkerProcessOptions;
const logger = createLogger({
  name: options.name,
  ...(options.logLevel === undefined ? {} : { level: options.logLevel }),
  ...(options.logFile === undefined ? {} : { file: options.logFile }),
});
const services = new ServiceStack();
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

// A parent decides when its workers end, also when a signal reaches all of them. Without a parent we do.
process.on('SIGINT', () => {
  if (!process.connected) void end(0);
});
process.on('SIGTERM', () => void end(0));
process.on('disconnect', () => void end(0));

try {
  const artifacts = loadArtifacts(options.artifactsDirectory);
  const threads = options.threads;
  const proofSystem = services.add(
    await UltraHonk.open({ artifacts, ...(threads === undefined ? {} : { threads }) }, { logger }),
  );
  services.add(
    ProverWorker.start(
      {
        aggregatorUrl: options.aggregatorUrl,
        name: options.name,
        programHashes: Object.fromEntries(
          PROGRAM_NAMES.map((name) => [name, artifacts.programs[name].hash]),
        ) as Record<ProgramName, string>,
        cores: threads ?? availableParallelism(),
        ...(options.graceMs === undefined ? {} : { graceMs: options.graceMs }),
      },
      { proofSystem, logger },
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
