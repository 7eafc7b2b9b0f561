export type { Commitment } from './context.js';
export type { DispatcherOptions } from './dispatcher.js';
export * from './errors.js';
export { FaucetError, type FaucetOptions } from './faucet.js';
export { parseJson, stringifyJson } from './json.js';
export * from './ports.js';
export * from './rpc-server.js';
export type { HttpServerOptions } from './server/http-server.js';
