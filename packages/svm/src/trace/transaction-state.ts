import type { Account } from '@polyproof/state';
import { encodeBase58 } from '../base58.js';
import { ComputeMeter } from '../sbpf/compute-meter.js';
import type { ExecutionTrace } from '../sbpf/execution-trace.js';
import type { ExecutionResult } from '../sbpf/interpreter.js';
import type { Program } from '../sbpf/program.js';
import { instructionFault } from './instruction-error.js';
import { LogCollector } from './log-collector.js';

/** An account while a transaction works on it; one that does not exist has neither lamports nor data. */
export interface WorkingAccount extends Account {
  address: Uint8Array;
  /** base 58, as logs name it */
  name: string;
}

/** An account as an instruction names it. */
export interface InstructionAccount {
  /** in the transaction */
  index: number;
  signer: boolean;
  writable: boolean;
}

/** An instruction under way. */
export interface InstructionFrame {
  /** index of the program's account in the transaction */
  program: number;
  accounts: InstructionAccount[];
  data: Uint8Array;
}

/** Bytecode that was executed for an instruction or an invocation. */
export interface ProgramExecution {
  /** of the instruction of the transaction */
  instruction: number;
  /** 1 for the instruction itself, one more for each invocation */
  stackHeight: number;
  programId: Uint8Array;
  program: Program;
  /** which accounts, and as what */
  accounts: InstructionAccount[];
  data: Uint8Array;
  /** serialised parameters before and after */
  input: Uint8Array;
  output: Uint8Array;
  /** address of the instruction's data in the input: r2 */
  dataAddress: bigint;
  heapBytes: number;
  /** left before the first instruction and after the last one */
  computeUnitsBefore: number;
  computeUnitsAfter: number;
  result: ExecutionResult;
  /** where it was asked for */
  trace?: ExecutionTrace;
}

/** What the runtime around a transaction gives it. */
export interface TraceEnvironment {
  /** serialised form of a sysvar */
  sysvar(address: Uint8Array): Uint8Array | undefined;
  /** program behind an executable account; undefined where there is none that can be executed */
  program(account: WorkingAccount): Program | undefined;
}

const MAX_STACK_HEIGHT = 5;
const MAX_TRACE_LENGTH = 64;
const MAX_DATA_BYTES = 10 * 1024 * 1024;
const MAX_GROWTH_BYTES = 20 * 1024 * 1024;

/** The state of a transaction under way (Agave's TransactionContext and InvokeContext). */
export class TransactionState {
  readonly accounts: WorkingAccount[];
  readonly environment: TraceEnvironment;
  readonly meter: ComputeMeter;
  readonly heapBytes: number;
  readonly recording: boolean;
  readonly #execute: (state: TransactionState, frame: InstructionFrame) => number | undefined;
  readonly logs = new LogCollector();
  readonly executions: ProgramExecution[] = [];
  readonly stack: InstructionFrame[] = [];
  /** number of the instruction of the transaction that is under way */
  instruction = 0;
  returnData: { programId: Uint8Array; data: Uint8Array } = {
    programId: new Uint8Array(32),
    data: new Uint8Array(),
  };
  /** instructions and invocations that began so far */
  #begun = 0;
  /** lamports that accounts have more than before: 0 whenever an instruction begins or ends */
  #lamportsDelta = 0n;
  #growth = 0;

  constructor(options: {
    accounts: WorkingAccount[];
    environment: TraceEnvironment;
    computeUnitLimit: number;
    heapBytes: number;
    recording: boolean;
    execute: (state: TransactionState, frame: InstructionFrame) => number | undefined;
  }) {
    this.accounts = options.accounts;
    this.environment = options.environment;
    this.meter = new ComputeMeter(options.computeUnitLimit);
    this.heapBytes = options.heapBytes;
    this.recording = options.recording;
    this.#execute = options.execute;
  }

  get frame(): InstructionFrame {
    return this.stack.at(-1)!;
  }

  /**
   * Executes an instruction, or one that a program invokes.
   * @returns number of the execution, where it was bytecode
   * @throws {VmFault} when it fails
   */
  execute(frame: InstructionFrame): number | undefined {
    return this.#execute(this, frame);
  }

  /** @throws {VmFault} where Agave's runtime does not let the instruction begin */
  push(frame: InstructionFrame): void {
    const { stack } = this;
    const reentered = stack.some(({ program }) => program === frame.program);
    if (reentered && stack.at(-1)!.program !== frame.program) throw instructionFault('ReentrancyNotAllowed');
    if (stack.length > 0 && this.#lamportsDelta !== 0n) throw instructionFault('UnbalancedInstruction');
    if (this.#begun >= MAX_TRACE_LENGTH) throw instructionFault('MaxInstructionTraceLengthExceeded');
    this.#begun++;
    if (stack.length >= MAX_STACK_HEIGHT) throw instructionFault('CallDepth');
    stack.push(frame);
  }

  /** @returns whether no lamports came or went */
  pop(): boolean {
    this.stack.pop();
    return this.#lamportsDelta === 0n;
  }

  addLamports(difference: bigint): void {
    this.#lamportsDelta += difference;
  }

  /** @throws {VmFault} when an account, or all of a transaction's together, may not grow so far */
  checkResize(from: number, to: number): void {
    if (to > MAX_DATA_BYTES) throw instructionFault('InvalidRealloc');
    if (this.#growth + to - from > MAX_GROWTH_BYTES)
      throw instructionFault('MaxAccountsDataAllocationsExceeded');
  }

  noteResize(from: number, to: number): void {
    this.#growth += to - from;
  }

  programName(): string {
    return encodeBase58(this.accounts[this.frame.program]!.address);
  }
}
