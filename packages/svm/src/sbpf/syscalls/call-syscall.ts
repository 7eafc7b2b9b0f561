import { UnsupportedSyscallError } from '../errors.js';
import type { TraceRecorder } from '../execution-trace.js';
import type { SyscallArguments, SyscallContext } from './syscall-context.js';
import { SYSCALL_NAMES } from './syscall-names.js';
import { SYSCALLS } from './syscalls.js';

/**
 * Executes a system call: reads r1 to r5, writes r0.
 * @param number - index of its name
 * @throws {VmFault} when it ends the execution
 * @throws {UnsupportedSyscallError} when only Agave knows it
 */
export function callSyscall(
  number: number,
  context: SyscallContext,
  registers: BigUint64Array,
  recorder?: TraceRecorder,
): void {
  const name = SYSCALL_NAMES[number]!;
  const execute = SYSCALLS[name];
  if (execute === undefined) throw new UnsupportedSyscallError(name);
  const args = [...registers.subarray(1, 6)] as unknown as SyscallArguments;
  if (recorder === undefined) {
    const returned = execute(context, args);
    registers[0] = typeof returned === 'bigint' ? returned : returned.result;
    return;
  }
  const { accesses, step } = recorder;
  const firstAccess = accesses.length;
  const before = context.meter.remaining;
  let returned: bigint | { result: bigint; invoked?: number } | undefined;
  try {
    returned = execute(context, args);
    registers[0] = typeof returned === 'bigint' ? returned : returned.result;
  } finally {
    const invoked = typeof returned === 'object' ? returned.invoked : undefined;
    recorder.syscalls.push({
      step,
      name,
      arguments: args,
      result: returned === undefined ? undefined : registers[0]!,
      firstAccess,
      accesses: accesses.length - firstAccess,
      computeUnits: before - context.meter.remaining,
      ...(invoked === undefined ? {} : { invoked }),
    });
  }
}
