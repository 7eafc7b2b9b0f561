import type { HttpServer } from './http-server.js';

/** Free neighbours are found at once nearly always. */
const MAX_ATTEMPTS = 50;

/**
 * Opens a port and the one above it, where web3.js looks for websockets.
 * @param port - 0 picks one that is free and has a free one above it
 * @param open - is told which port to open; 0 for any
 * @throws {RpcServerError} when one of the two cannot be had
 */
export async function openPorts(
  port: number,
  open: (port: number) => Promise<HttpServer>,
): Promise<[http: HttpServer, above: HttpServer]> {
  for (let attempt = 1; ; attempt++) {
    const http = await open(port);
    try {
      return [http, await open(http.port + 1)];
    } catch (error) {
      await http.close();
      if (port !== 0 || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
