import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Code, ConnectError, type Interceptor, type ServiceImpl } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { type Logger, PolyproofError, type Service, withTimeout } from '@polyproof/base';
import { ProtocolError, toConnectError } from './errors.js';
import { ProverService } from './generated/polyproof/prover/v1/prover_pb.js';

/** A proof and its inputs take far less; what is larger is refused before it is read. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const CLOSE_GRACE_MS = 1_000;

/** The service as an aggregator implements it. */
export type ProverApi = ServiceImpl<typeof ProverService>;

export interface ProverServerOptions {
  host: string;
  /** 0 takes a free port */
  port: number;
}

export class ServerError extends PolyproofError<'CANNOT_LISTEN'> {}

/** Serves {@link ProverService}, as Connect and as gRPC, over HTTP/2 without TLS. */
export class ProverServer implements Service {
  readonly url: string;
  readonly #server: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();

  private constructor(server: Http2Server, host: string) {
    this.#server = server;
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
    server.on('session', (session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
    });
  }

  /** @throws {ServerError} `CANNOT_LISTEN`, above all when the port is taken */
  static async listen(
    options: ProverServerOptions,
    modules: { implementation: ProverApi; logger: Logger },
  ): Promise<ProverServer> {
    const server = createServer(
      connectNodeAdapter({
        routes: (router) => router.service(ProverService, modules.implementation),
        interceptors: [errors(modules.logger)],
        readMaxBytes: MAX_MESSAGE_BYTES,
      }),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) =>
        reject(
          new ServerError(
            'CANNOT_LISTEN',
            `cannot listen for provers on ${options.host}, port ${options.port} (${cause.message}): choose another.`,
            { ...options },
            { cause },
          ),
        ),
      );
      server.listen(options.port, options.host, resolve);
    });
    return new ProverServer(server, options.host);
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

/** Errors raised on purpose reach the prover with their code; what is unexpected is logged and not shown. */
function errors(logger: Logger): Interceptor {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      if (error instanceof ProtocolError) throw toConnectError(error);
      if (error instanceof ConnectError) throw error;
      logger.error('a request of a prover failed', { method: request.method.name }, error);
      throw new ConnectError('The aggregator failed to handle the request: see its log.', Code.Internal);
    }
  };
}
