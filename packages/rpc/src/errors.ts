import { PolyproofError } from '@polyproof/base';

/** JSON-RPC 2.0's own codes and the codes of Solana's API. */
export const RPC_CODES = {
  PARSE_ERROR: -32700,
  INVALID_REQUEST: -32600,
  METHOD_NOT_FOUND: -32601,
  INVALID_PARAMS: -32602,
  INTERNAL_ERROR: -32603,
  BLOCK_CLEANED_UP: -32001,
  TRANSACTION_REFUSED: -32002,
  SIGNATURE_FAILURE: -32003,
  BLOCK_NOT_AVAILABLE: -32004,
  NODE_UNHEALTHY: -32005,
  NO_SNAPSHOT: -32008,
  SCAN_ERROR: -32012,
  UNSUPPORTED_TRANSACTION_VERSION: -32015,
  MIN_CONTEXT_SLOT_NOT_REACHED: -32016,
} as const;

export type RpcCode = keyof typeof RPC_CODES;

/** An error that is an answer: it travels to the client with its numeric code and its data. */
export class RpcError extends PolyproofError<RpcCode> {
  readonly data: unknown;

  constructor(code: RpcCode, message: string, data?: unknown) {
    super(code, message);
    this.data = data;
  }

  /** The `error` member of a JSON-RPC response. */
  toResponse(): { code: number; message: string; data?: unknown } {
    const response = { code: RPC_CODES[this.code], message: this.message };
    return this.data === undefined ? response : { ...response, data: this.data };
  }
}

export function invalidParams(message: string): RpcError {
  return new RpcError('INVALID_PARAMS', `Invalid params: ${message}`);
}

/** Invalid params in Agave's own words, where clients may know them. */
export function paramError(message: string): RpcError {
  return new RpcError('INVALID_PARAMS', message);
}

/** The server itself cannot do its work. */
export class RpcServerError extends PolyproofError<'PORT_IN_USE' | 'LISTEN_FAILED'> {}
