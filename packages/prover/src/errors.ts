import { PolyproofError } from '@polyproof/base';

export type ProverErrorCode =
  /** the task is for a circuit, or a version of it, that this worker does not hold */
  | 'PROGRAM_MISMATCH'
  /** the inputs of the task are not a JSON object */
  | 'BAD_INPUTS'
  /** the worker ends before the task is done */
  | 'SHUTTING_DOWN'
  /** the attempt took longer than the task allows */
  | 'TIMEOUT'
  /** files of artifacts that the aggregator offers and this prover does not want */
  | 'BAD_ARTIFACTS'
  /** no private key in the file that is named for it */
  | 'BAD_KEY_FILE'
  /** the worker process did not come up */
  | 'WORKER_NOT_STARTED';

export class ProverError extends PolyproofError<ProverErrorCode> {}
