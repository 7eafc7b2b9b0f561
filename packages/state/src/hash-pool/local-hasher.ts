import { RATE, STATE_SIZE } from '../poseidon2/parameters.js';
import { Poseidon2, type Poseidon2Program } from '../poseidon2/poseidon2.js';
import type { HashJob, HashStatistics } from './hash-job.js';
import type { Hasher } from './hasher.js';

const FIELD_BYTES = 32;
const COMPRESSED_BYTES = STATE_SIZE * FIELD_BYTES;

/** What a job says of messages. */
export type Messages = Pick<HashJob, 'counts'> & { fields: Uint8Array };

/** Hashes on the thread that asks, and counts. */
export class LocalHasher implements Hasher {
  readonly #poseidon2: Poseidon2;
  #statistics: HashStatistics = { hashes: 0, permutations: 0, seconds: 0 };

  constructor(program: Poseidon2Program) {
    this.#poseidon2 = new Poseidon2(program);
  }

  async hashMany(fields: Uint8Array, counts: Uint32Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return this.execute({ fields, counts });
  }

  async compressMany(fields: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    return this.execute({ fields, counts: undefined });
  }

  execute({ fields, counts }: Messages): Uint8Array<ArrayBuffer> {
    const start = performance.now();
    const hashes =
      counts === undefined ? this.#poseidon2.compressMany(fields) : this.#poseidon2.hashMany(fields, counts);
    this.#statistics.hashes += hashes.length / FIELD_BYTES;
    this.#statistics.permutations += permutationsFor({ fields, counts });
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

export function permutationsFor({ fields, counts }: Messages): number {
  if (counts === undefined) return fields.length / COMPRESSED_BYTES;
  let sum = 0;
  for (const count of counts) sum += permutationsOf(count);
  return sum;
}
