import { encodeBase58 } from '../../base58.js';
import type { SyscallArguments, SyscallContext } from './syscall-context.js';
import { readSlice, readSlices, syscallFault } from './translate.js';
import { decodeUtf8 } from './utf8.js';

/** Compute units of a system call that costs nothing else. */
export const SYSCALL_BASE_COST = 100;

export function abort(): never {
  throw syscallFault('SBF program panicked');
}

export function panic(context: SyscallContext, [file, length, line, column]: SyscallArguments): never {
  context.meter.consume(Number(length));
  const name = decodeUtf8(readSlice(context, file, length));
  throw syscallFault(`SBF program Panicked in ${name} at ${line}:${column}`);
}

export function log(context: SyscallContext, [address, length]: SyscallArguments): bigint {
  context.meter.consume(Math.max(SYSCALL_BASE_COST, Number(length)));
  const text = decodeUtf8(readSlice(context, address, length));
  context.invocation.log(`Program log: ${text}`);
  return 0n;
}

export function log64({ meter, invocation }: SyscallContext, args: SyscallArguments): bigint {
  meter.consume(SYSCALL_BASE_COST);
  invocation.log(`Program log: ${args.map((value) => `0x${value.toString(16)}`).join(', ')}`);
  return 0n;
}

export function logPubkey(context: SyscallContext, [address]: SyscallArguments): bigint {
  context.meter.consume(SYSCALL_BASE_COST);
  context.invocation.log(`Program log: ${encodeBase58(readSlice(context, address, 32n))}`);
  return 0n;
}

export function logComputeUnits({ meter, invocation }: SyscallContext): bigint {
  meter.consume(SYSCALL_BASE_COST);
  invocation.log(`Program consumption: ${meter.remaining} units remaining`);
  return 0n;
}

export function logData(context: SyscallContext, [address, count]: SyscallArguments): bigint {
  const { meter, invocation } = context;
  meter.consume(SYSCALL_BASE_COST);
  const fields = readSlices(context, address, count);
  meter.consume(SYSCALL_BASE_COST * fields.length);
  meter.consume(fields.reduce((sum, field) => sum + Number(field.length), 0));
  const texts = fields.map((field) =>
    Buffer.from(readSlice(context, field.address, field.length)).toString('base64'),
  );
  invocation.log(`Program data: ${texts.join(' ')}`);
  return 0n;
}
