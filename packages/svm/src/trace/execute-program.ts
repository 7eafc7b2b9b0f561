import { TraceRecorder } from '../sbpf/execution-trace.js';
import { type ExecutionResult, interpret } from '../sbpf/interpreter.js';
import { Memory } from '../sbpf/memory.js';
import type { Program } from '../sbpf/program.js';
import type { SyscallContext } from '../sbpf/syscalls/syscall-context.js';
import { deserializeInput } from './deserialize-input.js';
import { instructionFault, returnedError } from './instruction-error.js';
import { ProgramInvocation } from './program-invocation.js';
import { serializeInput } from './serialize-input.js';
import type { TransactionState } from './transaction-state.js';

const HEAP_PAGE_BYTES = 32 * 1024;
const HEAP_PAGE_COST = 8;

/**
 * Executes the current instruction's program, and takes what it changed into the accounts (Agave's `vm::execute`).
 * @returns number of the execution
 * @throws {VmFault} when it fails
 */
export function executeProgram(state: TransactionState, program: Program, aligned: boolean): number {
  const { frame, meter, logs, heapBytes, executions } = state;
  const input = serializeInput(frame, state.accounts, aligned);
  const before = input.bytes.slice();
  const recorder = state.recording ? new TraceRecorder() : undefined;
  const unitsAtStart = meter.remaining;
  meter.consume((Math.ceil(heapBytes / HEAP_PAGE_BYTES) - 1) * HEAP_PAGE_COST);
  const context: SyscallContext = {
    memory: new Memory(program, input.bytes, heapBytes, recorder?.accesses),
    meter,
    invocation: new ProgramInvocation(state, input, aligned),
    allocated: 0,
  };
  const number = executions.length;
  const execution = {
    instruction: state.instruction,
    stackHeight: state.stack.length,
    programId: state.accounts[frame.program]!.address,
    program,
    accounts: frame.accounts,
    data: frame.data,
    input: before,
    output: input.bytes,
    dataAddress: input.dataAddress,
    heapBytes,
    computeUnitsBefore: meter.remaining,
    computeUnitsAfter: 0,
    result: { kind: 'exit', r0: 0n } as ExecutionResult,
  };
  executions.push(execution);
  const result = interpret(program, context, input.dataAddress, recorder);
  execution.result = result;
  execution.computeUnitsAfter = meter.remaining;
  if (recorder !== undefined) Object.assign(execution, { trace: recorder.finish() });

  const consumed = execution.computeUnitsBefore - meter.remaining;
  logs.log(`Program ${state.programName()} consumed ${consumed} of ${unitsAtStart} compute units`);
  if (state.returnData.data.length > 0)
    logs.log(
      `Program return: ${state.programName()} ${Buffer.from(state.returnData.data).toString('base64')}`,
    );
  if (result.kind === 'fault') {
    // What a fault of the machine itself costs is all that is left (SIMD-0182).
    if (!result.inSyscall) meter.remaining = 0;
    throw result.fault;
  }
  if (result.r0 !== 0n) throw instructionFault(returnedError(result.r0));
  deserializeInput(state, input, aligned);
  return number;
}
