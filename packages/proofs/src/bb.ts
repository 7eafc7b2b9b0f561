import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BackendType, Barretenberg } from '@aztec/bb.js';
import { errorMessage, stopChild, trackChild } from '@polyproof/base';
import { ProofError } from './errors.js';
import { bbFor } from './srs/patch.js';
import type { Srs } from './srs/resolve.js';

/** How a proof is meant to be verified; decides its transcript's hash. Neither hides the witness. */
export type Flavour = 'recursive' | 'evm';

export function settings(flavour: Flavour) {
  return {
    ipaAccumulation: false,
    oracleHashType: flavour === 'evm' ? 'keccak' : 'poseidon2',
    disableZk: true,
    optimizedSolidityVerifier: flavour === 'evm',
  };
}

/** bb.js gives a bb five seconds to answer; on a machine that is busy proving, that can be too short. */
const START_ATTEMPTS = 4;

/** What a bb may take to end when it is asked to. */
const STOP_GRACE_MS = 200;

/** Starts one native bb process, which lives until {@link stopBb} or the end of this process. */
export async function startBb(srs: Srs, threads?: number): Promise<Barretenberg> {
  for (let attempt = 1; ; attempt++) {
    const bb = await spawnBb(srs, threads);
    try {
      await ask(bb);
      return bb;
    } catch (error) {
      await stopBb(bb);
      if (attempt === START_ATTEMPTS)
        throw new ProofError(
          'PROVING_FAILED',
          `bb does not start: ${errorMessage(error)}`,
          {},
          { cause: error },
        );
    }
  }
}

/** Ends a bb, dead or alive, without waiting for the proof at hand: asked to end, bb would finish it first. */
export async function stopBb(bb: Barretenberg): Promise<void> {
  const { process: child, socketPath } = backendOf(bb);
  await bb.destroy().catch(() => undefined);
  if (child.pid === undefined) return;
  child.ref();
  await stopChild(child, STOP_GRACE_MS);
  rmSync(socketPath, { force: true });
}

/** bb.js keeps its process to itself. */
function backendOf(bb: Barretenberg): { process: ChildProcess; socketPath: string } {
  return (bb as unknown as { backend: { process: ChildProcess; socketPath: string } }).backend;
}

/** Resident memory of a bb in bytes: see {@link residentBytes}. */
export function memoryOf(bb: Barretenberg): number | undefined {
  return residentBytes(backendOf(bb).process);
}

/** Resident memory of a process in bytes; `undefined` where the system does not tell (it has no /proc), or it is gone. */
export function residentBytes({ pid }: ChildProcess): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

/** Whether this bb still answers. */
export function isAlive(bb: Barretenberg): Promise<boolean> {
  return ask(bb).then(
    () => true,
    () => false,
  );
}

/** The cheapest question that there is. */
async function ask(bb: Barretenberg): Promise<void> {
  await bb.poseidon2Hash({ inputs: [new Uint8Array(32)] });
}

async function spawnBb(srs: Srs, threads?: number): Promise<Barretenberg> {
  const previous = process.env.CRS_PATH;
  // bb takes the place of its SRS from the environment that it is started with.
  process.env.CRS_PATH = srs.directory;
  try {
    const bb = await Barretenberg.new({
      backend: BackendType.NativeUnixSocket,
      bbPath: bbFor(srs, packagedBb()),
      ...(threads === undefined ? {} : { threads }),
    });
    trackChild(backendOf(bb).process);
    return bb;
  } finally {
    if (previous === undefined) delete process.env.CRS_PATH;
    else process.env.CRS_PATH = previous;
  }
}

/** The native bb that @aztec/bb.js carries. */
export function packagedBb(): string {
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  const os = { linux: 'linux', darwin: 'macos' }[process.platform as string];
  const entry = createRequire(import.meta.url).resolve('@aztec/bb.js');
  let root = dirname(entry);
  while (!existsSync(join(root, 'build')) && root !== dirname(root)) root = dirname(root);
  const binary = join(root, 'build', `${arch}-${os}`, 'bb');
  if (!existsSync(binary))
    throw new ProofError(
      'BB_UNSUPPORTED',
      `there is no native prover for ${process.platform} on ${process.arch}: use Linux or macOS on x86-64 or arm64.`,
    );
  return binary;
}
