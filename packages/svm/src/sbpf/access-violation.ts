import type { Region } from './memory.js';
import { MAX_CALL_DEPTH, REGION_BYTES, STACK_ADDRESS, STACK_FRAME_BYTES } from './program.js';
import { VmFault } from './vm-fault.js';

const NAMES: Record<number, string> = { 1: 'program', 2: 'stack', 3: 'heap', 4: 'input' };
const I64_MIN = -(1n << 63n);

/** The fault of an access that is not allowed, in the words of sbpf's `generate_access_violation`. */
export function accessViolation(
  regions: readonly (Region | undefined)[],
  write: boolean,
  address: bigint,
  length: bigint,
): VmFault {
  const kind = write ? 'writing' : 'reading';
  const hex = `0x${address.toString(16)}`;
  const distance = BigInt.asIntN(64, address) - STACK_ADDRESS;
  const frame = (distance < I64_MIN ? I64_MIN : distance) / BigInt(STACK_FRAME_BYTES);
  if (frame >= -1n && frame <= BigInt(MAX_CALL_DEPTH))
    return new VmFault(
      'ACCESS_VIOLATION',
      `Access violation in stack frame ${frame} at address ${hex} of size ${length}`,
    );
  const index = Number(address / REGION_BYTES);
  const region = regions[index];
  const size = BigInt(region?.bytes.length ?? 0) * (region?.gapped === true ? 2n : 1n);
  const inside = region !== undefined && address - region.address < size;
  const name = inside ? (NAMES[index] ?? 'allocated') : 'unallocated';
  return new VmFault(
    'ACCESS_VIOLATION',
    `Access violation ${kind} ${length} bytes at address ${hex} (in ${name} region)`,
  );
}
