import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { type Logger, type Service, ServiceStack, stopChild, withTimeout } from '@polyproof/base';
import { ChainError } from './errors.js';
import { guardChild } from './guard-child.js';
import { followStateFile, repairStateFile } from './state-file.js';
import { disownStateFile, ownStateFile, waitForStateFile } from './state-owner.js';

export interface AnvilOptions {
  /** A free one is chosen when left out. */
  port?: number;
  /** Default 31337. */
  chainId?: number;
  /** A block every so many seconds; when left out, one for each transaction at once. */
  blockTimeSeconds?: number;
  /** The chain continues from this file and is kept in it: written every second, and at the end. */
  stateFile?: string;
}

/** A base chain for development, in a process of its own. */
export interface Anvil extends Service {
  readonly url: string;
  readonly port: number;
  readonly chainId: number;
  readonly pid: number;
  /** Resolves when the process has ended, asked to or not. */
  readonly exited: Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

/**
 * Starts anvil on 127.0.0.1; resolves when it answers. It ends with this process, however that ends.
 *
 * The native binary is started, not the shim of the npm package, because a killed shim leaves anvil behind.
 * @throws {ChainError} `PORT_BUSY`, `ANVIL_MISSING`, `ANVIL_FAILED`, `STATE_FILE_IN_USE` or
 *   `STATE_FILE_DAMAGED`
 */
export async function startAnvil(options: AnvilOptions & { logger: Logger }): Promise<Anvil> {
  const { chainId = 31_337, logger, stateFile } = options;
  const binary = anvilBinary();
  if (options.port !== undefined) await requireFreePort(options.port);
  if (stateFile !== undefined) {
    mkdirSync(dirname(stateFile), { recursive: true });
    await waitForStateFile(stateFile);
    repairStateFile(stateFile, logger);
  }

  // In a session of its own, so that Ctrl-C in a terminal ends anvil after its users, not before them.
  const child = spawn(binary, anvilArguments(options, chainId), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const services = new ServiceStack();
  if (stateFile !== undefined && child.pid !== undefined) {
    const { pid } = child;
    ownStateFile(stateFile, pid);
    services.add({ close: async () => disownStateFile(stateFile, pid) });
  }
  services.add(guardChild(child));
  services.add({ close: () => stopChild(child, STOP_TIMEOUT_MS) });

  let closing = false;
  try {
    const port = await withTimeout(listening(child, options), START_TIMEOUT_MS, 'starting anvil');
    if (stateFile !== undefined) services.add(followStateFile(stateFile, logger));
    child.once('exit', (exitCode, signal) => {
      if (!closing) logger.error('anvil ended by itself', { port, exitCode, signal });
    });
    logger.info('anvil started', { port, chainId, pid: child.pid });
    return {
      url: `http://127.0.0.1:${port}`,
      port,
      chainId,
      pid: child.pid!,
      exited,
      async close() {
        closing = true;
        await services.close();
        await exited;
      },
    };
  } catch (error) {
    await services.close();
    throw error;
  }
}

function anvilArguments(options: AnvilOptions, chainId: number): string[] {
  const { port = 0, blockTimeSeconds, stateFile } = options;
  const args = ['--host', '127.0.0.1', '--port', `${port}`, '--chain-id', `${chainId}`];
  // Many batches in one transaction are more than the default limit of 2 MB.
  args.push('--no-request-size-limit');
  if (blockTimeSeconds !== undefined) args.push('--block-time', `${blockTimeSeconds}`);
  if (stateFile !== undefined) args.push('--state', stateFile, '--state-interval', '1');
  return args;
}

/** The native binary, out of the platform package that @foundry-rs/anvil depends on. */
function anvilBinary(): string {
  const { platform, arch } = process;
  const name = `@foundry-rs/anvil-${platform}-${arch === 'x64' ? 'amd64' : arch}`;
  const require = createRequire(import.meta.url);
  try {
    const anvil = createRequire(require.resolve('@foundry-rs/anvil/package.json'));
    return anvil.resolve(`${name}/bin/anvil${platform === 'win32' ? '.exe' : ''}`);
  } catch (cause) {
    throw new ChainError(
      'ANVIL_MISSING',
      `there is no anvil for ${platform}-${arch}: ${name} is not installed; run npm install without --omit=optional.`,
      { package: name },
      { cause },
    );
  }
}

async function requireFreePort(port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw portBusy(port);
    throw new ChainError('ANVIL_FAILED', `anvil cannot listen on port ${port}: ${String(error)}.`, { port });
  } finally {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

function portBusy(port: number): ChainError {
  return new ChainError(
    'PORT_BUSY',
    `port ${port} is in use: stop what listens there, or choose another port for anvil.`,
    { port },
  );
}

/** The port, as soon as anvil says that it listens. Whatever else it prints goes to the log. */
function listening(child: ChildProcess, options: AnvilOptions & { logger: Logger }): Promise<number> {
  const logger = options.logger.child({ process: 'anvil' });
  const complaints: string[] = [];
  createInterface(child.stderr!).on('line', (line) => {
    logger.warn(line);
    if (complaints.length < 20 && line.trim() !== '') complaints.push(line.trim());
  });
  return new Promise((resolve, reject) => {
    createInterface(child.stdout!).on('line', (line) => {
      const port = /^Listening on .*:(\d+)$/.exec(line)?.[1];
      if (port !== undefined) resolve(Number(port));
      else if (line.trim() !== '') logger.debug(line);
    });
    // `close` comes after the output, unlike `exit`.
    child.once('close', (code) => {
      const reason = complaints[0] ?? `exit code ${code}`;
      if (options.port !== undefined && /address already in use/i.test(reason))
        reject(portBusy(options.port));
      else reject(new ChainError('ANVIL_FAILED', `anvil did not start: ${reason}`, { reason }));
    });
    child.once('error', (cause) =>
      reject(new ChainError('ANVIL_FAILED', `anvil did not start: ${cause.message}`, {}, { cause })),
    );
  });
}
