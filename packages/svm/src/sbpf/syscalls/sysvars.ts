import { decodeBase58 } from '../../base58.js';
import { INPUT_ADDRESS } from '../program.js';
import { VmFault } from '../vm-fault.js';
import { BYTES_PER_UNIT } from './memory-operations.js';
import type { SyscallArguments, SyscallContext } from './syscall-context.js';
import { checkWritable, readSlice, syscallFault } from './translate.js';

export const CLOCK = decodeBase58('SysvarC1ock11111111111111111111111111111111');
export const RENT = decodeBase58('SysvarRent111111111111111111111111111111111');
export const EPOCH_SCHEDULE = decodeBase58('SysvarEpochSchedu1e111111111111111111111111');
export const LAST_RESTART_SLOT = decodeBase58('SysvarLastRestartS1ot1111111111111111111111');

const BASE_COST = 100;
const MIN_COPY_COST = 10;
const NOT_FOUND = 2n;
const OUT_OF_RANGE = 1n;
const MAX_U64 = (1n << 64n) - 1n;

/** In memory a structure may be padded where its serialised form is not: pieces of the latter, and where they go. */
interface Layout {
  bytes: number;
  pieces: readonly { from: number; bytes: number; to: number }[];
}

const flat = (bytes: number): Layout => ({ bytes, pieces: [{ from: 0, bytes, to: 0 }] });
const RENT_LAYOUT: Layout = { bytes: 24, pieces: [{ from: 0, bytes: 17, to: 0 }] };
const EPOCH_SCHEDULE_LAYOUT: Layout = {
  bytes: 40,
  pieces: [
    { from: 0, bytes: 17, to: 0 },
    { from: 17, bytes: 16, to: 24 },
  ],
};

export const getClock = getter(CLOCK, flat(40));
export const getRent = getter(RENT, RENT_LAYOUT);
export const getEpochSchedule = getter(EPOCH_SCHEDULE, EPOCH_SCHEDULE_LAYOUT);
export const getLastRestartSlot = getter(LAST_RESTART_SLOT, flat(8));

function getter(sysvar: Uint8Array, { bytes, pieces }: Layout) {
  return (context: SyscallContext, [address]: SyscallArguments): bigint => {
    context.meter.consume(BASE_COST + bytes);
    checkAddress(address);
    checkWritable(context, address, 1n, bytes, 8);
    const data = context.invocation.sysvar(sysvar);
    if (data === undefined) throw new VmFault('SYSCALL', 'Unsupported sysvar', 'UnsupportedSysvar');
    const value = new Uint8Array(bytes);
    for (const piece of pieces) value.set(data.subarray(piece.from, piece.from + piece.bytes), piece.to);
    context.memory.write(address, value);
    return 0n;
  };
}

/** Copies a part of a sysvar's serialised form (SIMD-0127). */
export function getSysvar(context: SyscallContext, [id, address, offset, length]: SyscallArguments): bigint {
  const { meter, memory, invocation } = context;
  meter.consume(BASE_COST + Math.max(MIN_COPY_COST, Math.floor(Number(length) / BYTES_PER_UNIT)));
  checkAddress(address);
  checkWritable(context, address, length);
  const sysvar = readSlice(context, id, 32n);
  if (offset + length > MAX_U64 || address + length > MAX_U64)
    throw new VmFault('SYSCALL', 'Arithmetic overflow', 'ArithmeticOverflow');
  const data = invocation.sysvar(sysvar);
  if (data === undefined) return NOT_FOUND;
  if (offset + length > data.length) return OUT_OF_RANGE;
  memory.write(address, data.subarray(Number(offset), Number(offset + length)));
  return 0n;
}

/** Results may not be written to the input (SIMD-0459). */
function checkAddress(address: bigint): void {
  if (address >= INPUT_ADDRESS) throw syscallFault('Invalid pointer');
}
