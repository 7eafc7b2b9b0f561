import type { ComputeMeter } from '../compute-meter.js';
import type { Memory } from '../memory.js';

/** What a program may know of and do to the transaction around it. */
export interface Invocation {
  /** 32 bytes */
  readonly programId: Uint8Array;
  /** 1 for an instruction of the transaction itself, one more for each invocation */
  readonly stackHeight: number;
  /** whether pointers that a system call is given must be aligned: not for programs of the first loader */
  readonly checkAligned: boolean;
  log(line: string): void;
  /** of the last program that set some, since an instruction began */
  readonly returnData: { programId: Uint8Array; data: Uint8Array };
  setReturnData(data: Uint8Array): void;
  /** serialised form of a sysvar; undefined where the runtime does not keep it */
  sysvar(address: Uint8Array): Uint8Array | undefined;
  /**
   * Executes an instruction for the program, and gives the number of the execution if it was bytecode.
   * @throws {VmFault} when it fails
   */
  invokeSigned(abi: 'c' | 'rust', context: SyscallContext, args: SyscallArguments): number | undefined;
}

export type SyscallArguments = readonly [bigint, bigint, bigint, bigint, bigint];

/** What system calls work on. */
export interface SyscallContext {
  readonly memory: Memory;
  readonly meter: ComputeMeter;
  readonly invocation: Invocation;
  /** bytes of the heap that `sol_alloc_free_` has given away */
  allocated: number;
}
