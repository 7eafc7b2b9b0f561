import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { forkEntry } from '@polyproof/base';
import { ProofError } from '../errors.js';
import { POINT_BYTES } from './points.js';

/** points that one chain of doublings makes */
const CHAIN_LENGTH = 2048;

/**
 * Writes the powers [2^i]_1 for i = 0 .. `points` - 1 in bb's format: 64 bytes a point, x then y, big-endian.
 *
 * Each power of tau = 2 is the double of the one before. Chains start at every 2048th power and all step
 * together, so that each step's inversions are shared; processes take a range of the chains each.
 */
export async function writeDevelopmentSrs(path: string, points: number): Promise<void> {
  const chains = Math.ceil(points / CHAIN_LENGTH);
  const workers = Math.min(availableParallelism(), chains);
  const perWorker = Math.ceil(chains / workers);
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, 'w');
  try {
    await Promise.all(
      Array.from({ length: workers }, (_, worker) => {
        const first = worker * perWorker;
        const count = Math.min(perWorker, chains - first);
        return runChains(first, count, (offset, bytes) => {
          const end = points * POINT_BYTES;
          if (offset < end) writeSync(file, bytes, 0, Math.min(bytes.length, end - offset), offset);
        });
      }),
    );
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

function runChains(
  first: number,
  count: number,
  onBytes: (offset: number, bytes: Uint8Array) => void,
): Promise<void> {
  if (count <= 0) return Promise.resolve();
  const child = forkEntry(import.meta.url, './development-process.js', [
    String(first),
    String(count),
    String(CHAIN_LENGTH),
  ]);
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const { chain, bytes } = message as { chain: number; bytes: Uint8Array };
      onBytes(chain * CHAIN_LENGTH * POINT_BYTES, bytes);
    });
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new ProofError(
            'SRS_UNAVAILABLE',
            `making the development SRS failed: a process ended with ${code}.`,
          ),
        );
    });
  });
}
