import { createHash } from 'node:crypto';
import { isOnCurve } from './is-on-curve.js';
import type { SyscallArguments, SyscallContext } from './syscall-context.js';
import { checkDisjoint, checkWritable, readSlice, readSlices, syscallFault } from './translate.js';

const COST = 1_500;
const MAX_SEEDS = 16;
const MAX_SEED_BYTES = 32n;
const MAX_BUMP = 255;

/** Texts of Solana's `PubkeyError`. */
export const SEED_TOO_LONG = 'Length of the seed is too long for address generation';
export const NO_VALID_ADDRESS = 'Provided seeds do not result in a valid address';

/** A program's address for these seeds, or why there is none: it must not be that of a key pair. */
export function createProgramAddress(
  seeds: readonly Uint8Array[],
  programId: Uint8Array,
): Uint8Array | string {
  if (seeds.length > MAX_SEEDS || seeds.some(({ length }) => BigInt(length) > MAX_SEED_BYTES))
    return SEED_TOO_LONG;
  const hash = createHash('sha256');
  for (const seed of seeds) hash.update(seed);
  const address = hash.update(programId).update('ProgramDerivedAddress').digest();
  return isOnCurve(address) ? NO_VALID_ADDRESS : Uint8Array.from(address);
}

export function badSeeds(text: string) {
  return syscallFault(`Could not create program address with signer seeds: ${text}`);
}

export function createAddress(
  context: SyscallContext,
  [seedsAddress, count, programAddress, result]: SyscallArguments,
): bigint {
  context.meter.consume(COST);
  const { seeds, programId } = readInputs(context, seedsAddress, count, programAddress);
  const address = createProgramAddress(seeds, programId);
  if (typeof address === 'string') return 1n;
  checkWritable(context, result, 32n);
  context.memory.write(result, address);
  return 0n;
}

/** The first address from bump seed 255 downwards; every try costs as much as the first. */
export function findAddress(
  context: SyscallContext,
  [seedsAddress, count, programAddress, result, bumpResult]: SyscallArguments,
): bigint {
  const { meter, memory } = context;
  meter.consume(COST);
  const { seeds, programId } = readInputs(context, seedsAddress, count, programAddress);
  for (let bump = MAX_BUMP; bump > 0; bump--) {
    const address = createProgramAddress([...seeds, Uint8Array.of(bump)], programId);
    if (typeof address !== 'string') {
      checkWritable(context, bumpResult, 1n);
      checkWritable(context, result, 32n);
      checkDisjoint({ address: bumpResult, length: 1n }, { address: result, length: 32n });
      memory.write(bumpResult, Uint8Array.of(bump));
      memory.write(result, address);
      return 0n;
    }
    meter.consume(COST);
  }
  return 1n;
}

function readInputs(context: SyscallContext, seedsAddress: bigint, count: bigint, programAddress: bigint) {
  const slices = readSlices(context, seedsAddress, count);
  if (slices.length > MAX_SEEDS) throw badSeeds(SEED_TOO_LONG);
  const seeds = slices.map(({ address, length }) => {
    if (length > MAX_SEED_BYTES) throw badSeeds(SEED_TOO_LONG);
    return readSlice(context, address, length);
  });
  return { seeds, programId: readSlice(context, programAddress, 32n) };
}
