import { PolyproofError } from '@polyproof/base';

/** A transaction whose execution cannot be traced, though the engine may well execute it. */
export class TraceError extends PolyproofError<
  /** a native program, or an instruction of one, that is not implemented here */
  | 'UNSUPPORTED_NATIVE_PROGRAM'
  /** an account whose content the runtime makes up for each transaction */
  | 'UNSUPPORTED_SYSVAR'
> {}
