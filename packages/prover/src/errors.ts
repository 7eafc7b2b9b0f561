import { PolyproofError } from '@polyproof/base';

export type ProverErrorCode =
  /** the task is for a circuit, or a version of it, that this worker does not hold */
  | 'PROGRAM_MISMATCH'
  /** the inputs of the task are not a JSON object */
  | 'BAD_INPUTS'
  /** the worker ends before the task is done */
  | 'SHUTTING_DOWN'
  /** the worker process did not come up */
  | 'WORKER_NOT_STARTED';

export class ProverError extends PolyproofError<ProverErrorCode> {}
