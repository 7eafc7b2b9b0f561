import { alu32, alu64, byteOrder } from './alu.js';
import { branches32, branches64 } from './branch.js';
import type { TraceRecorder } from './execution-trace.js';
import { ALU, CALL, CALLX, CLASS, EXIT, JA, LDDW, MEMORY_SIZES, SOURCE_REGISTER } from './opcodes.js';
import {
  INPUT_ADDRESS,
  MAX_CALL_DEPTH,
  type Program,
  STACK_ADDRESS,
  STACK_FRAME_BYTES,
  UNRESOLVED,
} from './program.js';
import { callSyscall } from './syscalls/call-syscall.js';
import type { SyscallContext } from './syscalls/syscall-context.js';
import { VmFault } from './vm-fault.js';

/** How an execution ended. */
export type ExecutionResult =
  | { kind: 'exit'; r0: bigint }
  /** `inSyscall`: a system call reported it. All other faults cost the transaction every unit that it has left. */
  | { kind: 'fault'; fault: VmFault; inSyscall: boolean };

interface Frame {
  /** slot to go on at */
  next: number;
  /** r6 to r10 of the caller */
  saved: Uint32Array;
}

const PC = 11;
const FRAME_POINTER = 10;

/**
 * Executes a program until it exits or fails, on the memory and meter of its context.
 * @param instructionData - address of the instruction's data, which r2 holds at the start (SIMD-0321)
 * @throws {UnsupportedSyscallError} where the execution cannot be followed
 */
export function interpret(
  program: Program,
  context: SyscallContext,
  instructionData: bigint,
  recorder?: TraceRecorder,
): ExecutionResult {
  const { memory, meter } = context;
  const { length, opcode, dst, src, offset, immediate, high, call } = program.instructions;
  const words = new BigUint64Array(12);
  const halves = new Uint32Array(words.buffer);
  const frames: Frame[] = [];
  const frameBytes = program.version === 0 ? 2 * STACK_FRAME_BYTES : STACK_FRAME_BYTES;
  words[1] = INPUT_ADDRESS;
  words[2] = instructionData;
  words[FRAME_POINTER] = STACK_ADDRESS + BigInt(STACK_FRAME_BYTES);
  let pc = program.entry;
  let inSyscall = false;

  const enter = (next: number): void => {
    frames.push({ next, saved: halves.slice(12, 22) });
    if (frames.length === MAX_CALL_DEPTH) throw new VmFault('CALL_DEPTH_EXCEEDED');
    words[FRAME_POINTER] = words[FRAME_POINTER]! + BigInt(frameBytes);
  };
  const note = (kind: 'call' | 'return', target: number): void => {
    recorder?.calls.push({ step: recorder.step, kind, target, depth: frames.length });
  };

  try {
    for (;;) {
      if (meter.remaining === 0) throw new VmFault('EXCEEDED_MAX_INSTRUCTIONS');
      meter.remaining--;
      if (pc >= length) throw new VmFault('EXECUTION_OVERRUN');
      if (recorder !== undefined) {
        words[PC] = BigInt(pc);
        recorder.beginStep(words);
      }
      const op = opcode[pc]!;
      const d = dst[pc]!;
      const s = 2 * src[pc]!;
      const imm = immediate[pc]!;
      let next = pc + 1;
      switch (op & 7) {
        case CLASS.ALU64: {
          const register = (op & SOURCE_REGISTER) !== 0;
          alu64(
            op >> 4,
            halves,
            words,
            d,
            register ? halves[s]! : imm >>> 0,
            register ? halves[s + 1]! : high[pc]!,
          );
          break;
        }
        case CLASS.ALU32:
          if (op >> 4 === ALU.END) byteOrder(halves, d, imm, (op & SOURCE_REGISTER) !== 0);
          else alu32(op >> 4, halves, d, (op & SOURCE_REGISTER) !== 0 ? halves[s]! : imm >>> 0);
          break;
        case CLASS.LDX: {
          const low = halves[s]! + offset[pc]!;
          memory.load(low >>> 0, carried(halves[s + 1]!, low), MEMORY_SIZES[(op >> 3) & 3]!, halves, d);
          break;
        }
        case CLASS.ST: {
          const low = halves[2 * d]! + offset[pc]!;
          const size = MEMORY_SIZES[(op >> 3) & 3]!;
          memory.store(low >>> 0, carried(halves[2 * d + 1]!, low), size, imm >>> 0, high[pc]!);
          break;
        }
        case CLASS.STX: {
          const low = halves[2 * d]! + offset[pc]!;
          const size = MEMORY_SIZES[(op >> 3) & 3]!;
          memory.store(low >>> 0, carried(halves[2 * d + 1]!, low), size, halves[s]!, halves[s + 1]!);
          break;
        }
        case CLASS.JMP32:
          if (branches32(op >> 4, halves[2 * d]!, (op & SOURCE_REGISTER) !== 0 ? halves[s]! : imm >>> 0))
            next += offset[pc]!;
          break;
        case CLASS.JMP64: {
          if (op === JA) next += offset[pc]!;
          else if (op === EXIT) {
            const frame = frames.pop();
            if (frame === undefined) return { kind: 'exit', r0: words[0]! };
            halves.set(frame.saved, 12);
            next = frame.next;
            note('return', next);
          } else if (op === CALL) {
            const target = call[pc]!;
            if (target === UNRESOLVED) throw new VmFault('UNSUPPORTED_INSTRUCTION');
            if (target >= 0) {
              enter(next);
              next = target;
              note('call', next);
            } else {
              inSyscall = true;
              callSyscall(-2 - target, context, words, recorder);
              inSyscall = false;
            }
          } else if (op === CALLX) {
            const address = words[program.version === 0 ? imm : d]!;
            enter(next);
            const target = BigInt.asUintN(64, address - program.textAddress) >> 3n;
            if (target >= BigInt(length)) throw new VmFault('CALL_OUTSIDE_TEXT_SEGMENT');
            next = Number(target);
            note('call', next);
          } else {
            const register = (op & SOURCE_REGISTER) !== 0;
            const yl = register ? halves[s]! : imm >>> 0;
            const yh = register ? halves[s + 1]! : high[pc]!;
            if (branches64(op >> 4, halves[2 * d]!, halves[2 * d + 1]!, yl, yh)) next += offset[pc]!;
          }
          break;
        }
        default:
          if (op !== LDDW) throw new VmFault('UNSUPPORTED_INSTRUCTION');
          halves[2 * d] = imm;
          halves[2 * d + 1] = high[pc]!;
          next++;
      }
      pc = next;
    }
  } catch (error) {
    if (!(error instanceof VmFault)) throw error;
    return { kind: 'fault', fault: error, inSyscall };
  }
}

/** Upper half of an address whose lower half was computed without wrapping. */
function carried(high: number, low: number): number {
  return (high + Math.floor(low / 0x1_0000_0000)) >>> 0;
}
