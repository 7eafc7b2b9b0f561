export type { Account } from '@polyproof/state';
export * from './bank/bank.js';
export * from './bank/stateless-executor.js';
export type * from './bank/types.js';
export * from './base58.js';
export * from './batch-budget.js';
export * from './batch-data.js';
export * from './blockhash.js';
export { type BatchCircuit, batchCircuitInputs } from './circuit-inputs.js';
export { decodeCompactData } from './compact-data/decode.js';
export { encodeCompactData } from './compact-data/encode.js';
export { CompactDataError } from './compact-data/errors.js';
export { COVERAGE, type ProgramCoverage } from './coverage.js';
export * from './deposits.js';
export * from './ed25519.js';
export * from './errors.js';
export * from './exits.js';
export * from './generated/circuit-limits.js';
export * from './genesis-programs.js';
export * from './instruction-error-texts.js';
export * from './message.js';
export * from './provable.js';
export * from './reserved.js';
export * from './rollup-config.js';
export * from './runtime/engine/meta-codec.js';
export * from './runtime/engine/process-runtime-executor.js';
export * from './runtime/engine/signature-pool.js';
export * from './runtime/resolve/resolve-transaction.js';
export * from './runtime/resolve/transaction-rejected-error.js';
export * from './runtime/schedule/cost-model.js';
export * from './runtime/schedule/errors.js';
export * from './runtime/schedule/parallel-runtime.js';
export * from './runtime/schedule/priority.js';
export type * from './runtime/types.js';
export type { MemoryAccesses } from './sbpf/access-log.js';
export * from './sbpf/assemble.js';
export * from './sbpf/errors.js';
export {
  type CallRecord,
  type ExecutionTrace,
  ROW_WORDS,
  type SyscallRecord,
} from './sbpf/execution-trace.js';
export type { ExecutionResult } from './sbpf/interpreter.js';
export * from './sbpf/load-program.js';
export * from './sbpf/opcodes.js';
export * from './sbpf/program.js';
export * from './sbpf/syscalls/syscall-names.js';
export * from './sbpf/vm-fault.js';
export * from './trace/errors.js';
export * from './trace/program-cache.js';
export * from './trace/trace-sysvars.js';
export * from './trace/trace-transaction.js';
export type { InstructionAccount, ProgramExecution } from './trace/transaction-state.js';
export * from './transaction.js';
export * from './types.js';
export * from './witness.js';
export * from './witness-codec.js';
export { type MeasuredTransaction, measureTransaction } from './zkvm/measure.js';
