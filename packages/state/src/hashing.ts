import { bytesToBigInt, type Field, fieldToBytes } from '@polyproof/base';
import { HashingError } from './errors.js';
import { Poseidon2, poseidon2Program } from './poseidon2/poseidon2.js';

let hasher: Poseidon2 | undefined;

/** Compiles the hash function, once a process (about 80 ms). Everything that hashes fields needs it. */
export async function initHashing(): Promise<void> {
  hasher ??= new Poseidon2(poseidon2Program());
}

/**
 * Poseidon2 over BN254 as Barretenberg's `poseidon2Hash`: a sponge with a state of four, a rate of three, and
 * `inputs.length << 64` as initial capacity. One hash at a time is slow: many go through a `HashPool`.
 * @throws {HashingError} before {@link initHashing} has finished
 * @throws {FieldError} on an input that is not below the modulus
 */
export function hashFields(inputs: readonly Field[]): Field {
  return bytesToBigInt(ready().hashMany(bytesOf(inputs), [inputs.length]));
}

/**
 * Four fields as one by a single permutation: the first element of Poseidon2 applied to them, plus the first of them
 * (the compression mode of https://eprint.iacr.org/2023/323).
 * @throws {HashingError} before {@link initHashing} has finished
 * @throws {FieldError} on an input that is not below the modulus
 */
export function compressFields(inputs: readonly [Field, Field, Field, Field]): Field {
  return bytesToBigInt(ready().compressMany(bytesOf(inputs)));
}

function ready(): Poseidon2 {
  if (hasher === undefined)
    throw new HashingError('HASHING_NOT_READY', 'hashing is not ready: await initHashing() at start-up.');
  return hasher;
}

function bytesOf(inputs: readonly Field[]): Uint8Array {
  const fields = new Uint8Array(32 * inputs.length);
  inputs.forEach((input, i) => {
    fields.set(fieldToBytes(input), 32 * i);
  });
  return fields;
}
