import { randomBytes } from 'node:crypto';
import { BackendType, BarretenbergSync } from '@aztec/bb.js';
import { bytesToBigInt } from '@polyproof/base';
import { HashPool, hashFields, initHashing } from '@polyproof/state';
import { figure, type Report, seconds } from './report.js';

const NODES = 6_000;
const NODE_BYTES = 96;
const WARM_UP = 3;

/** Hashes of tree nodes (three fields, one permutation): ours and Barretenberg's. */
export async function hashFigures(): Promise<Report['figures']> {
  await initHashing();
  const api = await BarretenbergSync.initSingleton({ backend: BackendType.Wasm });
  const fields = randomBytes(NODES * NODE_BYTES);
  for (let at = 0; at < fields.length; at += 32) fields[at]! &= 0x1f;
  const counts = new Uint32Array(NODES).fill(3);
  const inputs = Array.from({ length: NODES }, (_, i) =>
    [0, 32, 64].map((at) => fields.subarray(i * NODE_BYTES + at, i * NODE_BYTES + at + 32)),
  );
  const numbers = inputs.map((node) => node.map(bytesToBigInt));

  const one = new HashPool({ threads: 1 });
  const all = new HashPool();
  try {
    const bb = await bestOf(() => {
      for (const node of inputs) api.poseidon2Hash({ inputs: node });
    });
    const single = await bestOf(() => {
      for (const node of numbers) hashFields(node);
    });
    const batch = await bestOf(() => one.hashMany(fields, counts));
    const shared = await bestOf(() => all.hashMany(fields, counts));
    return [
      figure("Poseidon2, bb's WASM, one thread", NODES / bb, 'hashes/s'),
      figure('Poseidon2, one at a time', NODES / single, 'hashes/s'),
      figure('Poseidon2, batches, one thread', NODES / batch, 'hashes/s'),
      figure(`Poseidon2, batches, ${all.threads} threads`, NODES / shared, 'hashes/s'),
    ];
  } finally {
    await one.close();
    await all.close();
  }
}

/** Seconds of the fastest run: the first ones compile. */
async function bestOf(work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= WARM_UP; i++) best = Math.min(best, await seconds(work));
  return best;
}
