import { isUtf8 } from 'node:buffer';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger, Service } from '@polyproof/base';
import { RpcError } from '../errors.js';
import { type Connection, ConnectionGate } from './connection-gate.js';
import { failure } from './dispatcher.js';
import { asPlainRequest } from './ignore-upgrade.js';
import { listen, urlHost } from './listen.js';
import { refusalBody, refuseRaw } from './raw-response.js';

export interface HttpServerOptions {
  /** Default `127.0.0.1`. */
  host?: string;
  /** 0 picks a free port. Default 8899, Solana's. */
  port?: number;
  /** Longest request body. Default 1 MiB. */
  maxBodyBytes?: number;
  /** Most requests of one connection that are not answered yet; only pipelining has more than one. Default 64. */
  maxRequestsPerConnection?: number;
  /**
   * Most bytes that the server holds for clients: bodies that are on their way in, answers that are not taken yet.
   * Beyond that, requests are refused with status 503. Default 256 MiB.
   */
  maxPendingBytes?: number;
  /** A connection has so long to send the head of a request, in ms. Default 10,000. */
  headersTimeoutMs?: number;
  /** A connection has so long to send a whole request, in ms. Default 30,000. */
  requestTimeoutMs?: number;
  /** A connection without a request is closed after so long, in ms. Default 30,000. */
  keepAliveTimeoutMs?: number;
  /** A connection whose answer nobody takes is closed when nothing has moved for so long, in ms. Default 60,000. */
  stallTimeoutMs?: number;
}

export interface HttpServerModules {
  /** Answers a body; must neither throw nor reject. */
  handle: (body: string) => string | undefined | Promise<string | undefined>;
  /** What GET /health answers. Default "ok". */
  health?: () => string;
  /** Takes websockets; without it there are none. */
  upgrade?: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
  /** Where several ports count their connections together. */
  gate?: ConnectionGate;
  logger: Logger;
}

const CLOSE_GRACE_MS = 3_000;
const MAX_HEADERS = 100;

const PREFLIGHT = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, GET, OPTIONS',
  'access-control-allow-headers': '*',
  'access-control-max-age': '86400',
};

/** Carries request bodies to `handle` and its answers back. Knows HTTP, not JSON-RPC. */
export class HttpServer implements Service {
  readonly url: string;
  readonly port: number;
  readonly #server: Server;
  readonly #exchanges: Exchanges;
  #closing: Promise<void> | undefined;

  private constructor(server: Server, exchanges: Exchanges, host: string, port: number) {
    this.#server = server;
    this.#exchanges = exchanges;
    this.port = port;
    this.url = `http://${urlHost(host)}:${port}`;
  }

  /** @throws {RpcServerError} PORT_IN_USE when another process listens on the port */
  static async open(options: HttpServerOptions, modules: HttpServerModules): Promise<HttpServer> {
    const { headersTimeoutMs = 10_000, requestTimeoutMs = 30_000 } = options;
    const { gate = new ConnectionGate() } = modules;
    const shortest = Math.min(headersTimeoutMs, requestTimeoutMs);
    const server = createServer({
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: options.keepAliveTimeoutMs ?? 30_000,
      connectionsCheckingInterval: Math.max(20, Math.min(2_000, shortest / 4)),
    });
    server.maxHeadersCount = MAX_HEADERS;
    server.timeout = options.stallTimeoutMs ?? 60_000;
    const exchanges = new Exchanges(options, { ...modules, gate });
    server.on('connection', (socket) => gate.enter(socket));
    server.on('request', (request, response) => exchanges.serve(request, response));
    server.on('clientError', refuseBadRequest);
    const { upgrade } = modules;
    if (upgrade !== undefined)
      server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
        const { refusal } = gate.connectionOf(socket);
        if (refusal !== undefined) refuseRaw(socket, refusal.status, refusal.message);
        else if (request.headers.upgrade?.toLowerCase() === 'websocket') upgrade(request, socket, head);
        else asPlainRequest(server, request, socket, head);
      });
    const host = options.host ?? '127.0.0.1';
    const port = await listen(server, host, options.port ?? 8899);
    server.on('error', (error) => modules.logger.error('the HTTP server failed', {}, error));
    return new HttpServer(server, exchanges, host, port);
  }

  /**
   * Answers the requests that it has read, for at most {@link CLOSE_GRACE_MS}, and takes no new ones. Websockets are not
   * its own: whoever took them closes them before.
   */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      const timer = setTimeout(() => this.#server.closeAllConnections(), CLOSE_GRACE_MS);
      this.#server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      this.#exchanges.close(() => this.#server.closeAllConnections());
    });
    return this.#closing;
  }
}

/** Requests and their answers. */
class Exchanges {
  /** what is left to do when nothing is to be answered any more; `undefined` until the server closes */
  #whenAnswered: (() => void) | undefined;
  /** requests that have been read and whose answers have not been taken */
  #answering = 0;
  readonly #modules: HttpServerModules & { gate: ConnectionGate };
  readonly #maxBodyBytes: number;
  readonly #maxRequests: number;
  readonly #maxPendingBytes: number;
  #pendingBytes = 0;

