import type { Invocation, SyscallArguments, SyscallContext } from '../sbpf/syscalls/syscall-context.js';
import { invokeSigned } from './cpi/invoke-signed.js';
import type { SerializedInput } from './serialize-input.js';
import type { TransactionState } from './transaction-state.js';

/** What the program of the current instruction sees of its transaction. */
export class ProgramInvocation implements Invocation {
  readonly programId: Uint8Array;
  readonly stackHeight: number;
  readonly checkAligned: boolean;
  readonly #state: TransactionState;
  readonly #input: SerializedInput;

  constructor(state: TransactionState, input: SerializedInput, aligned: boolean) {
    this.programId = state.accounts[state.frame.program]!.address;
    this.stackHeight = state.stack.length;
    this.checkAligned = aligned;
    this.#state = state;
    this.#input = input;
  }

  get returnData() {
    return this.#state.returnData;
  }

  setReturnData(data: Uint8Array): void {
    this.#state.returnData = { programId: this.programId, data: Uint8Array.from(data) };
  }

  log(line: string): void {
    this.#state.logs.log(line);
  }

  sysvar(address: Uint8Array): Uint8Array | undefined {
    return this.#state.environment.sysvar(address);
  }

  invokeSigned(abi: 'c' | 'rust', context: SyscallContext, args: SyscallArguments): number | undefined {
    return invokeSigned(this.#state, this.#input, abi, context, args);
  }
}
