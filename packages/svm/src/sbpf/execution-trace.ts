import { AccessLog, type MemoryAccesses } from './access-log.js';
import type { SyscallName } from './syscalls/syscall-names.js';

/** Words of a row of registers: r0 to r10, then the pc as a slot. litesvm writes its traces in the same form. */
export const ROW_WORDS = 12;

/** A system call. What it did to memory is among the accesses of its step. */
export interface SyscallRecord {
  step: number;
  name: SyscallName;
  /** r1 to r5 */
  arguments: readonly [bigint, bigint, bigint, bigint, bigint];
  /** r0 after it; undefined where it ended the execution */
  result: bigint | undefined;
  /** index of the first of its accesses, and how many there are */
  firstAccess: number;
  accesses: number;
  /** taken beside the unit of the instruction itself; those of programs it invoked are included */
  computeUnits: number;
  /** of an invocation: index of what it executed among the transaction's executions, if it was bytecode */
  invoked?: number;
}

/** An internal call or the return from one. */
export interface CallRecord {
  step: number;
  kind: 'call' | 'return';
  /** slot that is executed next */
  target: number;
  /** calls that are open after it */
  depth: number;
}

/** Everything that an execution did, instruction by instruction. */
export interface ExecutionTrace {
  steps: number;
  /** {@link ROW_WORDS} for each step: registers before it */
  registers: BigUint64Array;
  accesses: MemoryAccesses;
  syscalls: SyscallRecord[];
  calls: CallRecord[];
}

const INITIAL_ROWS = 256;

/** Writes an {@link ExecutionTrace}. */
export class TraceRecorder {
  readonly accesses = new AccessLog();
  readonly syscalls: SyscallRecord[] = [];
  readonly calls: CallRecord[] = [];
  #steps = 0;
  #rows = new BigUint64Array(ROW_WORDS * INITIAL_ROWS);

  /** index of the step under way */
  get step(): number {
    return this.#steps - 1;
  }

  /** @param row - registers and pc */
  beginStep(row: BigUint64Array): void {
    const at = ROW_WORDS * this.#steps;
    if (at === this.#rows.length) {
      const rows = new BigUint64Array(2 * at);
      rows.set(this.#rows);
      this.#rows = rows;
    }
    this.#rows.set(row, at);
    this.accesses.step = this.#steps++;
  }

  finish(): ExecutionTrace {
    return {
      steps: this.#steps,
      registers: this.#rows.slice(0, ROW_WORDS * this.#steps),
      accesses: this.accesses.finish(),
      syscalls: this.syscalls,
      calls: this.calls,
    };
  }
}
