import { PolyproofError } from '@polyproof/base';

/** What ends an execution, by Agave's names: `EbpfError`s, and `SYSCALL` for all that a system call may report. */
export type FaultCode =
  | 'ACCESS_VIOLATION'
  | 'CALL_DEPTH_EXCEEDED'
  | 'CALL_OUTSIDE_TEXT_SEGMENT'
  | 'DIVIDE_BY_ZERO'
  | 'EXCEEDED_MAX_INSTRUCTIONS'
  | 'EXECUTION_OVERRUN'
  | 'UNSUPPORTED_INSTRUCTION'
  | 'SYSCALL';

const TEXTS: Partial<Record<FaultCode, string>> = {
  CALL_DEPTH_EXCEEDED: 'exceeded max BPF to BPF call depth',
  CALL_OUTSIDE_TEXT_SEGMENT: 'callx attempted to call outside of the text segment',
  DIVIDE_BY_ZERO: 'divide by zero at BPF instruction',
  EXCEEDED_MAX_INSTRUCTIONS: 'exceeded CUs meter at BPF instruction',
  EXECUTION_OVERRUN: 'attempted to execute past the end of the text segment at BPF instruction',
  UNSUPPORTED_INSTRUCTION: 'unsupported BPF instruction',
};

/** An InstructionError in the JSON form of Solana's RPC. */
export type InstructionErrorJson = string | { Custom: number };

/** The end of an execution before its exit. The message is the one that Agave logs. */
export class VmFault extends PolyproofError<FaultCode> {
  /** what the instruction fails with */
  readonly instructionError: InstructionErrorJson;

  constructor(
    code: FaultCode,
    text = TEXTS[code] ?? code,
    instructionError: InstructionErrorJson = 'ProgramFailedToComplete',
  ) {
    super(code, text, { instructionError });
    this.instructionError = instructionError;
  }
}
