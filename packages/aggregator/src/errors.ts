import { PolyproofError } from '@polyproof/base';

export type AggregatorErrorCode =
  /** the PostgreSQL server does not answer, or does not let us in */
  | 'DATABASE_UNREACHABLE'
  /** the database belongs to another settlement contract */
  | 'WRONG_SETTLEMENT'
  /** the node's data and the sequence on the base chain do not agree: the sequence cannot be proved */
  | 'WRONG_STATEMENT'
  | 'UNKNOWN_SEQUENCE'
  | 'UNKNOWN_PROVER'
  | 'NOT_FAILED'
  /** inputs of a circuit without the statement that they are for */
  | 'BAD_INPUTS';

export class AggregatorError extends PolyproofError<AggregatorErrorCode> {}

/** Whether the contract does not accept a proof: what the settlement port rejects a reveal with. */
export function isRefusal(error: unknown): error is PolyproofError {
  return (
    error instanceof PolyproofError && (error.code === 'PROOF_REFUSED' || error.code === 'PROOF_PENALISED')
  );
}
