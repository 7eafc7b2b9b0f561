import { PolyproofError } from '@polyproof/base';

export type NodeErrorCode =
  | 'USAGE'
  | 'BAD_FILE'
  | 'NODE_TOO_OLD'
  | 'DATA_DIRECTORY'
  | 'DATA_MISMATCH'
  | 'GENESIS_FILE'
  | 'NO_SUCH_BATCH'
  | 'SIGNATURES_NOT_PROVED'
  | 'WRONG_EXITS'
  | 'BAD_ANSWER'
  | 'BASE_CHAIN_ENDED'
  | 'DEMO_FAILED'
  | 'PROVER_ENDED'
  | 'INTERRUPTED';

export class NodeError extends PolyproofError<NodeErrorCode> {}
