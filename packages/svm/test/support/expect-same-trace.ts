import { expect } from 'vitest';
import type { EngineTransaction } from '../../src/runtime/types.js';
import type { TracedTransaction } from '../../src/trace/trace-transaction.js';
import { replayAccesses } from './replay-accesses.js';
import type { Reference, TracedLitesvm } from './traced-litesvm.js';

/** Traces a transaction, executes it in litesvm, and expects the same of both. */
export function expectSameTrace(machine: TracedLitesvm, transaction: EngineTransaction): TracedTransaction {
  const traced = machine.trace(transaction);
  const reference = machine.execute(transaction);
  // First of all, because a difference is easiest understood where it begins.
  expectSameRegisters(traced, reference);
  expect(summary(traced)).toEqual({
    error: reference.error,
    logs: reference.logs,
    computeUnits: reference.computeUnits,
    returnData: reference.returnData,
  });
  expect(traced.accounts).toEqual(reference.accounts);
  for (const execution of traced.executions) replayAccesses(execution);
  return traced;
}

function summary({ error, logs, computeUnits, returnData }: TracedTransaction) {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  return {
    error,
    logs,
    computeUnits,
    returnData:
      returnData === undefined
        ? undefined
        : { programId: hex(returnData.programId), data: hex(returnData.data) },
  };
}

/**
 * litesvm names its files by their content: two executions with the same registers leave one. It compiles programs, so
 * that it goes on without units until the next jump, and writes the row of a call of nothing twice.
 */
function expectSameRegisters(traced: TracedTransaction, reference: Reference): void {
  const executions = traced.executions.map(({ trace, result }): Execution => {
    const { buffer, byteOffset, byteLength } = trace!.registers;
    const fault = result.kind === 'fault' ? result.fault.code : undefined;
    return {
      end: result.kind === 'fault' ? result.fault.message : `r0 = ${result.r0}`,
      rows: Buffer.from(buffer, byteOffset, byteLength),
      open: fault === 'EXCEEDED_MAX_INSTRUCTIONS' || fault === 'UNSUPPORTED_INSTRUCTION',
    };
  });
  const same = (own: Execution, registers: Buffer) =>
    own.rows.equals(own.open ? registers.subarray(0, own.rows.length) : registers);
  for (const registers of reference.registers)
    if (!executions.some((own) => same(own, registers)))
      expect(firstDifference(executions, registers)).toBe('no difference');
  for (const own of executions)
    if (own.rows.length > 0) expect(reference.registers.some((registers) => same(own, registers))).toBe(true);
}

interface Execution {
  rows: Buffer;
  /** litesvm's rows may go on behind ours */
  open: boolean;
  end: string;
}

const ROW_BYTES = 96;

/** Where the most similar of our executions leaves litesvm's. */
function firstDifference(executions: readonly Execution[], registers: Buffer): string {
  let best = 0;
  let text = `${executions.length} executions, none with ${registers.length / ROW_BYTES} rows`;
  for (const own of executions) {
    const { rows } = own;
    let row = 0;
    while (rows.subarray(0, (row + 1) * ROW_BYTES).equals(registers.subarray(0, (row + 1) * ROW_BYTES))) {
      row++;
      if ((row + 1) * ROW_BYTES > Math.max(rows.length, registers.length)) break;
    }
    if (row < best) continue;
    best = row;
    const show = (from: Buffer) =>
      from.length < (row + 1) * ROW_BYTES
        ? 'end'
        : Array.from({ length: 12 }, (_, i) =>
            from.readBigUInt64LE(row * ROW_BYTES + 8 * i).toString(16),
          ).join(' ');
    text = `row ${row}, ours ends with ${own.end}: ours ${show(rows)}, litesvm's ${show(registers)}`;
  }
  return text;
}
