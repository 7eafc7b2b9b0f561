import { encodeBase58 } from '../../base58.js';
import { precompileOf } from '../../runtime/resolve/native-programs.js';
import type { SyscallArguments, SyscallContext } from '../../sbpf/syscalls/syscall-context.js';
import { syscallFault } from '../../sbpf/syscalls/translate.js';
import type { SerializedInput } from '../serialize-input.js';
import type { TransactionState } from '../transaction-state.js';
import { giveToCaller, takeFromCaller } from './caller-account.js';
import { prepareInvocation } from './prepare-invocation.js';
import { readCallerAccounts } from './read-caller-accounts.js';
import { type Abi, type InvokedInstruction, readInstruction } from './read-instruction.js';
import { readSigners } from './read-signers.js';

/** compute units (SIMD-0339) */
const COST = 946;
const UPGRADEABLE_LOADER = 'BPFLoaderUpgradeab1e11111111111111111111111';
const REFUSED = new Set([
  'NativeLoader1111111111111111111111111111111',
  'BPFLoader1111111111111111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
]);
/** Instructions of the upgradeable loader that programs may invoke: upgrade, set authority, close, and checked forms. */
const ALLOWED_LOADER_INSTRUCTIONS = new Set([3, 4, 5, 7]);

/**
 * A program's invocation of another one (Agave's `cpi_common`): the current instruction's accounts are brought up to
 * date, the other program is executed, and the caller's memory shows what that changed.
 * @returns number of the execution, where it was bytecode
 * @throws {VmFault} when it fails
 */
export function invokeSigned(
  state: TransactionState,
  input: SerializedInput,
  abi: Abi,
  context: SyscallContext,
  [instructionAddress, infos, infoCount, signers, signerCount]: SyscallArguments,
): number | undefined {
  context.meter.consume(COST);
  const instruction = readInstruction(context, abi, instructionAddress);
  const signed = readSigners(context, signers, signerCount);
  checkProgram(instruction);
  const frame = prepareInvocation(state, instruction, signed);
  const accounts = readCallerAccounts(state, input, frame, abi, context, infos, infoCount);
  for (const account of accounts) takeFromCaller(context, state, account);
  const execution = state.execute(frame);
  for (const account of accounts) if (account.writable) giveToCaller(context, state, account);
  return execution;
}

function checkProgram({ programId, data }: InvokedInstruction): void {
  const name = encodeBase58(programId);
  const loader = name === UPGRADEABLE_LOADER && !ALLOWED_LOADER_INSTRUCTIONS.has(data[0] ?? -1);
  if (REFUSED.has(name) || loader || precompileOf(programId) !== undefined)
    throw syscallFault(`Program ${name} not supported by inner instructions`);
}
