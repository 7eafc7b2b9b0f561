import { PolyproofError } from '@polyproof/base';

export type NodeErrorCode =
  | 'USAGE'
  | 'NODE_TOO_OLD'
  | 'DATA_DIRECTORY'
  | 'DATA_MISMATCH'
  | 'NO_SUCH_BATCH'
  | 'DEMO_FAILED';

export class NodeError extends PolyproofError<NodeErrorCode> {}
