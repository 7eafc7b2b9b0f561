export type { Commitment } from './context.js';
export * from './errors.js';
export { FaucetError, type FaucetOptions } from './faucet.js';
export * from './ports.js';
export * from './rpc-server.js';
export type { DispatcherOptions } from './server/dispatcher.js';
export type { HttpServerOptions } from './server/http-server.js';
export { parseJson, stringifyJson } from './server/json.js';
