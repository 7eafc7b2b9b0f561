import { expect } from 'vitest';
import { ROW_WORDS } from '../../src/sbpf/execution-trace.js';
import { HEAP_ADDRESS, INPUT_ADDRESS, REGION_BYTES, STACK_ADDRESS } from '../../src/sbpf/program.js';
import type { ProgramExecution } from '../../src/trace/transaction-state.js';

const FRAME = 4_096n;

/**
 * Repeats the memory accesses of an execution, and expects that every one of them finds what its trace says, and that
 * they leave the input as the execution left it.
 */
export function replayAccesses({ program, input, output, heapBytes, trace }: ProgramExecution): void {
  const { accesses, steps, syscalls, registers } = trace!;
  const regions = new Map<bigint, Uint8Array>([
    [program.readOnly.address / REGION_BYTES, program.readOnly.bytes.slice()],
    [STACK_ADDRESS / REGION_BYTES, new Uint8Array(64 * 4_096)],
    [HEAP_ADDRESS / REGION_BYTES, new Uint8Array(heapBytes)],
    [INPUT_ADDRESS / REGION_BYTES, input.slice()],
  ]);
  let step = 0;
  for (let index = 0; index < accesses.length; index++) {
    const address = accesses.address[index]!;
    const size = accesses.size[index]!;
    const region = address / REGION_BYTES;
    let offset = address % REGION_BYTES;
    // In v0 a frame's end is followed by a gap, but what is behind the end in memory is the next frame.
    if (program.version === 0 && region === 2n) offset = (offset / (2n * FRAME)) * FRAME + (offset % FRAME);
    const bytes = regions.get(region)!.subarray(Number(offset), Number(offset) + size);
    const before = bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    const found = [accesses.before[index], accesses.step[index]! >= step && accesses.step[index]! < steps];
    if (found[0] !== before || found[1] !== true) expect(found).toEqual([before, true]);
    step = accesses.step[index]!;
    if (accesses.store[index] === 0) {
      if (accesses.value[index] !== before) expect(accesses.value[index]).toBe(before);
      continue;
    }
    let value = accesses.value[index]!;
    for (let at = 0; at < size; at++, value >>= 8n) bytes[at] = Number(value & 0xffn);
    if (value !== 0n) expect(value).toBe(0n);
  }
  if (Buffer.compare(regions.get(4n)!, output) !== 0) expect(regions.get(4n)).toEqual(output);
  for (const call of syscalls) {
    const row = registers.subarray(ROW_WORDS * call.step, ROW_WORDS * (call.step + 1));
    expect(call.arguments).toEqual([...row.subarray(1, 6)]);
    const own = accesses.step.subarray(call.firstAccess, call.firstAccess + call.accesses);
    expect(own.every((of) => of === call.step)).toBe(true);
  }
}
