import type { AddressInfo, Server } from 'node:net';
import { errorMessage } from '@polyproof/base';
import { RpcServerError } from '../errors.js';

/**
 * Starts to listen; resolves to the port.
 * @param port - 0 picks a free one
 * @throws {RpcServerError} PORT_IN_USE when another process listens on the port
 */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenError(error, host, port));
    server.once('error', onError);
    server.listen(port, host, () => {
      server.off('error', onError);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** A host as it stands in a URL. */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
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
