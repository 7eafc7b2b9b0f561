import { UnsupportedSyscallError } from '../../sbpf/errors.js';
import type { SyscallArguments, SyscallContext } from '../../sbpf/syscalls/syscall-context.js';
import type { SerializedInput } from '../serialize-input.js';
import type { TransactionState } from '../transaction-state.js';

export function invokeSigned(
  _state: TransactionState,
  _input: SerializedInput,
  abi: 'c' | 'rust',
  _context: SyscallContext,
  _args: SyscallArguments,
): number | undefined {
  throw new UnsupportedSyscallError(`sol_invoke_signed_${abi}`);
}
