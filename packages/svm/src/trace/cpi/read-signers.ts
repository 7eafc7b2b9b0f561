import { badSeeds, createProgramAddress } from '../../sbpf/syscalls/program-address.js';
import type { SyscallContext } from '../../sbpf/syscalls/syscall-context.js';
import { readSlice, readSlices, syscallFault } from '../../sbpf/syscalls/translate.js';
import { instructionFault } from '../instruction-error.js';

const MAX_SIGNERS = 16;
const MAX_SEEDS = 16;

/**
 * Addresses that the calling program signs for: those that its seeds give.
 * @throws {VmFault} when there are too many, or seeds give none
 */
export function readSigners(context: SyscallContext, address: bigint, count: bigint): Uint8Array[] {
  if (count === 0n) return [];
  const lists = readSlices(context, address, count);
  if (lists.length > MAX_SIGNERS) throw syscallFault('Too many signers');
  return lists.map((list) => {
    const slices = readSlices(context, list.address, list.length);
    if (slices.length > MAX_SEEDS) throw instructionFault('MaxSeedLengthExceeded');
    const seeds = slices.map((seed) => readSlice(context, seed.address, seed.length));
    const signer = createProgramAddress(seeds, context.invocation.programId);
    if (typeof signer === 'string') throw badSeeds(signer);
    return signer;
  });
}
