import { BackendType, BarretenbergSync } from '@aztec/bb.js';
import { bytesToBigInt, type Field, fieldToBytes } from '@polyproof/base';
import { HashingError } from './errors.js';

let api: BarretenbergSync | undefined;

/** Loads Barretenberg's WASM, once a process (about 0.2 s). Everything that hashes fields needs it. */
export async function initHashing(): Promise<void> {
  api ??= await BarretenbergSync.initSingleton({ backend: BackendType.Wasm });
}

/**
 * Poseidon2 over BN254 as Barretenberg's `poseidon2Hash`: a sponge with a state of four, a rate of three, and
 * `inputs.length << 64` as initial capacity. Three inputs are one permutation, about 35 us.
 * @throws {HashingError} before {@link initHashing} has finished
 * @throws {FieldError} on an input that is not below the modulus
 */
export function hashFields(inputs: readonly Field[]): Field {
  if (api === undefined)
    throw new HashingError('HASHING_NOT_READY', 'hashing is not ready: await initHashing() at start-up.');
  return bytesToBigInt(api.poseidon2Hash({ inputs: inputs.map(fieldToBytes) }).hash);
}
