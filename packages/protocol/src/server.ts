import { createSecureServer, createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import {
  Code,
  ConnectError,
  createContextKey,
  type Interceptor,
  type ServiceImpl,
} from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { type Hex, type Logger, PolyproofError, type Service, withTimeout } from '@polyproof/base';
import { Authenticator } from './auth/authenticator.js';
import { isLoopback, namesOf, urlOf } from './auth/server-names.js';
import {
  BLOB_PATH,
  type BlobServerModules,
  CODE_HEADER,
  type NodeServerRequest,
  serveBlob,
} from './blobs/blob-server.js';
import { BlobError } from './blobs/blob-store.js';
import { ProtocolError, protocolCode, toConnectError } from './errors.js';
import { ProverService } from './generated/polyproof/prover/v1/prover_pb.js';

/** What a message may have; what is larger is a blob, and refused here before it is read. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const CLOSE_GRACE_MS = 1_000;
/** Calls that a prover makes to log in. */
const OPEN_CALLS = new Set(['Challenge', 'Authenticate']);

/** The service as an aggregator implements it; logins are the server's own. */
export type ProverApi = Omit<ServiceImpl<typeof ProverService>, 'challenge' | 'authenticate'>;

/** The operator that a request is made for; `undefined` where none is asked. */
export const OPERATOR = createContextKey<Hex | undefined>(undefined, { description: 'operator' });

export interface ProverServerOptions {
  host: string;
  /** 0 takes a free port */
  port: number;
  /** PEM; without it the server speaks HTTP/2 in clear */
  tls?: { key: string; cert: string };
  /** who may join; without it everybody may, and only this machine can reach the server */
  authentication?: {
    /** addresses of operators */
    allowed: readonly Hex[];
    /** of the base chain */
    chainId: bigint;
    /** further addresses under which provers reach this server, `scheme://host:port` */
    servers?: readonly string[];
  };
}

export interface ProverServerModules {
  implementation: ProverApi;
  /** without them there are none */
  blobs?: Omit<BlobServerModules, 'logger'>;
  logger: Logger;
}

export class ServerError extends PolyproofError<'CANNOT_LISTEN' | 'AUTHENTICATION_REQUIRED'> {}

/** Serves {@link ProverService}, as Connect and as gRPC, and blobs, over HTTP/2. */
export class ProverServer implements Service {
  readonly url: string;
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();

  private constructor(server: Http2Server, url: string) {
    this.#server = server;
    this.url = url;
    server.on('session', (session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
    });
  }

  /**
   * @throws {ServerError} `CANNOT_LISTEN`, above all when the port is taken; `AUTHENTICATION_REQUIRED` for an address that
   * other machines reach
   */
  static async listen(options: ProverServerOptions, modules: ProverServerModules): Promise<ProverServer> {
    const { host, port, tls, authentication } = options;
    if (authentication === undefined && !isLoopback(host))
      throw new ServerError(
        'AUTHENTICATION_REQUIRED',
        `provers of other machines would reach ${host} without a login: name the operators that may join, or listen on 127.0.0.1.`,
      );
    const gate: Gate = { authenticator: undefined };
    const handler = handlerOf(gate, modules);
    const server = (
      tls === undefined ? createServer(handler) : createSecureServer({ ...tls, allowHTTP1: true }, handler)
    ) as Http2Server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) =>
        reject(
          new ServerError(
            'CANNOT_LISTEN',
            `cannot listen for provers on ${host}, port ${port} (${cause.message}): choose another.`,
            { host, port },
            { cause },
          ),
        ),
      );
      server.listen(port, host, () => {
        const names = namesOf({ host, port: portOf(server), secure: tls !== undefined });
        if (authentication !== undefined)
          gate.authenticator = new Authenticator({
            ...authentication,
            servers: [...names, ...(authentication.servers ?? [])],
          });
        resolve();
      });
    });
    return new ProverServer(server, urlOf({ host, port: portOf(server), secure: tls !== undefined }));
  }

  /** Stops accepting, lets answers in flight leave, then cuts what is still open. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    try {
      await withTimeout(closed, CLOSE_GRACE_MS, 'closing the prover server');
    } catch {
      for (const session of this.#sessions) session.destroy();
      await closed;
    }
  }
}

interface Gate {
  /** `undefined` where everybody may join */
  authenticator: Authenticator | undefined;
}

function handlerOf(gate: Gate, modules: ProverServerModules) {
  const { implementation, blobs, logger } = modules;
  return connectNodeAdapter({
    routes: (router) => router.service(ProverService, { ...implementation, ...logins(gate) }),
    interceptors: [errors(logger), authorisation(gate)],
    readMaxBytes: MAX_MESSAGE_BYTES,
    fallback: (request, response) => {
      const refuse = (status: number, code: string, text: string) => {
        response.writeHead(status, { 'content-type': 'text/plain', [CODE_HEADER]: code });
        response.end(text);
      };
      if (blobs === undefined || !request.url?.startsWith(BLOB_PATH))
        return refuse(404, 'NOT_FOUND', 'not found');
      try {
        gate.authenticator?.authorise(tokenOf(request));
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return refuse(401, error.code, error.message);
      }
      void serveBlob(request, response, { ...blobs, logger });
    },
  });
}

function tokenOf(request: NodeServerRequest): string | undefined {
  return request.headers.authorization;
}

function portOf(server: Http2Server): number {
  return (server.address() as AddressInfo).port;
}

function logins(gate: Gate): Pick<ServiceImpl<typeof ProverService>, 'challenge' | 'authenticate'> {
  const authenticator = () => {
    if (gate.authenticator === undefined)
      throw new ProtocolError('BAD_LOGIN', 'this aggregator asks nobody to log in: join without a key.');
    return gate.authenticator;
  };
  return {
    challenge: async ({ operator }) => ({
      challenge: authenticator().challenge(operator),
      chainId: authenticator().chainId,
    }),
    authenticate: (request) => authenticator().login(request),
  };
}

/** Without a token only logins pass. */
function authorisation(gate: Gate): Interceptor {
  return (next) => async (request) => {
    const { authenticator } = gate;
    if (authenticator !== undefined && !OPEN_CALLS.has(request.method.name))
      request.contextValues.set(
        OPERATOR,
        authenticator.authorise(request.header.get('authorization') ?? undefined),
      );
    return next(request);
  };
}

/** Errors raised on purpose reach the prover with their code; what is unexpected is logged and not shown. */
function errors(logger: Logger): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      if (error instanceof ProtocolError) throw toConnectError(error);
      if (error instanceof ConnectError) throw error;
      logger.error('a request of a prover failed', { method: request.method.name }, error);
      const code = error instanceof BlobError ? protocolCode(error.code) : undefined;
      if (code !== undefined) throw toConnectError(new ProtocolError(code, (error as BlobError).message));
      throw new ConnectError('The aggregator failed to handle the request: see its log.', Code.Internal);
    }
  };
}
