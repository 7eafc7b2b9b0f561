import { PolyproofError } from '@polyproof/base';

/** Bytes that are no sBPF program that Agave would load. `details.reason` is Agave's name of the error. */
export class ProgramLoadError extends PolyproofError<
  'BAD_ELF' | 'BAD_BYTECODE' | 'UNSUPPORTED_SBPF_VERSION'
> {}

/** A system call that Agave knows and this machine does not: the execution cannot be traced. */
export class UnsupportedSyscallError extends PolyproofError<'UNSUPPORTED_SYSCALL'> {
  constructor(name: string) {
    super('UNSUPPORTED_SYSCALL', `the program calls ${name}, which cannot be traced.`, { name });
  }
}
