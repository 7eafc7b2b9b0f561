import { errorMessage, type Logger } from '@polyproof/base';
import { RpcError } from '../errors.js';
import { parseJson, stringifyJson } from './json.js';

/**
 * Answers one method, at once or later.
 * @param params - the positional parameter list of the request
 * @param caller - the connection that asks, where the transport has one
 */
export type RpcMethod<Caller = unknown> = (params: readonly unknown[], caller: Caller) => unknown;
export type RpcMethods<Caller = unknown> = Readonly<Record<string, RpcMethod<Caller>>>;

export interface DispatcherOptions {
  /** Most requests that one JSON-RPC batch may hold. Default 100. */
  maxBatchRequests?: number;
  /**
   * Most characters that the answers to one batch may have together; requests beyond that are answered with an error.
   * Default 16 Mi.
   */
  maxBatchResponseLength?: number;
}

type Id = string | number | bigint | null;
type Response = string | undefined;

/** A batch lets others have their turn after so long, in ms. */
const TURN_MS = 5;

/** JSON-RPC 2.0 without the transport: a request body in, a response body out. */
export class Dispatcher<Caller = unknown> {
  readonly #methods: ReadonlyMap<string, RpcMethod<Caller>>;
  readonly #maxBatchRequests: number;
  readonly #maxBatchResponseLength: number;
  readonly #logger: Logger;

  constructor(options: DispatcherOptions, modules: { methods: RpcMethods<Caller>; logger: Logger }) {
    this.#methods = new Map(Object.entries(modules.methods));
    this.#maxBatchRequests = options.maxBatchRequests ?? 100;
    this.#maxBatchResponseLength = options.maxBatchResponseLength ?? 16 * 1024 * 1024;
    this.#logger = modules.logger;
  }

  /**
   * The response body; `undefined` when nothing is to be answered (only notifications). Never throws and never rejects.
   * Not a promise where the method answers at once: most requests then cost none.
   */
  handle(body: string, caller: Caller): Response | Promise<Response> {
    let request: unknown;
    try {
      request = parseJson(body);
    } catch {
      return failure(null, new RpcError('PARSE_ERROR', 'Parse error'));
    }
    return Array.isArray(request) ? this.#batch(request, caller) : this.#answer(request, caller);
  }

  /** One after the other: a batch then costs the node no more than the same requests on one connection. */
  async #batch(requests: readonly unknown[], caller: Caller): Promise<Response> {
    if (requests.length === 0 || requests.length > this.#maxBatchRequests)
      return failure(
        null,
        new RpcError(
          'INVALID_REQUEST',
          `Invalid request: a batch holds 1 to ${this.#maxBatchRequests} requests, this one ${requests.length}.`,
        ),
      );
    let text = '';
    let turnStart = performance.now();
    for (const request of requests) {
      if (performance.now() - turnStart > TURN_MS) {
        await new Promise(setImmediate);
        turnStart = performance.now();
      }
      const answer = this.#answer(request, caller, text.length >= this.#maxBatchResponseLength);
      const response = typeof answer === 'object' ? await answer : answer;
      if (response !== undefined) text += text === '' ? `[${response}` : `,${response}`;
    }
    return text === '' ? undefined : `${text}]`;
  }

  #answer(request: unknown, caller: Caller, full = false): Response | Promise<Response> {
    const id = idOf(request);
    try {
      const { method, params } = checkRequest(request);
      const handler = this.#methods.get(method);
      if (handler === undefined) throw new RpcError('METHOD_NOT_FOUND', 'Method not found');
      if (full)
        throw new RpcError('NODE_UNHEALTHY', 'The answers to this batch are too long: ask for less at once.');
      const result = handler(params, caller);
      if (!(result instanceof Promise)) return success(id, result);
      return result.then((value) => success(id, value)).catch((error: unknown) => this.#fail(id, error));
    } catch (error) {
      return this.#fail(id, error);
    }
  }

  #fail(id: Id | undefined, error: unknown): Response {
    if (!(error instanceof RpcError)) this.#logger.error('a method failed', { id: String(id) }, error);
    const answer =
      error instanceof RpcError
        ? error
        : new RpcError('INTERNAL_ERROR', `Internal error: ${errorMessage(error)}`);
    // A request without id is a notification, unless it is not a request at all.
    if (id === undefined && answer.code !== 'INVALID_REQUEST') return undefined;
    return failure(id ?? null, answer);
  }
}

function success(id: Id | undefined, result: unknown): Response {
  if (id === undefined) return undefined;
  return `{"jsonrpc":"2.0","result":${stringifyJson(result)},"id":${stringifyJson(id)}}`;
}

/** A JSON-RPC response that carries an error. */
export function failure(id: Id, error: RpcError): string {
  return `{"jsonrpc":"2.0","error":${stringifyJson(error.toResponse())},"id":${stringifyJson(id)}}`;
}

function checkRequest(request: unknown): { method: string; params: readonly unknown[] } {
  if (typeof request !== 'object' || request === null || Array.isArray(request))
    throw invalid('it must be an object.');
  const { jsonrpc, method, params, id } = request as Record<string, unknown>;
  if (jsonrpc !== '2.0') throw invalid('"jsonrpc" must be "2.0".');
  if (typeof method !== 'string') throw invalid('"method" must be a string.');
  if (id !== undefined && idOf(request) === undefined)
    throw invalid('"id" must be a string, a number or null.');
  if (params === undefined || params === null) return { method, params: [] };
  if (!Array.isArray(params)) throw new RpcError('INVALID_PARAMS', 'Invalid params: give a list.');
  return { method, params };
}

function invalid(what: string): RpcError {
  return new RpcError('INVALID_REQUEST', `Invalid request: ${what}`);
}

/** The request's id; `undefined` when it has none (or one of a wrong type). */
function idOf(request: unknown): Id | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  const { id } = request as { id?: unknown };
  const valid = id === null || typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint';
  return valid ? id : undefined;
}
