import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorMessage, type Logger, type Service } from '@polyproof/base';
import { RpcError, RpcServerError } from './errors.js';
import { stringifyJson } from './json.js';

export interface HttpServerOptions {
  /** Default `127.0.0.1`. */
  host?: string;
  /** 0 picks a free port. Default 8899, Solana's. */
  port?: number;
  /** Longest request body. Default 1 MiB. */
  maxBodyBytes?: number;
}

const CLOSE_GRACE_MS = 3_000;

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, OPTIONS',
  'access-control-allow-headers': '*',
  'access-control-max-age': '86400',
};

/** Carries request bodies to `handle` and its answers back. Knows HTTP, not JSON-RPC. */
export class HttpServer implements Service {
  readonly url: string;
  readonly #server: Server;
  readonly #state: { closing: boolean };
  #closing: Promise<void> | undefined;

  private constructor(server: Server, host: string, state: { closing: boolean }) {
    this.#server = server;
    this.#state = state;
    const { port } = server.address() as AddressInfo;
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  /** @throws {RpcServerError} PORT_IN_USE when another process listens on the port */
  static async open(
    options: HttpServerOptions,
    modules: { handle: (body: string) => Promise<string | undefined>; logger: Logger },
  ): Promise<HttpServer> {
    const { host = '127.0.0.1', port = 8899, maxBodyBytes = 1024 * 1024 } = options;
    const state = { closing: false };
    const server = createServer((request, response) => {
      answer(request, maxBodyBytes, modules.handle).then(
        ({ status, body, reusable = true }) => {
          if (state.closing || !reusable) response.shouldKeepAlive = false;
          response.writeHead(
            status,
            body === undefined ? CORS : { ...CORS, 'content-type': 'application/json' },
          );
          response.end(body);
        },
        (error: unknown) => {
          modules.logger.debug('a connection broke', {}, error);
          response.destroy();
        },
      );
    });
    server.keepAliveTimeout = 30_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
      server.listen(port, host, resolve);
    });
    return new HttpServer(server, host, state);
  }

  /** Answers the requests under way, for at most {@link CLOSE_GRACE_MS}, and takes no new ones. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#state.closing = true;
      const timer = setTimeout(() => this.#server.closeAllConnections(), CLOSE_GRACE_MS);
      this.#server.close(() => {
        clearTimeout(timer);
        resolve();
      });
    });
    return this.#closing;
  }
}

/** `reusable: false` when the connection cannot carry another request. */
type Answer = { status: number; body?: string | undefined; reusable?: boolean };

async function answer(
  request: IncomingMessage,
  maxBodyBytes: number,
  handle: (body: string) => Promise<string | undefined>,
): Promise<Answer> {
  if (request.method === 'OPTIONS') return { status: 204 };
  if (request.method !== 'POST') return { status: 405, body: refusal('send JSON-RPC requests with POST.') };
  const requestBody = await readBody(request, maxBodyBytes);
  if (requestBody === undefined) {
    const body = refusal(`the body is longer than ${maxBodyBytes} bytes.`);
    return { status: 413, body, reusable: false }; // the rest of the body is not read
  }
  const body = await handle(requestBody);
  return { status: body === undefined ? 204 : 200, body };
}

/** The body as text; `undefined` when it is longer than `limit` bytes. */
async function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) {
        request.pause();
        resolve(undefined);
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
  });
}

function refusal(what: string): string {
  const error = new RpcError('INVALID_REQUEST', `Invalid request: ${what}`);
  return stringifyJson({ jsonrpc: '2.0', error: error.toResponse(), id: null });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): RpcServerError {
  if (error.code === 'EADDRINUSE')
    return new RpcServerError(
      'PORT_IN_USE',
      `port ${port} on ${host} is in use by another process: stop that process or choose another RPC port.`,
      { host, port },
    );
  return new RpcServerError('LISTEN_FAILED', `cannot listen on ${host}:${port}: ${errorMessage(error)}`, {
    host,
    port,
  });
}
