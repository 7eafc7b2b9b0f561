import { equalBytes } from '@polyproof/base';
import { INPUT_ADDRESS } from '../../sbpf/program.js';
import type { SyscallContext } from '../../sbpf/syscalls/syscall-context.js';
import { readSlice, syscallFault } from '../../sbpf/syscalls/translate.js';
import { instructionFault } from '../instruction-error.js';
import type { SerializedInput } from '../serialize-input.js';
import type { InstructionFrame, TransactionState } from '../transaction-state.js';
import { type CallerAccount, INFO_BYTES, readCallerAccount } from './caller-account.js';
import { type Abi, BYTES_PER_UNIT, viewOf } from './read-instruction.js';

const MAX_INFOS = 255n;
/** What a description costs, in bytes, whatever the layout (SIMD-0339). */
const CHARGED_BYTES = 80;

/**
 * Finds the accounts of an invocation in what the caller says of its accounts; executable ones are not looked for.
 * @throws {VmFault} when one is missing, or described wrongly
 */
export function readCallerAccounts(
  state: TransactionState,
  input: SerializedInput,
  frame: InstructionFrame,
  abi: Abi,
  context: SyscallContext,
  address: bigint,
  count: bigint,
): CallerAccount[] {
  const { meter } = context;
  const size = INFO_BYTES[abi];
  if (address + count * BigInt(size) >= INPUT_ADDRESS) throw syscallFault('Invalid pointer');
  const infos = readSlice(context, address, count, size, 8);
  if (count > MAX_INFOS)
    throw syscallFault(`Invoked an instruction with too many account info's (${count} > ${MAX_INFOS})`);
  meter.consume(Math.floor((CHARGED_BYTES * Number(count)) / BYTES_PER_UNIT));
  const keys = Array.from({ length: Number(count) }, (_, index) =>
    readSlice(context, viewOf(infos).getBigUint64(size * index, true), 32n).slice(),
  );

  const accounts: CallerAccount[] = [];
  const seen = new Set<number>();
  for (const { index, writable } of frame.accounts) {
    if (seen.has(index)) continue;
    seen.add(index);
    const account = state.accounts[index]!;
    if (account.executable) {
      meter.consume(Math.floor(account.data.length / BYTES_PER_UNIT));
      continue;
    }
    const described = keys.findIndex((key) => equalBytes(key, account.address));
    if (described < 0) {
      state.logs.log(`Instruction references an unknown account ${account.name}`);
      throw instructionFault('MissingAccount');
    }
    const position = state.frame.accounts.findIndex((own) => own.index === index);
    const at = size * described;
    const caller = readCallerAccount(
      context,
      abi,
      infos.subarray(at, at + size),
      address + BigInt(at),
      input.layouts[position]!,
    );
    meter.consume(Math.floor(caller.dataLength / BYTES_PER_UNIT));
    accounts.push({ ...caller, position, writable });
  }
  return accounts;
}
