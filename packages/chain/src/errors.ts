import { PolyproofError } from '@polyproof/base';

export type ChainErrorCode =
  /** The port that anvil was to listen on is taken. */
  | 'PORT_BUSY'
  /** There is no anvil binary for this platform. */
  | 'ANVIL_MISSING'
  /** Anvil ended before it listened. */
  | 'ANVIL_FAILED'
  /** Another anvil keeps its chain in the state file. */
  | 'STATE_FILE_IN_USE'
  /** Neither the state file nor its copy can be read. */
  | 'STATE_FILE_DAMAGED'
  /** The base chain did not answer, or not with what was asked for. */
  | 'RPC_FAILED'
  /** The base chain is another one than that of the deployment. */
  | 'WRONG_CHAIN'
  /** There is no contract at the deployment's address. */
  | 'NO_CONTRACT'
  /** The client has no private key, so it can only read. */
  | 'NO_KEY'
  /** The private key is not one. */
  | 'BAD_KEY'
  /** The bytecode of the verifier is not deployable. */
  | 'BAD_BYTECODE'
  /** The node refused the transaction: nonce, balance, gas, or a revert without a known error. */
  | 'TRANSACTION_REFUSED'
  /** The transaction is in a block and failed there, without a known error. */
  | 'TRANSACTION_REVERTED'
  /** The transaction was sent and did not get into a block in time: it still may. */
  | 'TRANSACTION_PENDING'
  /** The transaction was no longer wanted, as it would have failed: an empty one took its place. */
  | 'TRANSACTION_WITHDRAWN'
  /** Another transaction of the same account took its nonce. */
  | 'TRANSACTION_SUPERSEDED'
  /** The RPCs do not agree on something that may cost stake. */
  | 'RPCS_DISAGREE'
  /** The contract would refuse the proof and take stake for it: nothing was sent. */
  | 'PROOF_REFUSED'
  /** The contract refused the proof, and took stake for it. */
  | 'PROOF_PENALISED'
  /** The batches of a sequence are not in the calldata of its transaction. */
  | 'BATCH_DATA_MISSING'
  /** The batches that the RPC answered are not the ones that the contract hashed. */
  | 'BATCH_DATA_WRONG';

const RETRYABLE: ReadonlySet<ChainErrorCode> = new Set([
  'RPC_FAILED',
  'TRANSACTION_REFUSED',
  'TRANSACTION_PENDING',
  'TRANSACTION_WITHDRAWN',
  'TRANSACTION_SUPERSEDED',
  'RPCS_DISAGREE',
]);

/** Something between this process and the base chain went wrong; the contracts did not object. */
export class ChainError extends PolyproofError<ChainErrorCode> {
  /** Whether the same may succeed later. After a send, look first whether the chain has moved. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}
