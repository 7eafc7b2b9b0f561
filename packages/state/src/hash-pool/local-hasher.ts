import { RATE } from '../poseidon2/parameters.js';
import { Poseidon2, type Poseidon2Program } from '../poseidon2/poseidon2.js';
import type { HashStatistics } from './hash-job.js';
import type { Hasher } from './hasher.js';

/** Hashes on the thread that asks, and counts. */
export class LocalHasher implements Hasher {
  readonly #poseidon2: Poseidon2;
  #statistics: HashStatistics = { hashes: 0, permutations: 0, seconds: 0 };

  constructor(program: Poseidon2Program) {
    this.#poseidon2 = new Poseidon2(program);
  }

  async hashMany(fields: Uint8Array, counts: Uint32Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return this.hash(fields, counts);
  }

  hash(fields: Uint8Array, counts: Uint32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const start = performance.now();
    const hashes = this.#poseidon2.hashMany(fields, counts);
    this.#statistics.hashes += counts.length;
    this.#statistics.permutations += sumOfPermutations(counts);
    this.#statistics.seconds += (performance.now() - start) / 1e3;
    return hashes;
  }

  /** What was counted since this was called last. */
  takeStatistics(): HashStatistics {
    const taken = this.#statistics;
    this.#statistics = { hashes: 0, permutations: 0, seconds: 0 };
    return taken;
  }
}

/** Even no field at all takes one permutation. */
export function permutationsOf(count: number): number {
  return Math.max(1, Math.ceil(count / RATE));
}

export function sumOfPermutations(counts: Uint32Array): number {
  let sum = 0;
  for (const count of counts) sum += permutationsOf(count);
  return sum;
}
