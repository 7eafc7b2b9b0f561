import { HEAP_ADDRESS } from '../program.js';
import { keccak256, sha256 } from './hashes.js';
import {
  abort,
  log,
  log64,
  logComputeUnits,
  logData,
  logPubkey,
  panic,
  SYSCALL_BASE_COST,
} from './logging.js';
import { memcmp, memcpy, memmove, memset } from './memory-operations.js';
import { createAddress, findAddress } from './program-address.js';
import { getReturnData, setReturnData } from './return-data.js';
import type { SyscallArguments, SyscallContext } from './syscall-context.js';
import type { SyscallName } from './syscall-names.js';
import { getClock, getEpochSchedule, getLastRestartSlot, getRent, getSysvar } from './sysvars.js';

/** @returns r0, of an invocation together with the number of its execution */
export type Syscall = (
  context: SyscallContext,
  args: SyscallArguments,
) => bigint | { result: bigint; invoked?: number };

/** The system calls that can be traced; costs and results are those of Agave's `syscalls` crate. */
export const SYSCALLS: Partial<Record<SyscallName, Syscall>> = {
  abort,
  sol_panic_: panic,
  sol_log_: log,
  sol_log_64_: log64,
  sol_log_pubkey: logPubkey,
  sol_log_compute_units_: logComputeUnits,
  sol_log_data: logData,
  sol_create_program_address: createAddress,
  sol_try_find_program_address: findAddress,
  sol_sha256: sha256,
  sol_keccak256: keccak256,
  sol_get_clock_sysvar: getClock,
  sol_get_epoch_schedule_sysvar: getEpochSchedule,
  sol_get_rent_sysvar: getRent,
  sol_get_last_restart_slot: getLastRestartSlot,
  sol_get_sysvar: getSysvar,
  sol_memcpy_: memcpy,
  sol_memmove_: memmove,
  sol_memset_: memset,
  sol_memcmp_: memcmp,
  sol_alloc_free_: allocate,
  sol_set_return_data: setReturnData,
  sol_get_return_data: getReturnData,
  sol_get_stack_height: ({ meter, invocation }) => {
    meter.consume(SYSCALL_BASE_COST);
    return BigInt(invocation.stackHeight);
  },
  sol_invoke_signed_c: invoke('c'),
  sol_invoke_signed_rust: invoke('rust'),
};

function invoke(abi: 'c' | 'rust'): Syscall {
  return (context, args) => {
    const invoked = context.invocation.invokeSigned(abi, context, args);
    return invoked === undefined ? 0n : { result: 0n, invoked };
  };
}

/** Gives memory of the heap away, and never takes any back. @returns 0 when there is not enough */
function allocate(context: SyscallContext, [size, freed]: SyscallArguments): bigint {
  if (freed !== 0n) return 0n;
  const align = context.invocation.checkAligned ? 8 : 1;
  const start = Math.ceil(context.allocated / align) * align;
  const heap = context.memory.regions[Number(HEAP_ADDRESS >> 32n)]!.bytes.length;
  if (start + Number(size) > heap) return 0n;
  context.allocated = start + Number(size);
  return HEAP_ADDRESS + BigInt(start);
}
