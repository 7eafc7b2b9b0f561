export { Authenticator, type AuthenticatorOptions } from './auth/authenticator.js';
export { isSigned, type Login, operatorOf, signLogin } from './auth/login.js';
export { isLoopback } from './auth/server-names.js';
export * from './blobs/index.js';
export { createProverClient, type ProverClient, type ProverClientOptions } from './client.js';
export { ProtocolError, type ProtocolErrorCode, protocolErrorOf } from './errors.js';
export * from './generated/polyproof/prover/v1/prover_pb.js';
export { hashOf, INLINE_BYTES, type PayloadInit, readPayload, refOf, toPayload } from './payload.js';
export {
  OPERATOR,
  type ProverApi,
  ProverServer,
  type ProverServerModules,
  type ProverServerOptions,
  ServerError,
} from './server.js';
