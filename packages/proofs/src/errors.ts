import { PolyproofError } from '@polyproof/base';

export type ProofErrorCode =
  | 'SRS_UNAVAILABLE'
  | 'SRS_BAD'
  | 'SRS_NOT_ALLOWED'
  | 'BB_UNSUPPORTED'
  | 'CIRCUIT_COMPILE'
  | 'ARTIFACTS_MISSING'
  /** files of artifacts that are not what their manifest says */
  | 'ARTIFACTS_BAD'
  | 'INPUTS_REFUSED'
  | 'PROVING_FAILED'
  | 'BB_DIED'
  /** the proof takes more memory than it may */
  | 'OUT_OF_MEMORY'
  | 'ABORTED'
  | 'CLOSED'
  | 'BAD_PROOF_SHAPE'
  | 'KEY_NOT_IN_SET'
  | 'BAD_KEY'
  /** what is offered as a compiled program is none, or none that can be proved here */
  | 'PROGRAM_REFUSED'
  /** a quote of SGX or TDX that does not show what it should */
  | 'QUOTE_REFUSED';

export class ProofError extends PolyproofError<ProofErrorCode> {}
