import { createHash } from 'node:crypto';
import { keccak_256 } from '@noble/hashes/sha3.js';
import type { SyscallArguments, SyscallContext } from './syscall-context.js';
import { checkWritable, readSlice, readSlices, syscallFault } from './translate.js';

const BASE_COST = 85;
const MIN_SLICE_COST = 10;
const MAX_SLICES = 20_000n;

type Hasher = () => { update(bytes: Uint8Array): unknown; digest(): Uint8Array };

/** @throws {VmFault} */
export function sha256(context: SyscallContext, args: SyscallArguments): bigint {
  return hash(context, args, 'Sha256', () => createHash('sha256'));
}

/** @throws {VmFault} */
export function keccak256(context: SyscallContext, args: SyscallArguments): bigint {
  return hash(context, args, 'Keccak256', () => keccak_256.create());
}

/** Hashes the slices of a list one after the other. */
function hash(
  context: SyscallContext,
  [address, count, result]: SyscallArguments,
  name: string,
  create: Hasher,
): bigint {
  const { meter, memory, invocation } = context;
  if (count > MAX_SLICES) {
    invocation.log(`${name} Hashing ${count} sequences in one syscall is over the limit ${MAX_SLICES}`);
    throw syscallFault('Hashing too many sequences');
  }
  meter.consume(BASE_COST);
  checkWritable(context, result, 32n);
  const hasher = create();
  for (const slice of readSlices(context, address, count)) {
    const bytes = readSlice(context, slice.address, slice.length);
    meter.consume(Math.max(MIN_SLICE_COST, Math.floor(bytes.length / 2)));
    hasher.update(bytes);
  }
  memory.write(result, Uint8Array.from(hasher.digest()));
  return 0n;
}
