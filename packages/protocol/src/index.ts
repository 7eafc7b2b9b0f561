export { createProverClient, type ProverClient } from './client.js';
export { ProtocolError, type ProtocolErrorCode, protocolErrorOf } from './errors.js';
export * from './generated/polyproof/prover/v1/prover_pb.js';
export { type ProverApi, ProverServer, type ProverServerOptions, ServerError } from './server.js';
