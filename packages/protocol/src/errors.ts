import { create } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { PolyproofError } from '@polyproof/base';
import { ErrorInfoSchema } from './generated/polyproof/prover/v1/prover_pb.js';

/** Codes that an aggregator answers a prover with; each has one status of the transport. */
const STATUS = {
  /** the aggregator does not know the prover: register (again) */
  UNKNOWN_PROVER: Code.FailedPrecondition,
  UNKNOWN_TASK: Code.NotFound,
  /** none of the prover's circuits is wanted */
  PROGRAM_MISMATCH: Code.FailedPrecondition,
  /** the request itself is not well formed */
  BAD_REQUEST: Code.InvalidArgument,
  INVALID_PROOF: Code.InvalidArgument,
  /** a valid proof of something else than the task */
  WRONG_STATEMENT: Code.InvalidArgument,
  /** no valid token: log in */
  UNAUTHENTICATED: Code.Unauthenticated,
  /** a login that is not taken */
  BAD_LOGIN: Code.PermissionDenied,
  /** no room for blobs: come again */
  STORAGE_FULL: Code.ResourceExhausted,
  BLOB_MISSING: Code.NotFound,
  BLOB_CORRUPT: Code.DataLoss,
  CLOSING: Code.Unavailable,
} as const;

export type ProtocolErrorCode = keyof typeof STATUS;

export class ProtocolError extends PolyproofError<ProtocolErrorCode> {}

/** The code, when it is one that an aggregator answers with. */
export function protocolCode(code: string): ProtocolErrorCode | undefined {
  return code in STATUS ? (code as ProtocolErrorCode) : undefined;
}

/** The error as it travels: its code in an ErrorInfo detail, its message as it is. */
export function toConnectError(error: ProtocolError): ConnectError {
  const detail = { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { code: error.code }) };
  return new ConnectError(error.message, STATUS[error.code], undefined, [detail], error);
}

/** The error that an aggregator raised on purpose; `undefined` for trouble of the connection and defects. */
export function protocolErrorOf(error: unknown): ProtocolError | undefined {
  if (!(error instanceof ConnectError)) return undefined;
  const code = error.findDetails(ErrorInfoSchema)[0]?.code;
  return code !== undefined && code in STATUS
    ? new ProtocolError(code as ProtocolErrorCode, error.rawMessage, {}, { cause: error })
    : undefined;
}
