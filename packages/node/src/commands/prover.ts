import { hostname } from 'node:os';
import { createLogger } from '@polyproof/base';
import { NodeError } from '../errors.js';
import { onStop } from '../terminal/on-stop.js';
import { parseFlags } from './flags.js';

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/**
 * Proves for an aggregator until it is asked to stop: then it finishes its task first. Asked again, it hands the task back.
 * @throws {NodeError} `USAGE`; whatever keeps it from starting
 */
export async function prover(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const { flags, config } = parseFlags(args, {
    join: text,
    name: text,
    threads: text,
    memory: text,
    'key-file': text,
    'ca-file': text,
    'metrics-port': text,
  });
  const { join, name, memory } = flags as Record<string, string | undefined>;
  if (join === undefined || !URL.canParse(join))
    throw new NodeError('USAGE', 'say where the aggregator is: polyproof prover --join http://host:port');
  const threads = numberOf('threads', flags);
  const metricsPort = numberOf('metrics-port', flags);
  const memoryBytes = memory === undefined ? undefined : bytesOf(memory);
  const { 'key-file': keyFile, 'ca-file': caFile } = flags as Record<string, string | undefined>;
  const address = {
    aggregatorUrl: join,
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(caFile === undefined ? {} : { caFile }),
  };
  const { fetchArtifacts, startWorkerProcess } = await import('@polyproof/prover');
  const logger = createLogger();
  const artifacts = await fetchArtifacts(
    { ...address, cacheDirectory: config.cacheDirectory },
    { logger, onProgress: (step) => process.stderr.write(`polyproof: ${step}\n`) },
  );
  const worker = await startWorkerProcess(
    {
      ...address,
      name: name ?? `${hostname()}-${process.pid}`,
      artifactsDirectory: artifacts.directory,
      graceMs: 'drain',
      ...(threads === undefined ? {} : { threads }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(metricsPort === undefined ? {} : { metricsPort }),
    },
    { logger },
  );
  onStop(
    () => worker.stop(),
    () => worker.stop(),
  );
  const { code, signal } = await worker.exited;
  if (code !== 0)
    throw new NodeError('PROVER_ENDED', `the prover ended (${signal ?? `code ${code}`}): see its log.`);
}

/** @throws {NodeError} `USAGE` for anything but a whole number above 0 */
function numberOf(flag: string, flags: Record<string, unknown>): number | undefined {
  const text = flags[flag];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number <= 0)
    throw new NodeError('USAGE', `--${flag} is a number above 0, not ${String(text)}.`);
  return number;
}

/** Of "8G", "512M" or a number of bytes. */
function bytesOf(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([KMGT]?)$/i.exec(text) ?? [];
  if (number === undefined || Number(number) === 0)
    throw new NodeError('USAGE', `--memory is a size like 8G or 512M, not ${text}.`);
  return Math.floor(Number(number) * UNITS[unit!.toUpperCase()]!);
}
