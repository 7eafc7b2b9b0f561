import { PolyproofError } from '@polyproof/base';

export type ProofErrorCode =
  | 'SRS_UNAVAILABLE'
  | 'SRS_BAD'
  | 'SRS_NOT_ALLOWED'
  | 'BB_UNSUPPORTED'
  | 'CIRCUIT_COMPILE'
  | 'ARTIFACTS_MISSING'
  | 'INPUTS_REFUSED'
  | 'PROVING_FAILED'
  | 'BB_DIED'
  | 'CLOSED'
  | 'BAD_PROOF_SHAPE'
  | 'KEY_NOT_IN_SET'
  | 'BAD_KEY';

export class ProofError extends PolyproofError<ProofErrorCode> {}
