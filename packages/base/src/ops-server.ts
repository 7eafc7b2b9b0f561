import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorMessage, PolyproofError } from './errors.js';
import type { Service } from './service.js';

export class OpsServerError extends PolyproofError<'CANNOT_LISTEN'> {}

export interface OpsServerModules {
  /** in Prometheus' text format */
  metrics: () => Promise<string>;
  /** why the process cannot do its work now, a sentence each; nothing when it can */
  problems: () => Promise<string[]>;
}

const TEXT = 'text/plain; charset=utf-8';

/**
 * What operators watch a process by: `/metrics` for Prometheus, `/healthz` (it runs) and `/readyz` (it can do its work; 503 with
 * the reasons when it cannot).
 */
export class OpsServer implements Service {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, host: string) {
    this.#server = server;
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
  }

  /** @throws {OpsServerError} `CANNOT_LISTEN`, above all when the port is taken */
  static async listen(
    options: { host?: string; port: number },
    modules: OpsServerModules,
  ): Promise<OpsServer> {
    const { host = '127.0.0.1', port } = options;
    const server = createServer(async (request, response) => {
      const { status, type, text } = await answer(request.url ?? '/', modules).catch((error: unknown) => ({
        status: 500,
        type: TEXT,
        text: `${errorMessage(error)}\n`,
      }));
      response.writeHead(status, { 'content-type': type }).end(text);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) =>
        reject(
          new OpsServerError(
            'CANNOT_LISTEN',
            `cannot serve metrics on ${host}, port ${port} (${cause.message}): choose another.`,
            { host, port },
            { cause },
          ),
        ),
      );
      server.listen(port, host, resolve);
    });
    return new OpsServer(server, host);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

async function answer(
  path: string,
  { metrics, problems }: OpsServerModules,
): Promise<{ status: number; type: string; text: string }> {
  switch (path.split('?')[0]) {
    case '/metrics':
      return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', text: await metrics() };
    case '/healthz':
      return { status: 200, type: TEXT, text: 'ok\n' };
    case '/readyz': {
      const found = await problems();
      return found.length === 0
        ? { status: 200, type: TEXT, text: 'ready\n' }
        : { status: 503, type: TEXT, text: `${found.join('\n')}\n` };
    }
    default:
      return { status: 404, type: TEXT, text: 'there are /metrics, /healthz and /readyz\n' };
  }
}
