import { TraceError } from '../errors.js';
import type { TransactionState } from '../transaction-state.js';
import { computeBudget } from './compute-budget-program.js';
import { systemProgram } from './system-program.js';

/** Executes the current instruction. @throws {VmFault} when it fails */
export type NativeProgram = (state: TransactionState) => void;

const PROGRAMS: Readonly<Record<string, NativeProgram>> = {
  '11111111111111111111111111111111': systemProgram,
  ComputeBudget111111111111111111111111111111: computeBudget,
};

/** @throws {TraceError} when the program is not one of those that can be traced */
export function nativeProgram(name: string): NativeProgram {
  const program = PROGRAMS[name];
  if (program === undefined)
    throw new TraceError('UNSUPPORTED_NATIVE_PROGRAM', `the native program ${name} cannot be traced.`, {
      name,
    });
  return program;
}
