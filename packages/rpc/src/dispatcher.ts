import { errorMessage, type Logger } from '@polyproof/base';
import { RpcError } from './errors.js';
import { parseJson, stringifyJson } from './json.js';

/** Answers one method; `params` is the positional parameter list of the request. */
export type RpcMethod = (params: readonly unknown[]) => unknown;
export type RpcMethods = Readonly<Record<string, RpcMethod>>;

export interface DispatcherOptions {
  /** Most requests that one JSON-RPC batch may hold. Default 100. */
  maxBatchRequests?: number;
}

type Id = string | number | bigint | null;

/** JSON-RPC 2.0 without the transport: a request body in, a response body out. */
export class Dispatcher {
  readonly #methods: ReadonlyMap<string, RpcMethod>;
  readonly #maxBatchRequests: number;
  readonly #logger: Logger;

  constructor(options: DispatcherOptions, modules: { methods: RpcMethods; logger: Logger }) {
    this.#methods = new Map(Object.entries(modules.methods));
    this.#maxBatchRequests = options.maxBatchRequests ?? 100;
    this.#logger = modules.logger;
  }

  /** The response body; `undefined` when nothing is to be answered (only notifications). Never throws. */
  async handle(body: string): Promise<string | undefined> {
    let request: unknown;
    try {
      request = parseJson(body);
    } catch {
      return stringifyJson(failure(null, new RpcError('PARSE_ERROR', 'Parse error: the body is not JSON.')));
    }
    if (!Array.isArray(request)) return this.#answer(request);
    if (request.length === 0 || request.length > this.#maxBatchRequests)
      return stringifyJson(
        failure(
          null,
          new RpcError(
            'INVALID_REQUEST',
            `Invalid request: a batch holds 1 to ${this.#maxBatchRequests} requests, this one ${request.length}.`,
          ),
        ),
      );
    // One after the other: a batch then costs the node no more than the same requests on one connection.
    const responses: string[] = [];
    for (const one of request) {
      const response = await this.#answer(one);
      if (response !== undefined) responses.push(response);
    }
    return responses.length === 0 ? undefined : `[${responses.join(',')}]`;
  }

  async #answer(request: unknown): Promise<string | undefined> {
    const id = idOf(request);
    try {
      const { method, params } = checkRequest(request);
      const handler = this.#methods.get(method);
      if (handler === undefined)
        throw new RpcError('METHOD_NOT_FOUND', `Method not found: ${method.slice(0, 64)}`);
      const result = (await handler(params)) ?? null;
      return id === undefined ? undefined : stringifyJson({ jsonrpc: '2.0', result, id });
    } catch (error) {
      if (!(error instanceof RpcError)) this.#logger.error('a method failed', { id: String(id) }, error);
      const answer =
        error instanceof RpcError
          ? error
          : new RpcError('INTERNAL_ERROR', `Internal error: ${errorMessage(error)}`);
      // A request without id is a notification, unless it is not a request at all.
      if (id === undefined && answer.code !== 'INVALID_REQUEST') return undefined;
      return stringifyJson(failure(id ?? null, answer));
    }
  }
}

function failure(id: Id, error: RpcError) {
  return { jsonrpc: '2.0', error: error.toResponse(), id };
}

function checkRequest(request: unknown): { method: string; params: readonly unknown[] } {
  const refuse = (what: string) => new RpcError('INVALID_REQUEST', `Invalid request: ${what}`);
  if (typeof request !== 'object' || request === null || Array.isArray(request))
    throw refuse('it must be an object.');
  const { jsonrpc, method, params = [], id } = request as Record<string, unknown>;
  if (jsonrpc !== '2.0') throw refuse('"jsonrpc" must be "2.0".');
  if (typeof method !== 'string') throw refuse('"method" must be a string.');
  if (id !== undefined && idOf(request) === undefined)
    throw refuse('"id" must be a string, a number or null.');
  if (params !== null && !Array.isArray(params))
    throw new RpcError('INVALID_PARAMS', 'Invalid params: give a list.');
  return { method, params: params ?? [] };
}

/** The request's id; `undefined` when it has none (or one of a wrong type). */
function idOf(request: unknown): Id | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  const { id } = request as Record<string, unknown>;
  const valid = id === null || typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint';
  return valid ? id : undefined;
}
