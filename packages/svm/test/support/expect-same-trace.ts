import { expect } from 'vitest';
import type { EngineTransaction } from '../../src/runtime/types.js';
import type { TracedTransaction } from '../../src/trace/trace-transaction.js';
import type { Reference, TracedLitesvm } from './traced-litesvm.js';

/** Traces a transaction, executes it in litesvm, and expects the same of both. */
export function expectSameTrace(machine: TracedLitesvm, transaction: EngineTransaction): TracedTransaction {
  const traced = machine.trace(transaction);
  const reference = machine.execute(transaction);
  expect(summary(traced)).toEqual({
    error: reference.error,
    logs: reference.logs,
    computeUnits: reference.computeUnits,
    returnData: reference.returnData,
  });
  expect(traced.accounts).toEqual(reference.accounts);
  expectSameRegisters(traced, reference);
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

/** litesvm names its files by their content: two executions with the same registers leave one. */
function expectSameRegisters(traced: TracedTransaction, reference: Reference): void {
  const rows = traced.executions.map(({ trace }) => {
    const { buffer, byteOffset, byteLength } = trace!.registers;
    return Buffer.from(buffer, byteOffset, byteLength);
  });
  for (const registers of reference.registers) {
    const same = rows.some((own) => own.equals(registers));
    if (!same) expect(firstDifference(rows, registers)).toBe('no difference');
  }
  for (const own of rows) expect(reference.registers.some((registers) => own.equals(registers))).toBe(true);
}

const ROW_BYTES = 96;

/** Where the most similar of our executions leaves litesvm's. */
function firstDifference(rows: Buffer[], registers: Buffer): string {
  let best = 0;
  let text = `${rows.length} executions, none with ${registers.length / ROW_BYTES} rows`;
  for (const own of rows) {
    let row = 0;
    while (own.subarray(0, (row + 1) * ROW_BYTES).equals(registers.subarray(0, (row + 1) * ROW_BYTES))) {
      row++;
      if ((row + 1) * ROW_BYTES > Math.max(own.length, registers.length)) break;
    }
    if (row < best) continue;
    best = row;
    const show = (from: Buffer) =>
      from.length < (row + 1) * ROW_BYTES
        ? 'end'
        : Array.from({ length: 12 }, (_, i) =>
            from.readBigUInt64LE(row * ROW_BYTES + 8 * i).toString(16),
          ).join(' ');
    text = `row ${row}: ours ${show(own)}, litesvm's ${show(registers)}`;
  }
  return text;
}
