import { encodeBase58 } from '../base58.js';
import { VmFault } from '../sbpf/vm-fault.js';
import { executeProgram } from './execute-program.js';
import { instructionFault } from './instruction-error.js';
import { nativeProgram } from './native/native-program.js';
import type { InstructionFrame, TransactionState, WorkingAccount } from './transaction-state.js';

const NATIVE_LOADER = 'NativeLoader1111111111111111111111111111111';
/** The first loader's programs get their parameters unaligned. */
const FIRST_LOADER = 'BPFLoader1111111111111111111111111111111111';
const LOADERS = new Set([
  FIRST_LOADER,
  'BPFLoader2111111111111111111111111111111111',
  'BPFLoaderUpgradeab1e11111111111111111111111',
]);

/**
 * Executes an instruction of the transaction, or one that a program invokes (Agave's `process_instruction`).
 * @returns number of the execution, where it was bytecode
 * @throws {VmFault} when it fails: an InstructionError
 */
export function executeInstruction(state: TransactionState, frame: InstructionFrame): number | undefined {
  state.push(frame);
  let execution: number | undefined;
  try {
    execution = dispatch(state, frame);
  } catch (error) {
    state.pop();
    throw error;
  }
  if (!state.pop()) throw instructionFault('UnbalancedInstruction');
  return execution;
}

function dispatch(state: TransactionState, frame: InstructionFrame): number | undefined {
  const { logs, accounts } = state;
  const program = accounts[frame.program]!;
  const owner = encodeBase58(program.owner);
  const native = owner === NATIVE_LOADER;
  if (!native && !LOADERS.has(owner)) throw instructionFault('UnsupportedProgramId');
  state.returnData = { programId: program.address, data: new Uint8Array() };
  logs.log(`Program ${program.name} invoke [${state.stack.length}]`);
  try {
    const execution = native ? executeNative(state, program) : executeBytecode(state, program, owner);
    logs.log(`Program ${program.name} success`);
    return execution;
  } catch (error) {
    if (!(error instanceof VmFault)) throw error;
    logs.log(`Program ${program.name} failed: ${error.message}`);
    throw instructionFault(error.instructionError);
  }
}

function executeNative(state: TransactionState, program: WorkingAccount): undefined {
  nativeProgram(program.name)(state);
  return undefined;
}

function executeBytecode(state: TransactionState, account: WorkingAccount, loader: string): number {
  const program = state.environment.program(account);
  if (program === undefined) {
    state.logs.log('Program is not deployed');
    throw instructionFault('UnsupportedProgramId');
  }
  return executeProgram(state, program, loader !== FIRST_LOADER);
}
