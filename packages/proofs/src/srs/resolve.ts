import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@polyproof/base';
import { ProofError } from '../errors.js';
import { writeDevelopmentSrs } from './development.js';
import { POINT_BYTES } from './points.js';

/** Size of the SRS, which is made while the circuits compile: every circuit has to fit in it. */
export const SRS_LOG2 = 21;

export type SrsKind = 'ignition' | 'development';

/** A structured reference string on disk, in the layout that bb reads from `CRS_PATH`. */
export interface Srs {
  kind: SrsKind;
  directory: string;
}

/** The chain of a local anvil: the only one where proofs made with the development SRS are accepted. */
export const LOCAL_CHAIN_ID = 31337;

/** The sources from which bb fetches the Ignition points itself. */
const IGNITION_SOURCE = 'https://crs.aztec-cdn.foundation/g1_compressed.dat';

/**
 * Finds the SRS: Ignition's, from `directory`/ignition or from the network; where neither is to be had and the
 * base chain is the local one, the development SRS, made on the spot.
 * @param points - number of points needed: the largest circuit's size, rounded up to a power of two, plus one
 * @throws {ProofError} `SRS_NOT_ALLOWED` when only the development SRS would be left on another chain
 */
export async function resolveSrs(
  options: { directory: string; points: number; chainId: number; source?: 'auto' | SrsKind },
  modules: { logger: Logger },
): Promise<Srs> {
  const source = options.source ?? 'auto';
  if (source !== 'development') {
    const ignition = join(options.directory, 'ignition');
    if (holds(ignition, options.points) || (await reachable(IGNITION_SOURCE))) {
      mkdirSync(ignition, { recursive: true });
      return { kind: 'ignition', directory: ignition };
    }
  }
  assertAllowed('development', options.chainId);
  if (source === 'ignition')
    throw new ProofError(
      'SRS_UNAVAILABLE',
      `the Ignition SRS is neither in ${join(options.directory, 'ignition')} nor on the network: put bn254_g1.dat with ` +
        `${options.points} points there, or connect once.`,
    );
  const development = join(options.directory, 'development');
  if (!holds(development, options.points)) {
    const start = performance.now();
    mkdirSync(development, { recursive: true });
    await writeDevelopmentSrs(join(development, 'bn254_g1.dat'), options.points);
    modules.logger.info('made the development SRS', {
      points: options.points,
      seconds: Math.round(performance.now() - start) / 1e3,
    });
  }
  return { kind: 'development', directory: development };
}

/** @throws {ProofError} `SRS_NOT_ALLOWED` for the development SRS on any chain but the local one */
export function assertAllowed(kind: SrsKind, chainId: number): void {
  if (kind === 'development' && chainId !== LOCAL_CHAIN_ID)
    throw new ProofError(
      'SRS_NOT_ALLOWED',
      `proofs made with the development SRS can be forged by anyone, so it is refused for chain ${chainId} ` +
        `(only the local chain ${LOCAL_CHAIN_ID} takes it): connect to the network once to fetch the Ignition SRS.`,
      { chainId },
    );
}

function holds(directory: string, points: number): boolean {
  const file = join(directory, 'bn254_g1.dat');
  return existsSync(file) && statSync(file).size >= points * POINT_BYTES;
}

async function reachable(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(3_000) })).ok;
  } catch {
    return false;
  }
}
