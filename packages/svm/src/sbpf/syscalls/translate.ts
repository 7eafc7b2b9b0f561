import { VmFault } from '../vm-fault.js';
import type { SyscallContext } from './syscall-context.js';

const MAX_LENGTH = 1n << 63n;

/** An error of a system call that is no InstructionError: the instruction fails to complete. */
export function syscallFault(text: string): VmFault {
  return new VmFault('SYSCALL', text);
}

/** A slice as programs describe one: address, then length. */
export interface VmSlice {
  address: bigint;
  length: bigint;
}

export const VM_SLICE_BYTES = 16;

/**
 * Reads `count` elements as Agave's `translate_slice` does.
 * @param align - bytes that an element is aligned to
 * @throws {VmFault} on an access violation, a bad length or an unaligned address
 */
export function readSlice(
  context: SyscallContext,
  address: bigint,
  count: bigint,
  elementBytes = 1,
  align = 1,
): Uint8Array {
  const length = checkedLength(count, elementBytes);
  const bytes = context.memory.read(address, length);
  if (length > 0n) checkAlignment(context, address, align);
  return bytes;
}

/** Checks that there is memory to write to. @throws {VmFault} as {@link readSlice} */
export function checkWritable(
  context: SyscallContext,
  address: bigint,
  count: bigint,
  elementBytes = 1,
  align = 1,
): void {
  const length = checkedLength(count, elementBytes);
  if (length === 0n) return;
  context.memory.writable(address, length);
  checkAlignment(context, address, align);
}

/** @throws {VmFault} as {@link readSlice} */
export function readSlices(context: SyscallContext, address: bigint, count: bigint): VmSlice[] {
  const bytes = readSlice(context, address, count, VM_SLICE_BYTES, 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Number(count) }, (_, index) => ({
    address: view.getBigUint64(VM_SLICE_BYTES * index, true),
    length: view.getBigUint64(VM_SLICE_BYTES * index + 8, true),
  }));
}

/** @throws {VmFault} when the ranges share a byte */
export function checkDisjoint(a: VmSlice, b: VmSlice): void {
  if (overlap(a, b)) throw syscallFault('Overlapping copy');
}

/** By Agave's `is_nonoverlapping`. */
function overlap(a: VmSlice, b: VmSlice): boolean {
  return a.address > b.address ? a.address - b.address < b.length : b.address - a.address < a.length;
}

/** @throws {VmFault} when no memory can be so long */
function checkedLength(count: bigint, elementBytes: number): bigint {
  const length = count * BigInt(elementBytes);
  if (length >= MAX_LENGTH) throw syscallFault('InvalidLength');
  return length;
}

/** @throws {VmFault} when the address is not a multiple of `align` */
function checkAlignment({ invocation }: SyscallContext, address: bigint, align: number): void {
  if (invocation.checkAligned && align > 1 && address % BigInt(align) !== 0n)
    throw syscallFault('Unaligned pointer');
}
