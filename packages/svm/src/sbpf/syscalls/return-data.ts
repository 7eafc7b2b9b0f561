import { SYSCALL_BASE_COST } from './logging.js';
import { BYTES_PER_UNIT } from './memory-operations.js';
import type { SyscallArguments, SyscallContext } from './syscall-context.js';
import { checkDisjoint, checkWritable, readSlice, syscallFault } from './translate.js';

const MAX_RETURN_DATA_BYTES = 1_024;
const ADDRESS_BYTES = 32;

export function setReturnData(context: SyscallContext, [address, length]: SyscallArguments): bigint {
  context.meter.consume(Math.floor(Number(length) / BYTES_PER_UNIT) + SYSCALL_BASE_COST);
  if (length > MAX_RETURN_DATA_BYTES)
    throw syscallFault(`Return data too large (${length} > ${MAX_RETURN_DATA_BYTES})`);
  context.invocation.setReturnData(readSlice(context, address, length).slice());
  return 0n;
}

/** @returns length of the data, of which no more is copied than there is room for */
export function getReturnData(
  context: SyscallContext,
  [address, room, programAddress]: SyscallArguments,
): bigint {
  const { meter, memory, invocation } = context;
  meter.consume(SYSCALL_BASE_COST);
  const { programId, data } = invocation.returnData;
  const length = Math.min(Number(room), data.length);
  if (length > 0) {
    meter.consume(Math.floor((length + ADDRESS_BYTES) / BYTES_PER_UNIT));
    checkWritable(context, address, BigInt(length));
    checkWritable(context, programAddress, BigInt(ADDRESS_BYTES));
    checkDisjoint(
      { address, length: BigInt(length) },
      { address: programAddress, length: BigInt(ADDRESS_BYTES) },
    );
    memory.write(address, data.subarray(0, length));
    memory.write(programAddress, programId);
  }
  return BigInt(data.length);
}