  constructor(options: HttpServerOptions, modules: HttpServerModules & { gate: ConnectionGate }) {
    this.#modules = modules;
    this.#maxBodyBytes = options.maxBodyBytes ?? 1024 * 1024;
    this.#maxRequests = options.maxRequestsPerConnection ?? 64;
    this.#maxPendingBytes = options.maxPendingBytes ?? 256 * 1024 * 1024;
  }

  /** From now on connections end with their answer; calls back when there is none left to be given. */
  close(whenAnswered: () => void): void {
    this.#whenAnswered = whenAnswered;
    if (this.#answering === 0) whenAnswered();
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#modules.gate.connectionOf(request.socket);
    if (connection.refusal !== undefined) {
      const { status, message } = connection.refusal;
      this.#refuse(response, status, message);
    } else if (request.method === 'POST') this.#post(request, response, connection);
    else this.#other(request, response);
  }

  #post(request: IncomingMessage, response: ServerResponse, connection: Connection): void {
    if (connection.requests >= this.#maxRequests) {
      this.#refuse(response, 429, `${this.#maxRequests} requests at once on a connection at most.`);
      return;
    }
    let chunks: Buffer[] = [];
    let heldBytes = 0;
    const hold = (bytes: number) => {
      heldBytes += bytes;
      this.#pendingBytes += bytes;
    };
    connection.requests++;
    response.once('close', () => {
      connection.requests--;
      this.#pendingBytes -= heldBytes;
    });
    const refuse = (status: number, message: string) => {
      chunks = [];
      request.off('data', onData).off('end', onEnd).resume();
      this.#refuse(response, status, message);
    };
    const onData = (chunk: Buffer) => {
      if (heldBytes + chunk.length > this.#maxBodyBytes)
        refuse(413, `Invalid request: the body is longer than ${this.#maxBodyBytes} bytes.`);
      else if (this.#pendingBytes + chunk.length > this.#maxPendingBytes)
        refuse(503, 'the node holds as many requests and answers as it can: try again later.');
      else {
        chunks.push(chunk);
        hold(chunk.length);
      }
    };
    const onEnd = () => {
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      chunks = [];
      if (!isUtf8(body)) {
        const error = new RpcError('PARSE_ERROR', 'Parse error');
        this.#send(response, 400, failure(null, error));
        return;
      }
      this.#answering++;
      response.once('close', () => {
        if (--this.#answering === 0) this.#whenAnswered?.();
      });
      const send = (text: string | undefined) => {
        if (text === undefined) this.#send(response, 204);
        else this.#send(response, 200, text, hold);
      };
      const answer = this.#modules.handle(body.toString('utf8'));
      if (answer instanceof Promise) void answer.then(send);
      else send(answer);
    };
    request.on('data', onData).on('end', onEnd);
  }

  #other(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const { method, url } = request;
    if (method === 'OPTIONS') response.writeHead(204, PREFLIGHT).end();
    else if (method !== 'GET' && method !== 'HEAD')
      this.#refuse(response, 405, 'Invalid request: send JSON-RPC requests with POST.');
    else if (url === '/health') this.#text(response, 200, this.#modules.health?.() ?? 'ok');
    else if (url === '/') this.#text(response, 200, 'Solana JSON-RPC: send requests with POST.\n');
    else this.#text(response, 404, 'Not found.\n');
  }

  #text(response: ServerResponse, status: number, body: string): void {
    if (this.#whenAnswered !== undefined) response.shouldKeepAlive = false;
    const length = `${Buffer.byteLength(body)}`;
    response.writeHead(status, ['content-type', 'text/plain', 'content-length', length]).end(body);
  }

  /** An answer beside JSON-RPC; the connection ends with it. */
  #refuse(response: ServerResponse, status: number, message: string): void {
    response.shouldKeepAlive = false; // what follows on the connection is not read
    this.#send(response, status, refusalBody(status, message));
  }

  #send(response: ServerResponse, status: number, body?: string, hold?: (bytes: number) => void): void {
    if (response.destroyed) return;
    if (this.#whenAnswered !== undefined) response.shouldKeepAlive = false;
    if (body === undefined) {
      response.writeHead(status, ['access-control-allow-origin', '*']).end();
      return;
    }
    const bytes = Buffer.byteLength(body);
    hold?.(bytes);
    // The length is given: node would send chunks otherwise. A text of plain ASCII is written without being encoded.
    const headers = [
      'content-type',
      'application/json',
      'access-control-allow-origin',
      '*',
      'content-length',
      `${bytes}`,
    ];
    response.writeHead(status, headers).end(body, bytes === body.length ? 'latin1' : 'utf8');
  }
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Invalid request: the headers are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Invalid request: it took too long to arrive.'],
};

/** A connection that does not speak HTTP, or too slowly. */
function refuseBadRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  const [status, message] = CLIENT_ERRORS[error.code ?? ''] ?? [400, 'Invalid request: this is not HTTP.'];
  // Bytes already written belong to the answer of an earlier request: nothing can be put behind them.
  if (error.code === 'ECONNRESET' || (socket.bytesWritten > 0 && socket.writableLength > 0)) socket.destroy();
  else refuseRaw(socket, status, message);
}
