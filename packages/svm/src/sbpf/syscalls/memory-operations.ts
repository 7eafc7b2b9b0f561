import type { SyscallArguments, SyscallContext } from './syscall-context.js';
import { checkDisjoint, checkWritable, readSlice } from './translate.js';

const BASE_COST = 10;
/** bytes that cost one compute unit where memory is copied */
export const BYTES_PER_UNIT = 250;

export function memcpy(context: SyscallContext, args: SyscallArguments): bigint {
  const [to, from, length] = args;
  charge(context, length);
  checkDisjoint({ address: from, length }, { address: to, length });
  return move(context, args);
}

export function memmove(context: SyscallContext, args: SyscallArguments): bigint {
  charge(context, args[2]);
  return move(context, args);
}

function move(context: SyscallContext, [to, from, length]: SyscallArguments): bigint {
  checkWritable(context, to, length);
  // Copied, because the two may overlap.
  context.memory.write(to, readSlice(context, from, length).slice());
  return 0n;
}

export function memset(context: SyscallContext, [to, value, length]: SyscallArguments): bigint {
  charge(context, length);
  checkWritable(context, to, length);
  context.memory.write(to, new Uint8Array(Number(length)).fill(Number(value & 0xffn)));
  return 0n;
}

/** Writes the difference of the first bytes that differ, 0 without any, as a 32-bit number. */
export function memcmp(context: SyscallContext, [a, b, length, result]: SyscallArguments): bigint {
  charge(context, length);
  const x = readSlice(context, a, length);
  const y = readSlice(context, b, length);
  const at = x.findIndex((byte, index) => byte !== y[index]);
  checkWritable(context, result, 1n, 4, 4);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, at < 0 ? 0 : x[at]! - y[at]!, true);
  context.memory.write(result, bytes);
  return 0n;
}

function charge({ meter }: SyscallContext, length: bigint): void {
  meter.consume(Math.max(BASE_COST, Math.floor(Number(length) / BYTES_PER_UNIT)));
}
